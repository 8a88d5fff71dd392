import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { interleave, ratioByRound, summarise, timed } from "./harness.ts"

const times = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 })

describe("summarise", () => {
  it("interpolates the quantiles of a known sample", () => {
    assert.deepStrictEqual(summarise([4, 1, 3, 2]), { median: 2.5, quartiles: [1.75, 3.25], least: 1, count: 4 })
    assert.deepStrictEqual(summarise([7]), { median: 7, quartiles: [7, 7], least: 7, count: 1 })
  })

  it("orders least, lower quartile, median, upper quartile, and does not depend on the order of the values", () => {
    fc.assert(
      fc.property(times, (values) => {
        const { least, quartiles, median } = summarise(values)
        assert.deepStrictEqual(
          [least, ...quartiles, median].toSorted((a, b) => a - b),
          [least, quartiles[0], median, quartiles[1]]
        )
        assert.deepStrictEqual(summarise(values.toReversed()), summarise(values))
      })
    )
  })

  it("refuses an empty sample", () => {
    assert.throws(() => summarise([]), RangeError)
  })
})

describe("ratioByRound", () => {
  it("is not moved by a machine that is slower in some rounds, if it is for both", () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 2, max: 20 }), (rounds, factor) => {
        const fast = rounds.map((slowness) => [slowness, slowness])
        const slow = rounds.map((slowness) => [slowness * factor])
        const { median, quartiles } = ratioByRound(slow, fast)
        for (const ratio of [median, ...quartiles]) assert.closeTo(ratio, factor, 1e-9)
      })
    )
  })
})

describe("interleave", () => {
  it.effect("gives turns A B A B, and every contestant its own times", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const turn = (name: string) => Effect.sync(() => [log.push(name)])
      const taken = yield* interleave(2, { a: turn("a"), b: turn("b") })
      assert.deepStrictEqual(log, ["a", "b", "a", "b"])
      assert.deepStrictEqual(taken, { a: [[1], [3]], b: [[2], [4]] })
    })
  )
})

describe("timed", () => {
  it.effect("repeats at least once, and at most as often as allowed", () =>
    Effect.gen(function* () {
      const seen: Array<number> = []
      const note = (i: number) => Effect.sync(() => seen.push(i))
      assert.strictEqual((yield* timed({ most: 3, seconds: Number.POSITIVE_INFINITY }, note)).length, 3)
      assert.strictEqual((yield* timed({ most: 3, seconds: 0 }, note)).length, 1)
      assert.deepStrictEqual(seen, [0, 1, 2, 0])
    })
  )
})
