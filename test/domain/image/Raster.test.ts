import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { black, enlarge, plainRaster, type Raster, rastersOf, toRgb, white } from "../../../src/domain/image/Raster.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"

const sizes = fc.integer({ min: 1, max: 6 })
const rasters: fc.Arbitrary<Raster> = fc
  .record({ width: sizes, height: sizes, channels: fc.constantFrom(1 as const, 3 as const) })
  .chain(({ width, height, channels }) =>
    fc
      .uint8Array({ minLength: width * height * channels, maxLength: width * height * channels })
      .map((pixels) => ({ width, height, channels, pixels }))
  )

describe("imagesOf", () => {
  it("reads [n, 1, B, A] row by row", () => {
    const images = tensorData([2, 1, 2, 3], Float32Array.from([0, 0.2, 0.4, 0.6, 0.8, 1, 1, 0, 1, 0, 1, 0]))
    assert.deepStrictEqual(rastersOf(images), [
      { width: 3, height: 2, channels: 1, pixels: Uint8Array.from([0, 51, 102, 153, 204, 255]) },
      { width: 3, height: 2, channels: 1, pixels: Uint8Array.from([255, 0, 255, 0, 255, 0]) }
    ])
  })

  it("interleaves the planes of colour images", () => {
    const images = tensorData([1, 3, 1, 2], Float32Array.from([1, 0, 0, 1, 0.2, 0.4]))
    assert.deepStrictEqual(rastersOf(images)[0]?.pixels, Uint8Array.from([255, 0, 51, 0, 255, 102]))
  })

  it("clamps what lies outside [0, 1] and shows NaN as black", () => {
    const images = tensorData([1, 1, 1, 5], Float64Array.from([-0.5, 1.5, Number.NaN, Infinity, -Infinity]))
    assert.deepStrictEqual(rastersOf(images)[0]?.pixels, Uint8Array.from([0, 255, 0, 255, 0]))
  })

  it("takes every byte to itself", () => {
    const images = tensorData(
      [1, 1, 16, 16],
      Float32Array.from({ length: 256 }, (_, i) => i / 255)
    )
    assert.deepStrictEqual(
      rastersOf(images)[0]?.pixels,
      Uint8Array.from({ length: 256 }, (_, i) => i)
    )
  })

  it("refuses other shapes", () => {
    assert.throws(() => rastersOf(tensorData([1, 2, 2, 2], new Float32Array(8))), /\[1, 2, 2, 2\]/)
    assert.throws(() => rastersOf(tensorData([2, 2], new Float32Array(4))), RangeError)
  })
})

describe("enlarge", () => {
  it("keeps under every pixel of the result the one it came from", () => {
    fc.assert(
      fc.property(rasters, fc.integer({ min: 1, max: 5 }), (raster, factor) => {
        const large = enlarge(raster, factor)
        assert.strictEqual(large.width, raster.width * factor)
        assert.strictEqual(large.height, raster.height * factor)
        for (let row = 0; row < large.height; row++) {
          for (let column = 0; column < large.width; column++) {
            const from = Math.floor(row / factor) * raster.width + Math.floor(column / factor)
            const at = row * large.width + column
            assert.deepStrictEqual(
              large.pixels.slice(at * raster.channels, (at + 1) * raster.channels),
              raster.pixels.slice(from * raster.channels, (from + 1) * raster.channels)
            )
          }
        }
      }),
      { numRuns: 50 }
    )
  })

  it("composes: by a and then by b is by a * b, and by 1 is nothing", () => {
    const factors = fc.integer({ min: 1, max: 3 })
    fc.assert(
      fc.property(rasters, factors, factors, (raster, a, b) => {
        assert.deepStrictEqual(enlarge(enlarge(raster, a), b), enlarge(raster, a * b))
        assert.deepStrictEqual(enlarge(raster, 1), raster)
      }),
      { numRuns: 50 }
    )
  })

  it("refuses factors that are not positive whole numbers", () => {
    for (const factor of [0, -1, 1.5, Number.NaN]) {
      assert.throws(() => enlarge(plainRaster(1, 1, white), factor), RangeError)
    }
  })
})

describe("toRgb", () => {
  it("repeats the grey value, and leaves RGB alone", () => {
    fc.assert(
      fc.property(rasters, (raster) => {
        const rgb = toRgb(raster)
        assert.strictEqual(rgb.channels, 3)
        assert.deepStrictEqual(toRgb(rgb), rgb)
        rgb.pixels.forEach((value, i) => {
          assert.strictEqual(value, raster.pixels[raster.channels === 3 ? i : Math.floor(i / 3)])
        })
      })
    )
  })
})

describe("plainRaster", () => {
  it("is grey for grey colours unless asked otherwise", () => {
    assert.strictEqual(plainRaster(2, 2, black).channels, 1)
    assert.deepStrictEqual(plainRaster(1, 2, [1, 2, 3]).pixels, Uint8Array.from([1, 2, 3, 1, 2, 3]))
    assert.deepStrictEqual(plainRaster(1, 1, white, 3).pixels, Uint8Array.from([255, 255, 255]))
  })
})
