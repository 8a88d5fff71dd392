import { assert, describe, it } from "@effect/vitest"
import { meanAndError, ratioOfMeans } from "../../../src/domain/metrics/MeanAndError.ts"

describe("a mean and its error", () => {
  it("by hand", () => {
    assert.deepStrictEqual(meanAndError([1, 3, 5, 7]), { mean: 4, standardError: Math.sqrt(20 / 3 / 4), count: 4 })
    assert.isNaN(meanAndError([2]).standardError)
    assert.throws(() => meanAndError([]), RangeError)
  })

  it("keeps its digits on a large offset", () => {
    assert.closeTo(meanAndError([1e9 + 1, 1e9 + 3]).standardError, 1, 1e-9)
  })

  it("passes its relative error on to a quotient", () => {
    const { value, standardError } = ratioOfMeans(
      { mean: 6, standardError: 0.3, count: 9 },
      { mean: -2, standardError: 0.1, count: 9 }
    )
    assert.strictEqual(value, -3)
    assert.closeTo(standardError, 3 * Math.hypot(0.05, 0.05), 1e-12)
  })
})
