import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { randomWords } from "../../../src/domain/random/noise.ts"
import { permutation } from "../../../src/domain/random/permutation.ts"

const key = { seed: 1, stream: "data/order", step: 0 }

describe("permutation", () => {
  it("holds each index once", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(300), (seed, count) => {
        const sorted = permutation({ ...key, seed }, count).sort()
        assert.deepStrictEqual(
          Array.from(sorted),
          Array.from({ length: count }, (_, i) => i)
        )
      })
    )
  })

  it("is the same for the same key and another for another step", () => {
    assert.deepStrictEqual(permutation(key, 50), permutation(key, 50))
    assert.notDeepEqual(permutation(key, 50), permutation({ ...key, step: 1 }, 50))
  })

  it("is the plain shuffle of its words, without those that would favour some, and never takes one twice", () => {
    const [count, rejected] = [30_000, { seed: 976, stream: "data/order", step: 0 }]
    const words = Array.from(randomWords(rejected, count + 10), (word) => word >>> 0)
    const order = Array.from({ length: count }, (_, i) => i)
    let taken = 0
    for (let choices = count; choices > 1; choices--) {
      const whole = Math.floor(2 ** 32 / choices)
      while ((words[taken] ?? Number.NaN) >= whole * choices) taken++
      const word = words[taken++] ?? Number.NaN
      const chosen = word % choices
      const [last = 0, other = 0] = [order[choices - 1], order[chosen]]
      order[choices - 1] = other
      order[chosen] = last
    }
    // Two words are rejected, so that the last draw is of a word past the first `count`; it is odd, unlike a word that is not there.
    assert.strictEqual(taken, count + 1)
    const found = permutation(rejected, count)
    assert.strictEqual(
      order.findIndex((index, i) => index !== found[i]),
      -1
    )
  })

  // Of so few things hardly any word is rejected: this is of the shuffle, the test above of rejection.
  it("gives every order of four things about equally often", () => {
    const draws = 24_000
    const counts = new Map<string, number>()
    for (let step = 0; step < draws; step++) {
      const order = permutation({ ...key, step }, 4).join()
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    assert.strictEqual(counts.size, 24)
    let chiSquare = 0
    for (const observed of counts.values()) chiSquare += (observed - draws / 24) ** 2 / (draws / 24)
    // 23 degrees of freedom: exceeded once in a thousand.
    assert.isBelow(chiSquare, 49.73)
  })

  it("throws for a count that is none", () => {
    assert.throws(() => permutation(key, -1), RangeError, "not -1")
    assert.throws(() => permutation(key, 1.5), RangeError, "not 1.5")
    assert.throws(
      () => permutation(key, 2 ** 32 + 1),
      RangeError,
      "Only 0 to 2^32 things can be put in order, not 4294967297"
    )
  })
})
