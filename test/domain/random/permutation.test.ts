import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
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

  it("gives every order of four things equally often", () => {
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
  })
})
