import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { judgeMarginalCanvas } from "../../../../src/domain/paper/claim/marginalCanvas.ts"
import { courseOf, evidence, rankOf } from "./examples.ts"

interface Course {
  readonly distances: ReadonlyArray<number>
  readonly collapsed?: boolean
}

const judged = (marginals: Course, zero: Course) =>
  judgeMarginalCanvas([
    evidence("paper", { course: courseOf(marginals.distances), collapsed: marginals.collapsed ?? false }),
    evidence("zero-canvas", { course: courseOf(zero.distances), collapsed: zero.collapsed ?? false })
  ])

describe("C6", () => {
  const falling = [40, 20, 10]

  it("holds if learning from zero is slower and collapses, or falls back", () => {
    assert.strictEqual(judged({ distances: falling }, { distances: [40, 80, 90], collapsed: true }).verdict, "holds")
    assert.strictEqual(judged({ distances: falling }, { distances: [60, 30, 60] }).verdict, "holds")
    assert.strictEqual(judged({ distances: falling }, { distances: [60, 40, 30] }).verdict, "unclear")
  })

  it("does not hold if it is faster, or steadier", () => {
    assert.strictEqual(judged({ distances: falling }, { distances: [20, 10, 5] }).verdict, "does not hold")
    assert.strictEqual(judged({ distances: [40, 10, 30] }, { distances: [90, 80, 70] }).verdict, "does not hold")
    const collapsed = judged({ distances: falling, collapsed: true }, { distances: [90, 80, 70] })
    assert.strictEqual(collapsed.verdict, "does not hold")
  })

  const times = (factor: number) => falling.map((distance) => distance * factor)

  it("turns at a tenth of the distance: of the pace, and of the largest relapse", () => {
    const paced = (factor: number, collapsed = true) =>
      judged({ distances: falling }, { distances: times(factor), collapsed }).verdict
    assert.deepStrictEqual([paced(1.09), paced(1.11)], ["unclear", "holds"])
    assert.deepStrictEqual([paced(1 / 1.09), paced(1 / 1.11)], ["unclear", "does not hold"])
    const relapsed = (own: number, ofZero: number) =>
      judged({ distances: [40, 20, 20 * own] }, { distances: [90, 60, 60 * ofZero] }).verdict
    assert.deepStrictEqual([relapsed(1, 1.09), relapsed(1, 1.11)], ["unclear", "holds"])
    assert.deepStrictEqual([relapsed(1.09, 1), relapsed(1.11, 1)], ["unclear", "does not hold"])
  })

  it("is at best unclear if both collapse", () => {
    const slow = { distances: [60, 30, 60], collapsed: true }
    assert.strictEqual(judged({ distances: falling, collapsed: true }, slow).verdict, "unclear")
  })

  it("compares the epochs that both have, whatever their order", () => {
    const course = courseOf(falling)
    const zero = courseOf([60, 30, 60, 1])
    const results = [
      [course, zero],
      [course.toReversed(), zero],
      [course, zero.toReversed()]
    ].map(([paper = [], other = []]) =>
      judgeMarginalCanvas([evidence("paper", { course: paper }), evidence("zero-canvas", { course: other })])
    )
    for (const result of results) assert.deepStrictEqual(result, results[0])
    assert.isTrue(results[0]?.measures.some(({ name }) => name.includes("over 3 epochs")))
  })

  it("is unclear without two epochs in common", () => {
    const { reason, verdict } = judged({ distances: [10] }, { distances: [90, 80] })
    assert.strictEqual(verdict, "unclear")
    assert.include(reason, "Fewer than two epochs")
  })

  it("is never worse if learning from zero was slower at all epochs by one factor", () => {
    const course = fc.array(fc.double({ min: 1, max: 100, noNaN: true }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(course, course, fc.double({ min: 1, max: 5, noNaN: true }), (marginals, zero, factor) => {
        const before = rankOf(judged({ distances: marginals }, { distances: zero }))
        const slower = zero.map((distance) => distance * factor)
        assert.isAtLeast(rankOf(judged({ distances: marginals }, { distances: slower })), before)
      })
    )
  })
})
