import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { memorisation } from "../../../src/domain/metrics/memorisation.ts"
import { compareNearness } from "../../../src/domain/metrics/nearnessComparison.ts"
import { generated } from "./samples.ts"

const distances = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 20 })

describe("the comparison of nearest distances", () => {
  it("gives the numbers of memorisation", () => {
    fc.assert(
      fc.property(distances, distances, (own, test) => {
        // Points on a line, the only training image at its origin: each one's distance is its place.
        const line = (places: ReadonlyArray<number>) => generated([places.length, 1], (i) => places[i] ?? 0)
        const { ratio, nearerThanTest } = Result.getOrThrow(memorisation(line(own), line([0]), line(test)))
        const found = compareNearness(Float64Array.from(own), Float64Array.from(test))
        assert.closeTo(found.ratio, ratio, 1e-12)
        assert.closeTo(found.nearerThanTest, nearerThanTest, 1e-12)
      })
    )
  })

  it("tells copies by a ratio of 0, and is even-handed", () => {
    assert.deepStrictEqual(compareNearness(Float64Array.of(0, 0), Float64Array.of(2, 4)), {
      ratio: 0,
      nearerThanTest: 1
    })
    fc.assert(
      fc.property(distances, distances, (own, test) => {
        const [a, b] = [Float64Array.from(own), Float64Array.from(test)]
        assert.closeTo(compareNearness(a, b).nearerThanTest + compareNearness(b, a).nearerThanTest, 1, 1e-12)
        assert.closeTo(compareNearness(a, a).nearerThanTest, 0.5, 1e-12)
      })
    )
  })
})
