import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { experimentGroups, overSeeds, shownText } from "../../../../src/domain/paper/report/experimentGroup.ts"
import { experimentOf, measuresOf } from "../../../support/resultsFixture.ts"

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

describe("the training that is shown of an experiment", () => {
  const at = (seed: number, frechetDistance: number, changes = {}) =>
    experimentOf("paper", 0.8, { seed, measures: measuresOf(0.8, { frechetDistance }), ...changes })
  const shownOf = (runs: Parameters<typeof experimentGroups>[0]) => experimentGroups(runs)[0]

  it("is the median by Fréchet distance, of an even number the better of the middle two", () => {
    assert.strictEqual(shownOf([at(0, 90), at(1, 60), at(2, 144)])?.shown.seed, 0)
    assert.strictEqual(shownOf([at(0, 90), at(1, 60), at(2, 144), at(3, 70)])?.shown.seed, 3)
    assert.strictEqual(shownOf([at(7, 90)])?.shown.seed, 7)
  })

  it("has come to its end, where any has", () => {
    const unfinished = { updates: 1 }
    assert.strictEqual(shownOf([at(0, 90, unfinished), at(1, 60), at(2, 99, unfinished)])?.shown.seed, 1)
    assert.strictEqual(shownOf([at(0, 90, unfinished), at(1, 60, unfinished)])?.shown.seed, 1)
  })

  it("has not collapsed, where any has not: three black sheets of five say nothing of the other two", () => {
    const collapsed = { collapsed: true }
    const three = [at(0, 602, collapsed), at(1, 601, collapsed), at(2, 199), at(3, 164), at(4, 602, collapsed)]
    const group = shownOf(three)
    if (group === undefined) return assert.fail("no group")
    assert.strictEqual(group.shown.seed, 3)
    const of2 = "of the 2 of 5 seeds that did not collapse the better by Fréchet distance"
    assert.include(shownText(group), `Proposed model, seed 3: ${of2}`)
    const one = shownOf([at(0, 602, collapsed), at(1, 199)])
    if (one === undefined) return assert.fail("no group")
    assert.strictEqual(shownText(one), "Proposed model, seed 1: of 2 seeds the only one that did not collapse.")
    const none = shownOf([at(0, 602, collapsed), at(1, 553, collapsed), at(2, 600, collapsed)])
    if (none === undefined) return assert.fail("no group")
    assert.strictEqual(none.shown.seed, 2)
    assert.include(shownText(none), "of 3 seeds the median by Fréchet distance")
    // One that is still being trained counts for neither.
    assert.strictEqual(shownOf([at(0, 602, collapsed), at(1, 60, { updates: 1 })])?.shown.seed, 0)
  })

  it("says which it is, and why", () => {
    const [group, alone] = [shownOf([at(0, 90), at(1, 60), at(2, 144)]), shownOf([at(2, 144)])]
    if (group === undefined || alone === undefined) return assert.fail("no group")
    assert.strictEqual(
      shownText(group),
      "Proposed model, seed 0: of 3 seeds the median by Fréchet distance, 90 (60 to 144)."
    )
    assert.strictEqual(shownText(alone), "Proposed model, seed 2.")
    const two = shownOf([at(0, 90), at(1, 60)])
    if (two === undefined) return assert.fail("no group")
    assert.include(shownText(two), "seed 1: of 2 seeds the better by Fréchet distance, 60 and 90.")
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
