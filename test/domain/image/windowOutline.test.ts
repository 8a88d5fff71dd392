import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { black, type Colour, plainRaster, type Raster, toRgb, white } from "../../../src/domain/image/Raster.ts"
import { drawWindow, strokeWidth, type WindowGeometry } from "../../../src/domain/image/windowOutline.ts"

const [columns, rows, scale] = [28, 20, 8]
const canvas = plainRaster(columns * scale, rows * scale, black)

/** The share of each device pixel that the outline covers, `[height, width]`: white drawn on black, over 255. */
const coverageOf = (raster: Raster): ReadonlyArray<number> =>
  Array.from({ length: raster.width * raster.height }, (_, i) => (raster.pixels[i * 3] ?? 0) / 255)

const draw = (window: WindowGeometry, filters: number, maximumStroke = 3 * scale) =>
  coverageOf(drawWindow(canvas, window, { filters, scale, colour: white, maximumStroke }))

const total = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0)

/** Windows that lie on the image with their whole line, and whose line leaves a hole. */
const insideWindows = fc
  .record({
    filters: fc.integer({ min: 2, max: 6 }),
    side: fc.double({ min: 3, max: 12, noNaN: true }),
    sigma: fc.double({ min: 0.2, max: 2.5, noNaN: true }),
    alongX: fc.double({ min: 0, max: 1, noNaN: true }),
    alongY: fc.double({ min: 0, max: 1, noNaN: true })
  })
  .map(({ filters, side, sigma, alongX, alongY }) => {
    const reach = side / 2 + sigma / 2
    const centreX = 0.5 + reach + alongX * (columns - 2 * reach)
    const centreY = 0.5 + reach + alongY * (rows - 2 * reach)
    return { filters, window: { centreX, centreY, stride: side / (filters - 1), sigma } }
  })

