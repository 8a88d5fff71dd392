import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { boxAround, connectedComponents } from "../../../src/domain/metrics/connectedComponents.ts"

const drawing = (...rows: ReadonlyArray<string>) => ({
  brightness: Float64Array.from(rows.join(""), (letter) => (letter === "#" ? 1 : 0)),
  height: rows.length,
  width: rows[0]?.length ?? 0
})
const partsOf = ({ brightness, height, width }: ReturnType<typeof drawing>) =>
  connectedComponents(brightness, height, width)

describe("connectedComponents", () => {
  it("boxes what hangs together by sides or corners, and leaves blots out", () => {
    const parts = partsOf(
      drawing(
        "##......#", //
        "#..#....#",
        ".#......#",
        ".#.....##",
        "..##....."
      )
    )
    assert.deepStrictEqual(parts, [
      { top: 0, bottom: 4, left: 0, right: 3 },
      { top: 0, bottom: 3, left: 7, right: 8 }
    ])
    assert.deepStrictEqual(boxAround(parts), { top: 0, bottom: 4, left: 0, right: 8 })
    assert.isUndefined(boxAround([]))
  })

  it("of solid rectangles that do not touch are the rectangles", () => {
    const cell = fc.record({ top: fc.nat(2), left: fc.nat(2), height: fc.integer({ min: 2, max: 4 }) })
    fc.assert(
      fc.property(fc.array(fc.option(cell), { minLength: 6, maxLength: 6 }), (cells) => {
        const [height, width] = [16, 24]
        const brightness = new Float64Array(height * width)
        const boxes = cells.flatMap((inside, i) => {
          if (inside === null) return []
          const top = 8 * Math.floor(i / 3) + inside.top
          const left = 8 * (i % 3) + inside.left
          return [{ top, bottom: top + inside.height, left, right: left + 3 }]
        })
        for (const { top, bottom, left, right } of boxes) {
          for (let r = top; r <= bottom; r++) for (let c = left; c <= right; c++) brightness[r * width + c] = 0.6
        }
        const byPlace = (parts: ReadonlyArray<object>) => parts.map((part) => JSON.stringify(part)).sort()
        assert.deepStrictEqual(byPlace(connectedComponents(brightness, height, width)), byPlace(boxes))
      })
    )
  })
})
