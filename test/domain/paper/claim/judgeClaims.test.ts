import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import type { Evidence } from "../../../../src/domain/paper/claim/evidence.ts"
import { judgeClaims } from "../../../../src/domain/paper/claim/judgeClaims.ts"
import { ClaimResult } from "../../../../src/domain/paper/report/Results.ts"
import { about, courseOf, evidence, measuresWith, numbersWith } from "./examples.ts"

/** Trainings for which all of the paper's claims hold. */
const all: ReadonlyArray<Evidence> = [
  evidence("paper", { numbers: numbersWith() }),
  evidence("baseline", { measures: measuresWith({ sharpness: about(0.7), greyness: about(1.3) }) }),
  evidence("four-filters", {
    measures: measuresWith({ confidence: about(0.8) }),
    numbers: numbersWith({ later: 0.9 })
  }),
  evidence("zero-canvas", { course: courseOf([60, 80, 90]), collapsed: true })
]

/** Of the proposed model only 0 and 1 are drawn, so that 4 x 4 filters show more. */
const twoClasses = measuresWith({
  classHistogram: [0.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0],
  classEntropy: Math.LN2
})

const verdicts = (experiments: ReadonlyArray<Evidence>): Readonly<Record<string, string>> =>
  Object.fromEntries(judgeClaims(experiments).map(({ id, verdict }) => [id, verdict]))

const changed = (name: string, changes: Partial<Evidence>): ReadonlyArray<Evidence> =>
  all.map((each) => (each.name === name ? { ...each, ...changes } : each))

describe("the claims", () => {
  it("hold where everything is as the paper says, in any order of the trainings", () => {
    const good = changed("paper", { measures: twoClasses })
    assert.deepStrictEqual(new Set(Object.values(verdicts(good))), new Set(["holds"]))
    assert.deepStrictEqual(judgeClaims(good.toReversed()), judgeClaims(good))
    assert.deepStrictEqual(Object.keys(verdicts(good)), ["C1", "C2", "C3", "C4", "C5", "C6"])
  })

  it("are results of the report, as JSON too", () => {
    const results = judgeClaims(all)
    const Claims = Schema.fromJsonString(Schema.Array(ClaimResult))
    const decoded = Schema.decodeUnknownSync(Claims)(Schema.encodeSync(Claims)(results))
    assert.deepStrictEqual(decoded, results)
    for (const { statement, reason, measures } of results) {
      assert.isAbove(statement.length, 40)
      assert.isAbove(reason.length, 40)
      assert.isNotEmpty(measures)
    }
  })

  it("are unclear where nothing was trained, and say what is missing", () => {
    for (const { verdict, reason } of judgeClaims([])) {
      assert.strictEqual(verdict, "unclear")
      assert.include(reason, '"paper" has not been trained')
      assert.include(reason, "nothing to judge by")
    }
    const withoutBaseline = judgeClaims(all.filter(({ name }) => name !== "baseline"))
    assert.include(withoutBaseline[0]?.reason, '"baseline" has not been trained')
    assert.strictEqual(withoutBaseline[0]?.verdict, "unclear")
    assert.strictEqual(withoutBaseline[3]?.verdict, "holds")
  })

  it("are unclear of unfinished trainings, and say how far they are", () => {
    const found = judgeClaims(changed("paper", { updates: 40 }))
    for (const { verdict, reason } of found) {
      assert.strictEqual(verdict, "unclear")
      assert.include(reason, "40 of its 100 updates")
    }
  })

  it("about what a generator draws set collapsed trainings aside; that about stability counts them", () => {
    const found = judgeClaims(changed("paper", { collapsed: true }))
    for (const { id, reason, verdict } of found) {
      assert.strictEqual(verdict, "unclear", id)
      if (id !== "C6") assert.include(reason, '"paper" collapsed with seed 0')
    }
    // A second seed that stands is judged alone.
    const second = judgeClaims([
      ...changed("paper", { collapsed: true }),
      evidence("paper", { seed: 1, numbers: numbersWith() })
    ])
    assert.strictEqual(second[3]?.verdict, "holds")
  })

  it("of several seeds are judged by all together and by each alone, where everything compared has that seed", () => {
    const second = all.map((each) => ({ ...each, seed: 1 }))
    const seeds = (experiments: ReadonlyArray<Evidence>) =>
      Object.fromEntries(judgeClaims(experiments).map((claim) => [claim.id, claim.seeds]))
    assert.deepStrictEqual(
      seeds(all),
      Object.fromEntries(["C1", "C2", "C3", "C4", "C5", "C6"].map((id) => [id, undefined]))
    )
    const twice = [...second, ...all]
    for (const [id, each] of Object.entries(seeds(twice))) {
      const alone = judgeClaims(all).find((claim) => claim.id === id)?.verdict ?? "unclear"
      assert.deepStrictEqual(
        each,
        [0, 1].map((seed) => ({ seed, verdict: alone })),
        id
      )
    }
    // No baseline of the second seed, and a proposed model of it whose later latents decide.
    const unlike = [
      ...all,
      ...second
        .filter(({ name }) => name !== "baseline")
        .map((each) => (each.name === "paper" ? { ...each, numbers: numbersWith({ later: 0.9 }) } : each))
    ]
    const found = seeds(unlike)
    assert.isUndefined(found["C1"])
    assert.deepStrictEqual(
      found["C4"]?.map(({ verdict }) => verdict),
      ["holds", "does not hold"]
    )
    // An unfinished training says nothing; a collapsed one nothing of what a generator draws.
    assert.isUndefined(seeds([...all, ...second.map((each) => ({ ...each, updates: 1 }))])["C4"])
    const fallen = seeds([...all, ...second.map((each) => ({ ...each, collapsed: true }))])
    assert.deepStrictEqual(
      fallen["C4"]?.map(({ verdict }) => verdict),
      ["holds", "unclear"]
    )
  })

  it("each have a rule and a finding in words, and of several seeds the numbers of each", () => {
    const twice = [...all, ...all.map((each) => ({ ...each, seed: 1 }))]
    for (const { id, rule = "", finding = "", measures } of judgeClaims(twice)) {
      assert.match(rule, /^Holds if [^.]*(\d\.\d[^.]*)*\.$/, id)
      assert.match(finding, /^(Seen|Not seen|Not certain): .*\.$/, id)
      for (const { name, values } of measures) assert.strictEqual(values?.length, 2, name)
    }
    assert.strictEqual(judgeClaims([])[0]?.finding, "There is nothing to judge by.")
  })

  it("about steps are unclear where nothing was sampled", () => {
    const { numbers: _, ...paper } = evidence("paper")
    for (const { id, verdict, reason } of judgeClaims([paper])) {
      assert.strictEqual(verdict, "unclear")
      if (["C2", "C4", "C5"].includes(id)) assert.include(reason, "Nothing was sampled")
    }
  })
})
