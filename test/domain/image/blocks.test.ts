import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type Block, blocksFigure, enlargementTo } from "../../../src/domain/image/blocks.ts"
import { textWidth } from "../../../src/domain/image/caption.ts"
import { grid } from "../../../src/domain/image/grid.ts"
import { plainRaster, type Raster } from "../../../src/domain/image/Raster.ts"

const [gap, margin, blockGap, textSize, lineHeight] = [2, 10, 7, 10, 15]
const options = { gap, margin, blockGap, textSize, minimumWidth: 1 }

/** Blocks of grey images, all of one size; image k of block b is filled with a value that tells both. */
const blocksOf = fc
  .record({
    width: fc.integer({ min: 20, max: 30 }),
    height: fc.integer({ min: 15, max: 25 }),
    counts: fc.array(fc.record({ count: fc.integer({ min: 1, max: 7 }), columns: fc.integer({ min: 1, max: 4 }) }), {
      minLength: 1,
      maxLength: 3
    }),
    labelled: fc.boolean(),
    headed: fc.boolean()
  })
  .map(({ width, height, counts, labelled, headed }) => ({
    width,
    height,
    labelled,
    headed,
    blocks: counts.map(
      ({ count, columns }, b): Block => ({
        columns,
        rasters: Array.from({ length: count }, (_, k) => {
          const value = b * 10 + k
          return plainRaster(width, height, [value, value, value])
        }),
        ...(headed ? { heading: `B${b}` } : {}),
        ...(labelled ? { rowLabels: ["a", "bb", "c", "d", "e", "f", "g"], columnLabels: ["1", "2", "3", "4"] } : {})
      })
    )
  }))

/** A part of an image. */
const cut = ({ width: whole, channels, pixels }: Raster, x: number, y: number, width: number, height: number) =>
  Array.from({ length: height }, (_, row) => [
    ...pixels.subarray(((y + row) * whole + x) * channels, ((y + row) * whole + x + width) * channels)
  ]).flat()

describe("blocksFigure", () => {
  it("puts every block, heading and label where the layout says", () => {
    fc.assert(
      fc.property(blocksOf, ({ width, height, blocks, labelled, headed }) => {
        const { raster, texts } = blocksFigure({ blocks }, options)
        const left = margin + (labelled ? Math.ceil(textWidth("bb", textSize)) + 6 : 0)
        // Labels of rows that there are not take room, as long as one is wide, but are not written.
        const expected: Array<unknown> = []
        let top = margin
        let right = 0
        blocks.forEach((block, b) => {
          const { rasters, columns } = block
          const rows = Math.ceil(rasters.length / columns)
          if (b > 0) top += blockGap
          const style = { size: textSize }
          if (headed) {
            expected.push({ ...style, text: `B${b}`, x: left + gap, y: top + textSize, anchor: "start", bold: true })
            top += lineHeight
          }
          if (labelled) {
            for (let c = 0; c < columns; c++) {
              const x = left + gap + c * (width + gap) + width / 2
              expected.push({ ...style, text: `${c + 1}`, x, y: top + textSize, anchor: "middle", bold: false })
            }
            top += lineHeight
            for (let r = 0; r < rows; r++) {
              const middle = top + gap + r * (height + gap) + height / 2
              const text = ["a", "bb", "c", "d", "e", "f", "g"][r]
              expected.push({ ...style, text, x: left - 6, y: Math.round(middle + 3.5), anchor: "end", bold: false })
            }
          }
          const sheet = grid(rasters, { columns, gap })
          assert.deepStrictEqual(cut(raster, left, top, sheet.width, sheet.height), [...sheet.pixels])
          top += sheet.height
          right = Math.max(right, left + sheet.width)
        })
        assert.deepStrictEqual<ReadonlyArray<unknown>>(texts, expected)
        assert.deepStrictEqual([raster.width, raster.height, raster.channels], [right + margin, top + margin, 1])
        // Nothing is drawn anywhere else: the rest is white.
        const inside = blocks.reduce((n, block) => n + block.rasters.length * width * height, 0)
        assert.strictEqual(raster.pixels.filter((value) => value !== 255).length, inside)
      }),
      { numRuns: 60 }
    )
  })

  it("writes the title in bold and the caption in lines that fit, below the blocks", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 30 }), (words) => {
        const blocks = [{ rasters: [plainRaster(200, 20, [0, 0, 0])], columns: 1 }]
        const { raster, texts } = blocksFigure({ blocks, title: "Figure 1", caption: words.join(" ") }, options)
        const [title, ...lines] = texts
        const top = margin + 20 + 2 * gap + blockGap
        assert.deepInclude(title, { text: "Figure 1", x: margin + gap, y: top + textSize, bold: true })
        assert.strictEqual(lines.map(({ text }) => text).join(" "), words.join(" "))
        lines.forEach((line, i) => {
          assert.deepInclude(line, { x: margin + gap, y: top + (i + 1) * lineHeight + textSize, bold: false })
          assert.isAtMost(line.x + textWidth(line.text, textSize), raster.width - margin)
        })
        assert.strictEqual(raster.height, top + texts.length * lineHeight + margin)
      })
    )
  })

  it("is as wide as asked for below small images", () => {
    const blocks = [{ rasters: [plainRaster(3, 3, [0, 0, 0])], columns: 1 }]
    assert.strictEqual(blocksFigure({ blocks }).raster.width, 360)
    assert.strictEqual(blocksFigure({ blocks }, { minimumWidth: 100 }).raster.width, 100)
  })

  it("is RGB if one of its images is", () => {
    const grey = { rasters: [plainRaster(2, 1, [9, 9, 9])], columns: 1 }
    const coloured = { rasters: [plainRaster(1, 1, [9, 8, 7])], columns: 1 }
    const { raster } = blocksFigure({ blocks: [grey, coloured] }, { ...options, gap: 0 })
    assert.strictEqual(raster.channels, 3)
    assert.deepStrictEqual(cut(raster, margin, margin, 2, 1), [9, 9, 9, 9, 9, 9])
    assert.deepStrictEqual(cut(raster, margin, margin + 1 + blockGap, 1, 1), [9, 8, 7])
  })

  it("refuses no blocks, and blocks without images", () => {
    assert.throws(() => blocksFigure({ blocks: [] }), /at least one block/)
    assert.throws(() => blocksFigure({ blocks: [{ rasters: [], columns: 1 }] }), /at least one image/)
  })
})

describe("enlargementTo", () => {
  it("makes images about as large as asked for, never smaller", () => {
    assert.strictEqual(enlargementTo(84, { height: 28, width: 28 }), 3)
    assert.strictEqual(enlargementTo(84, { height: 6, width: 5 }), 14)
    assert.strictEqual(enlargementTo(84, { height: 64, width: 500 }), 1)
  })
})
