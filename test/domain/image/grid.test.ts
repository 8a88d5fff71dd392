import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { grid } from "../../../src/domain/image/grid.ts"
import { black, plainRaster } from "../../../src/domain/image/Raster.ts"

describe("grid", () => {
  it("is the paper's ten by ten", () => {
    const sheet = grid(
      Array.from({ length: 100 }, () => plainRaster(28, 28, black)),
      { columns: 10, gap: 2 }
    )
    assert.deepStrictEqual([sheet.width, sheet.height, sheet.channels], [302, 302, 1])
  })

  it("puts image k in row k div columns, column k mod columns, and background everywhere else", () => {
    fc.assert(
      fc.property(
        fc.record({
          count: fc.integer({ min: 1, max: 9 }),
          columns: fc.integer({ min: 1, max: 4 }),
          gap: fc.integer({ min: 0, max: 3 }),
          width: fc.integer({ min: 1, max: 4 }),
          height: fc.integer({ min: 1, max: 4 }),
          colourful: fc.boolean()
        }),
        ({ count, columns, gap, width, height, colourful }) => {
          const background = colourful ? ([250, 3, 7] as const) : ([255, 255, 255] as const)
          // Image k is filled with the grey value k, so that a pixel tells where it came from.
          const cells = Array.from({ length: count }, (_, k) => plainRaster(width, height, [k, k, k]))
          const sheet = grid(cells, { columns, gap, background })
          const rows = Math.ceil(count / columns)
          assert.strictEqual(sheet.channels, colourful ? 3 : 1)
          assert.strictEqual(sheet.width, columns * width + (columns + 1) * gap)
          assert.strictEqual(sheet.height, rows * height + (rows + 1) * gap)
          for (let y = 0; y < sheet.height; y++) {
            for (let x = 0; x < sheet.width; x++) {
              const column = Math.floor((x - gap) / (width + gap))
              const row = Math.floor((y - gap) / (height + gap))
              const inside =
                x >= gap && y >= gap && (x - gap) % (width + gap) < width && (y - gap) % (height + gap) < height
              const k = row * columns + column
              for (let channel = 0; channel < sheet.channels; channel++) {
                assert.strictEqual(
                  sheet.pixels[(y * sheet.width + x) * sheet.channels + channel],
                  inside && k < count ? k : background[channel]
                )
              }
            }
          }
        }
      ),
      { numRuns: 100 }
    )
  })

  it("turns grey images to RGB beside coloured ones", () => {
    const sheet = grid([plainRaster(1, 1, black), plainRaster(1, 1, [9, 8, 7])], { columns: 2, gap: 0 })
    assert.deepStrictEqual(sheet.pixels, Uint8Array.from([0, 0, 0, 9, 8, 7]))
  })

  it("refuses no images, images of two sizes, and odd options", () => {
    const raster = plainRaster(2, 2, black)
    assert.throws(() => grid([], { columns: 1 }), /at least one/)
    assert.throws(() => grid([raster, plainRaster(2, 3, black)], { columns: 1 }), /image 1 is 2x3/)
    assert.throws(() => grid([raster], { columns: 0 }), RangeError)
    assert.throws(() => grid([raster], { columns: 1, gap: 0.5 }), RangeError)
  })
})
