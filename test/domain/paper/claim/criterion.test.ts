import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  type Criterion,
  findingOf,
  sentenceOf,
  verdictOf,
  worstOf
} from "../../../../src/domain/paper/claim/criterion.ts"
import type { Verdict } from "../../../../src/domain/paper/report/Results.ts"
import { rankOf } from "./examples.ts"

const number = fc.double({ min: -5, max: 5, noNaN: true })
const positive = fc.double({ min: 0, max: 3, noNaN: true })

const criteria: fc.Arbitrary<Criterion> = fc
  .record({ value: number, margin: positive, bound: number, gap: positive, high: fc.boolean() })
  .map(({ value, margin, bound, gap, high }) => ({
    what: "the number",
    meaning: "it is so",
    estimate: { value, margin, seeds: 1 },
    wanted: high ? "high" : "low",
    holds: bound,
    fails: high ? bound - gap : bound + gap
  }))

const withValue = (criterion: Criterion, value: number, margin = criterion.estimate.margin): Criterion => ({
  ...criterion,
  estimate: { ...criterion.estimate, value, margin }
})

const rank = (criterion: Criterion): number => rankOf({ verdict: verdictOf(criterion) })

describe("the verdict on a criterion", () => {
  const high: Criterion = {
    what: "it",
    meaning: "it is high",
    estimate: { value: 1, margin: 0.2, seeds: 1 },
    wanted: "high",
    holds: 0.5,
    fails: 0
  }

  it("by hand", () => {
    const verdicts: ReadonlyArray<readonly [number, Verdict]> = [
      [0.71, "holds"],
      [0.69, "unclear"],
      [0.25, "unclear"],
      [-0.19, "unclear"],
      [-0.21, "does not hold"],
      [Number.NaN, "unclear"]
    ]
    for (const [value, verdict] of verdicts) {
      assert.strictEqual(verdictOf(withValue(high, value)), verdict, `${value}`)
      const low: Criterion = { ...withValue(high, -value), wanted: "low", holds: -0.5, fails: -0 }
      assert.strictEqual(verdictOf(low), verdict, `${-value}, low`)
    }
    assert.strictEqual(verdictOf(withValue(high, 9, Number.NaN)), "unclear")
  })

  it("is never worse for a better number", () => {
    fc.assert(
      fc.property(criteria, positive, (criterion, step) => {
        const better = criterion.estimate.value + (criterion.wanted === "high" ? step : -step)
        assert.isAtLeast(rank(withValue(criterion, better)), rank(criterion))
      })
    )
  })

  it("is unclear within the margin of a bound and between the bounds", () => {
    fc.assert(
      fc.property(criteria, fc.double({ min: -0.99, max: 0.99, noNaN: true }), (criterion, part) => {
        fc.pre(criterion.estimate.margin > 1e-6)
        for (const bound of [criterion.holds, criterion.fails]) {
          const near = withValue(criterion, bound + part * criterion.estimate.margin)
          assert.strictEqual(verdictOf(near), "unclear")
        }
        assert.strictEqual(verdictOf(withValue(criterion, (criterion.holds + criterion.fails) / 2)), "unclear")
      })
    )
  })

  it("is never more definite with a wider margin, and an excuse only ever turns a refusal into doubt", () => {
    fc.assert(
      fc.property(criteria, positive, (criterion, wider) => {
        const { value, margin } = criterion.estimate
        const doubtful = verdictOf(withValue(criterion, value, margin + wider))
        assert.include(["unclear", verdictOf(criterion)], doubtful)
        const excused = verdictOf({ ...criterion, excuse: "of noise" })
        assert.strictEqual(excused, verdictOf(criterion) === "holds" ? "holds" : "unclear")
      })
    )
  })

  it("is said in a sentence with the bounds, the number and its margin", () => {
    assert.strictEqual(sentenceOf(high), "It must lie above 0.5 (broken below 0) and is 1 ± 0.2: holds.")
    assert.strictEqual(
      sentenceOf({ ...withValue(high, -1, 0), excuse: "it may be noise" }),
      "It must lie above 0.5 (broken below 0) and is -1: unclear, since it may be noise."
    )
    assert.strictEqual(
      sentenceOf({ ...high, wanted: "low", holds: 0.5, fails: 0.5 }),
      "It must lie below 0.5 and is 1 ± 0.2: does not hold."
    )
  })
})

it("what criteria came to is said in words: what is seen, what is not, and what is not certain", () => {
  const with_ = (meaning: string, value: number): Criterion => ({
    what: "it",
    meaning,
    estimate: { value, margin: 0.1, seeds: 1 },
    wanted: "high",
    holds: 1,
    fails: 0
  })
  assert.strictEqual(
    findingOf([with_("it is light", 2), with_("it is dry", -1), with_("it is warm", 3), with_("it is late", 0.5)]),
    "Seen: it is light; it is warm. Not seen: it is dry. Not certain: it is late."
  )
  assert.strictEqual(findingOf([with_("it is light", 2), with_("it is light", 3)]), "Seen: it is light.")
})

it("the worst of verdicts decides, and none are unclear", () => {
  assert.strictEqual(worstOf([]), "unclear")
  assert.strictEqual(worstOf(["holds", "holds"]), "holds")
  assert.strictEqual(worstOf(["holds", "unclear"]), "unclear")
  assert.strictEqual(worstOf(["unclear", "does not hold", "holds"]), "does not hold")
})