describe("drawWindow", () => {
  it("has its centre of gravity at (gX, gY)", () => {
    fc.assert(
      fc.property(insideWindows, ({ filters, window }) => {
        const coverage = draw(window, filters)
        const area = total(coverage)
        const x = total(coverage.map((c, i) => c * ((i % canvas.width) + 0.5))) / area
        const y = total(coverage.map((c, i) => c * (Math.floor(i / canvas.width) + 0.5))) / area
        // Back from device pixels to the paper's coordinates, where pixel 1 reaches from 0.5 to 1.5.
        assert.closeTo(x / scale + 0.5, window.centreX, 0.01)
        assert.closeTo(y / scale + 0.5, window.centreY, 0.01)
      }),
      { numRuns: 60 }
    )
  })

  it("is a line sigma wide along a square of side (N - 1) * stride", () => {
    fc.assert(
      fc.property(insideWindows, ({ filters, window }) => {
        const coverage = draw(window, filters)
        const side = (filters - 1) * window.stride * scale
        const stroke = window.sigma * scale
        // The ring's area: outer square less inner square.
        assert.closeTo(total(coverage) / (4 * side * stroke), 1, 0.01)
        // Through the centre a row crosses both vertical lines, and their outer edges are side + stroke apart.
        const row = Math.floor((window.centreY - 0.5) * scale)
        const across = coverage.slice(row * canvas.width, (row + 1) * canvas.width)
        assert.closeTo(total(across), 2 * stroke, 0.05)
        const first = across.findIndex((c) => c > 0)
        const last = across.findLastIndex((c) => c > 0)
        const [left = 0, right = 0] = [across[first], across[last]]
        assert.closeTo(last - first - 1 + left + right, side + stroke, 0.05)
      }),
      { numRuns: 60 }
    )
  })

  it("draws the whole image's frame for filters at the centres of the outermost pixels", () => {
    // d = (max(A, B) - 1) / (N - 1), centre of the image: the DRAW window at d~ = 1, gx~ = gy~ = 0.
    const square = plainRaster(28 * 4, 28 * 4, black)
    const window = { centreX: 14.5, centreY: 14.5, stride: 27 / 4, sigma: 0.5 }
    const coverage = coverageOf(drawWindow(square, window, { filters: 5, scale: 4, colour: white }))
    const row = coverage.slice(56 * 112, 57 * 112)
    // The line is two device pixels wide about the middle of image pixels 1 and 28.
    assert.deepStrictEqual(
      row.flatMap((c, i) => (c > 0 ? [[i, c]] : [])),
      [
        [1, 1],
        [2, 1],
        [109, 1],
        [110, 1]
      ]
    )
  })

  it("clips: a window over the border is what the image shows of it, wherever it is", () => {
    const coordinate = fc.oneof(fc.double({ min: -60, max: 60, noNaN: true }), fc.constantFrom(-1e300, 1e12, 1e300))
    const length = fc.oneof(fc.double({ min: 0, max: 40, noNaN: true }), fc.constantFrom(0, 1e-300, 1e300))
    fc.assert(
      fc.property(coordinate, coordinate, length, length, (centreX, centreY, stride, sigma) => {
        const coverage = draw({ centreX, centreY, stride, sigma }, 5)
        const half = 2 * stride + strokeWidth(sigma, scale, 3 * scale) / scale / 2
        const apart =
          centreX + half < 0.5 || centreX - half > columns + 0.5 || centreY + half < 0.5 || centreY - half > rows + 0.5
        if (apart) assert.strictEqual(total(coverage), 0)
        // On an image with a wide margin the same window's visible part is the same.
        const margin = 3
        const wide = plainRaster(canvas.width + 2 * margin * scale, canvas.height + 2 * margin * scale, black)
        const moved = { centreX: centreX + margin, centreY: centreY + margin, stride, sigma }
        const around = coverageOf(
          drawWindow(wide, moved, { filters: 5, scale, colour: white, maximumStroke: 3 * scale })
        )
        let worst = 0
        coverage.forEach((c, i) => {
          const y = Math.floor(i / canvas.width) + margin * scale
          const x = (i % canvas.width) + margin * scale
          worst = Math.max(worst, Math.abs(c - (around[y * wide.width + x] ?? -1)))
        })
        assert.isAtMost(worst, 1 / 255 + 1e-9)
      }),
      { numRuns: 40 }
    )
  })

  it("is never thinner than a device pixel nor thicker than asked", () => {
    assert.strictEqual(strokeWidth(0.01, 4, 10), 1)
    assert.strictEqual(strokeWidth(1.5, 4, 10), 6)
    assert.strictEqual(strokeWidth(50, 4, 10), 10)
    // By default a tenth of the shorter side, so that a digit behind a blurred window can still be seen.
    const blurred = drawWindow(canvas, { centreX: 14, centreY: 10, stride: 3, sigma: 1000 }, { filters: 5, scale })
    const share = blurred.pixels.filter((value, i) => i % 3 === 0 && value > 0).length / (canvas.width * canvas.height)
    assert.isBelow(share, 0.25)
  })

  it("shows a window without extent as a dot of the line's width", () => {
    const coverage = draw({ centreX: 14.5, centreY: 10.5, stride: 0, sigma: 1 }, 5)
    assert.closeTo(total(coverage), scale * scale, 1e-9)
  })

  it("blends with what is below, and does not touch its argument", () => {
    const grey = plainRaster(4, 4, [100, 100, 100])
    const before = grey.pixels.slice()
    const colour: Colour = [200, 0, 100]
    // A line one device pixel wide about (2, 2) with side 1 covers [0.5, 3.5) but for the middle [1.5, 2.5).
    const window = { centreX: 2.5, centreY: 2.5, stride: 2, sigma: 1 }
    const drawn = drawWindow(grey, window, { filters: 2, scale: 1, colour })
    assert.deepStrictEqual(grey.pixels, before)
    assert.deepStrictEqual([...drawn.pixels.slice(0, 3)], [125, 75, 100])
    assert.deepStrictEqual([...drawn.pixels.slice(3, 6)], [150, 50, 100])
  })

  it("leaves windows of a diverged run out", () => {
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      for (const key of ["centreX", "centreY", "stride", "sigma"]) {
        const window = { centreX: 5, centreY: 5, stride: 2, sigma: 1, [key]: bad }
        assert.deepStrictEqual(drawWindow(canvas, window, { filters: 5, scale }), toRgb(canvas))
      }
    }
  })
})
