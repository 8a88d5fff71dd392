import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { histogramOf } from "../../../src/layers/log/histogram.ts"

const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }), { minLength: 1 })

describe("histogramOf", () => {
  it("counts every number once, in the bucket whose limits enclose it", () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const histogram = histogramOf(values)
        assert.isDefined(histogram)
        if (histogram === undefined) return
        const { min, max, num, bucket, bucketLimit } = histogram
        assert.deepStrictEqual([min, max, num], [Math.min(...values), Math.max(...values), values.length])
        assert.strictEqual(bucketLimit.at(-1), max)
        bucket.reduce((before, count, i) => {
          const below = values.filter((value) => value <= (bucketLimit[i] ?? 0)).length
          // A number within rounding of a limit may be counted on either side of it.
          const near = values.filter((value) => Math.abs(value - (bucketLimit[i] ?? 0)) <= 1e-9 * (max - min)).length
          assert.isAtMost(Math.abs(before + count - below), near)
          return before + count
        }, 0)
        assert.strictEqual(
          bucket.reduce((total, count) => total + count, 0),
          values.length
        )
      })
    )
  })

  it("has its moments", () => {
    const histogram = histogramOf([1, 2, 3])
    assert.deepStrictEqual([histogram?.sum, histogram?.sumSquares], [6, 14])
    assert.deepStrictEqual(histogram?.bucket, [1, ...Array(13).fill(0), 1, ...Array(14).fill(0), 1])
  })

  it("leaves out what is not finite, and is nothing of nothing", () => {
    assert.deepStrictEqual(histogramOf([Number.NaN, 2, Infinity]), histogramOf([2]))
    assert.deepStrictEqual(histogramOf([2, 2])?.bucket, [2])
    assert.isUndefined(histogramOf([]))
    assert.isUndefined(histogramOf([Number.NaN]))
  })
})
