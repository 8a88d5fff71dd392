import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { resizeImages } from "../../../src/domain/metrics/resizeImages.ts"
import { assertClose } from "../../support/assertClose.ts"
import { float64, generated, normalSamples } from "./samples.ts"

describe("resized images", () => {
  it("keep what is even, their order and, of the same size, themselves", () => {
    const side = fc.integer({ min: 1, max: 12 })
    fc.assert(
      fc.property(side, side, side, side, (rows, columns, height, width) => {
        const even = generated([2, 2, rows, columns], (i) => Math.floor(i / (rows * columns)) / 4)
        const { shape, values } = resizeImages(even, height, width)
        assert.deepStrictEqual([...shape], [2, 2, height, width])
        assertClose(
          values,
          Array.from({ length: values.length }, (_, i) => Math.floor(i / (height * width)) / 4),
          1e-6
        )
      })
    )
    const own = normalSamples(1, "own", [1, 1, 3, 4])
    assert.strictEqual(resizeImages(own, 3, 4), own)
  })

  it("are sums over all pixels by the kernel that Pillow's bicubic resampling has, smaller and larger", () => {
    const line = float64([1, 1, 1, 6], [0, 1, 2, 5, 3, 0])
    const kernel = (x: number) => {
      const d = Math.abs(x)
      return d < 1 ? 1.5 * d ** 3 - 2.5 * d ** 2 + 1 : d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0
    }
    for (const width of [1, 2, 3, 4, 9, 12]) {
      const scale = 6 / width
      const expected = Array.from({ length: width }, (_, at) => {
        const weights = Array.from({ length: 6 }, (_, i) => kernel((i + 0.5 - (at + 0.5) * scale) / Math.max(scale, 1)))
        const total = weights.reduce((a, b) => a + b, 0)
        return weights.reduce((sum, weight, i) => sum + (weight * (line.values[i] ?? 0)) / total, 0)
      })
      assertClose(resizeImages(line, 1, width).values, expected, 1e-6)
    }
  })

  it("shrink without dropping pixels: a fine pattern becomes its mean", () => {
    const board = generated([1, 1, 16, 16], (i) => (i + Math.floor(i / 16)) % 2)
    const small = resizeImages(board, 4, 4).values
    for (const value of small) assert.closeTo(value, 0.5, 0.03)
  })
})
