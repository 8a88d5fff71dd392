import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { experimentGroups, overSeeds } from "../../../../src/domain/paper/report/experimentGroup.ts"
import { experimentOf } from "../../../support/resultsFixture.ts"

describe("experimentGroups", () => {
  it("keeps the order of experiments and sorts their seeds; every run is in one group", () => {
    const runs = [
      experimentOf("paper", 0.8, { seed: 2 }),
      experimentOf("baseline", 0.7),
      experimentOf("paper", 0.8, { seed: 0 }),
      { ...experimentOf("paper", 0.5), name: "my own" }
    ]
    assert.deepStrictEqual(
      experimentGroups(runs).map(({ title, runs: members }) => [title, members.map(({ seed }) => seed)]),
      [
        ["Proposed model", [0, 2]],
        ["Baseline GAN", [0]],
        ["my own", [0]]
      ]
    )
  })
})

describe("overSeeds", () => {
  const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 8 })

  it("moves and stretches with the values", () => {
    fc.assert(
      fc.property(values, fc.double({ min: -5, max: 5, noNaN: true }), (numbers, by) => {
        const [before, after] = [overSeeds(numbers), overSeeds(numbers.map((value) => by * value + 7))]
        assert.closeTo(after.mean, by * before.mean + 7, 1e-9)
        assert.closeTo(after.deviation ?? Number.NaN, Math.abs(by) * (before.deviation ?? Number.NaN), 1e-9)
      })
    )
  })

  it("divides squares by one less than there are, and has no spread of one", () => {
    assert.deepStrictEqual(overSeeds([1, 3]), { mean: 2, deviation: Math.SQRT2 })
    assert.deepStrictEqual(overSeeds([5]), { mean: 5 })
  })
})
