import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { brokenBound, recentMean } from "../../../src/domain/sweep/earlyStopping.ts"
import { goesOn, type Halving, type PointReport, rungsOf } from "../../../src/domain/sweep/successiveHalving.ts"

const updates = 100
const rung = 20
const ruleOf = (goal: Halving["goal"], factor: number): Halving => ({ measure: "loss", goal, factor, rungs: [rung] })
/** Points that have come to the rung, each with a value there. */
const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 30 })
const reportsOf = (of: ReadonlyArray<number>): ReadonlyArray<PointReport> =>
  of.map((loss, i) => ({ id: `p${i}`, update: rung, measures: { loss } }))
const rules = fc.tuple(fc.constantFrom("lowest" as const, "highest" as const), fc.integer({ min: 2, max: 5 }))

describe("successive halving", () => {
  const property = (name: string, holds: (of: ReadonlyArray<number>, rule: Halving) => void) =>
    it(name, () =>
      fc.assert(
        fc.property(values, rules, (of, [goal, factor]) => holds(of, ruleOf(goal, factor))),
        { numRuns: 200 }
      )
    )
  const staying = (of: ReadonlyArray<number>, rule: Halving) =>
    of.flatMap((value, i) => (goesOn(rule, rung, reportsOf(of), `p${i}`, updates) ? [value] : []))

  property("keeps the best, and as many as the factor says, where all are judged at once", (of, rule) => {
    const order = of.toSorted((a, b) => (rule.goal === "lowest" ? a - b : b - a))
    const kept = Math.ceil(of.length / rule.factor)
    // Equals are all kept.
    const worst = order[kept - 1] ?? 0
    const expected = order.filter((value) => (rule.goal === "lowest" ? value <= worst : value >= worst))
    assert.deepStrictEqual(
      staying(of, rule).toSorted((a, b) => a - b),
      expected.toSorted((a, b) => a - b)
    )
  })

  property("lets the first that comes go on, and never stops the best so far", (of, rule) => {
    of.forEach((value, i) => {
      const sofar = of.slice(0, i + 1)
      const best = rule.goal === "lowest" ? Math.min(...sofar) : Math.max(...sofar)
      if (value === best) assert.isTrue(goesOn(rule, rung, reportsOf(sofar), `p${i}`, updates))
    })
  })

  property("says the same in whatever order reports come, and whatever was reported at other times", (of, rule) => {
    const before: ReadonlyArray<PointReport> = of.map((loss, i) => ({
      id: `p${i}`,
      update: 5,
      measures: { loss: -loss }
    }))
    const late: ReadonlyArray<PointReport> = [{ id: "late", update: rung - 1, measures: { loss: -1000 } }]
    const shuffled = [...late, ...reportsOf(of).toReversed(), ...before]
    of.forEach((_, i) => {
      assert.strictEqual(
        goesOn(rule, rung, shuffled, `p${i}`, updates),
        goesOn(rule, rung, reportsOf(of), `p${i}`, updates)
      )
    })
  })

  property("is kinder to a point the better it is", (of, rule) => {
    const [first = 0, ...others] = of
    const asGood = (value: number) => goesOn(rule, rung, reportsOf([value, ...others]), "p0", updates)
    const better = rule.goal === "lowest" ? first - 7 : first + 7
    if (asGood(first)) assert.isTrue(asGood(better))
  })

  it("has its rungs a factor apart, before the end, and passes who measures nothing", () => {
    assert.deepStrictEqual(rungsOf(10, 3, 300), [10, 30, 90, 270])
    assert.deepStrictEqual(rungsOf(10, 3, 10), [])
    assert.isTrue(goesOn(ruleOf("lowest", 2), rung, [{ id: "a", update: rung, measures: {} }], "a", updates))
  })
})

describe("a bound", () => {
  const stop = { collapse: false, bounds: [{ measure: "loss", update: 50, most: 1 }] }
  const reports = [
    { update: 40, measures: { loss: 100 } },
    { update: 45, measures: { loss: 2 } },
    { update: 50, measures: { loss: 1 } }
  ]

  it("is held against the mean of the last tenth, at its update alone", () => {
    assert.strictEqual(recentMean(reports, "loss", 50, 100), 1.5)
    assert.strictEqual(brokenBound(stop, reports, 50, 100), "loss is 1.50 at update 50, where at most 1 is asked for")
    assert.isUndefined(brokenBound(stop, reports, 45, 100))
    assert.isUndefined(
      brokenBound({ ...stop, bounds: [{ measure: "loss", update: 50, most: 2, least: 1 }] }, reports, 50, 100)
    )
    assert.isUndefined(brokenBound({ ...stop, bounds: [{ measure: "other", update: 50, most: 2 }] }, reports, 50, 100))
  })
})
