import { assert, describe, it } from "@effect/vitest"
import { classifierSkill, classifierWarning } from "../../../src/domain/metrics/ClassifierRecord.ts"

const record = (testAccuracy: number, commonestShare: number) => ({
  epochs: 8,
  testAccuracy,
  testImages: 600,
  commonestShare
})

describe("the warning about a poor classifier", () => {
  it("comes where less than half of the errors of always naming one class are gone", () => {
    assert.isUndefined(classifierWarning(record(0.56, 0.1)))
    assert.match(classifierWarning(record(0.54, 0.1)) ?? "", /names 54\.0% of 600 test images .* would give 10\.0%/)
    // Right nine times of ten, and no better than one who does not look.
    assert.isDefined(classifierWarning(record(0.9, 0.9)))
    assert.isUndefined(classifierWarning(record(0.96, 0.9)))
    assert.isDefined(classifierWarning(record(1, 1)))
  })

  it("is not given of records that do not say what chance is", () => {
    assert.isUndefined(classifierWarning({ epochs: 8, testAccuracy: 0.1 }))
  })

  it("measures skill from 0 at chance to 1", () => {
    assert.closeTo(classifierSkill(0.4, 0.4), 0, 1e-12)
    assert.strictEqual(classifierSkill(1, 0.4), 1)
    assert.isBelow(classifierSkill(0.05, 0.1), 0)
  })
})
