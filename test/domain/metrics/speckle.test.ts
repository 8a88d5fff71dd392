import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { speckle } from "../../../src/domain/metrics/speckle.ts"
import { assertFails, float64 } from "./samples.ts"

const speckleOf = (...images: Parameters<typeof speckle>) => Result.getOrThrow(speckle(...images)).mean

/** An image `[1, 1, 6, 7]`. */
const image = (values: ReadonlyArray<number>) => float64([1, 1, 6, 7], [...values])
const pixels = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 42, maxLength: 42 })
const drawn = (f: (row: number, column: number) => number) =>
  image(Array.from({ length: 42 }, (_, at) => f(Math.floor(at / 7), at % 7)))

describe("speckle", () => {
  it("by hand: all of a dot, a hole by its depth, and the mean over images", () => {
    assert.strictEqual(speckleOf(drawn((row, column) => (row === 2 && column === 3 ? 1 : 0))), 1)
    assert.strictEqual(speckleOf(float64([1, 1, 3, 3], [1, 1, 1, 1, 0.5, 1, 1, 1, 1])), 0.5 / 8.5)
    assert.strictEqual(speckleOf(float64([2, 1, 1, 2], [1, 0, 0, 0])), 1 / 2 + 1 / 2)
    assert.strictEqual(speckleOf(float64([1, 1, 1, 1], [1])), 0)
    assert.strictEqual(speckleOf(float64([1, 2, 1, 2], [1, 1, 0, 0])), 0)
  })

  it("is none of strokes two pixels wide, edges and ramps, hard or soft", () => {
    for (const found of [
      drawn((row) => (row === 2 || row === 3 ? 1 : 0)),
      drawn((_, column) => (column > 3 ? 0.7 : 0)),
      drawn((_, column) => column / 6),
      drawn(() => 0)
    ]) {
      assert.strictEqual(speckleOf(found), 0)
    }
  })

  it("does not depend on brightness, and lies between 0 and 8: a hole's neighbours are ink", () => {
    fc.assert(
      fc.property(pixels, fc.double({ min: 0.1, max: 1, noNaN: true }), (values, factor) => {
        const found = speckleOf(image(values))
        assert.approximately(speckleOf(image(values.map((value) => value * factor))), found, 1e-9)
        assert.isAtLeast(found, 0)
        assert.isAtMost(found, 8)
      })
    )
  })

  it("vanishes where every pixel has its like beside it", () => {
    fc.assert(
      fc.property(pixels, (values) => {
        assert.strictEqual(
          speckleOf(
            float64(
              [1, 1, 6, 14],
              values.flatMap((value) => [value, value])
            )
          ),
          0
        )
      })
    )
  })

  it("refuses what is no images", () => {
    assertFails(speckle(float64([2, 2], [0, 1, 0, 1])), /images: expected a tensor \[n, channels, B, A\]/)
  })
})
