import { assert, describe, it } from "@effect/vitest"
import { enlarge, type Picture, picturesOf, toRgb } from "../../../src/domain/figure/Picture.ts"
import { trajectoryFigure } from "../../../src/domain/figure/trajectoryFigure.ts"
import { drawWindow } from "../../../src/domain/figure/windowOutline.ts"
import { type TensorData, tensorData } from "../../../src/domain/tensor/TensorData.ts"

const [samples, steps, side, scale, gap] = [3, 2, 6, 4, 3]

/** Canvases of `count` samples, every pixel different in step and sample. */
const canvasAt = (step: number, count = samples): TensorData =>
  tensorData(
    [count, 1, side, side],
    Float32Array.from({ length: count * side * side }, (_, i) => ((i * 7 + step * 31) % 256) / 255)
  )
const windowAt = (step: number, sample: number) => ({
  centreX: 2 + step,
  centreY: 2 + sample,
  stride: 1,
  sigma: 0.5
})
const canvases = Array.from({ length: steps }, (_, t) => canvasAt(t + 1))
const windows = Array.from({ length: steps }, (_, t) => Array.from({ length: samples }, (_, n) => windowAt(t + 1, n)))

/** The cell of a figure in this row and column, cut out again. */
const cellAt = (figure: Picture, row: number, column: number): Picture => {
  const size = side * scale
  const pixels = new Uint8Array(size * size * 3)
  for (let y = 0; y < size; y++) {
    const from = ((gap + row * (size + gap) + y) * figure.width + gap + column * (size + gap)) * 3
    pixels.set(figure.pixels.subarray(from, from + size * 3), y * size * 3)
  }
  return { width: size, height: size, channels: 3, pixels }
}

const plainCell = (canvas: TensorData, sample: number): Picture => {
  const picture = picturesOf(canvas)[sample]
  assert.isDefined(picture)
  return toRgb(enlarge(picture, scale))
}

describe("trajectoryFigure", () => {
  it("has a row for each sample and a column for each step, with the step's window", () => {
    const figure = trajectoryFigure({ canvases, windows }, { filters: 3, scale, gap })
    assert.strictEqual(figure.width, steps * side * scale + (steps + 1) * gap)
    assert.strictEqual(figure.height, samples * side * scale + (samples + 1) * gap)
    canvases.forEach((canvas, t) => {
      for (let n = 0; n < samples; n++) {
        const expected = drawWindow(plainCell(canvas, n), windowAt(t + 1, n), { filters: 3, scale })
        assert.deepStrictEqual(cellAt(figure, n, t), expected)
        assert.notDeepEqual(expected, plainCell(canvas, n))
      }
    })
  })

  it("shows c_0 first and without a window, one for all samples or one for each", () => {
    for (const count of [1, samples]) {
      const start = canvasAt(0, count)
      const figure = trajectoryFigure({ canvases, windows, start }, { filters: 3, scale, gap })
      assert.strictEqual(figure.width, (steps + 1) * side * scale + (steps + 2) * gap)
      for (let n = 0; n < samples; n++) {
        assert.deepStrictEqual(cellAt(figure, n, 0), plainCell(start, count === 1 ? 0 : n))
        assert.deepStrictEqual(
          cellAt(figure, n, steps),
          cellAt(trajectoryFigure({ canvases, windows }, { filters: 3, scale, gap }), n, steps - 1)
        )
      }
    }
  })

  it("refuses steps or samples that do not match", () => {
    const options = { filters: 3 }
    assert.throws(() => trajectoryFigure({ canvases, windows: windows.slice(1) }, options), /1 for 2 canvases/)
    const short = windows.map((ofStep, t) => (t === 1 ? ofStep.slice(1) : ofStep))
    assert.throws(() => trajectoryFigure({ canvases, windows: short }, options), /step 2 .* 2 windows/)
    assert.throws(() => trajectoryFigure({ canvases, windows, start: canvasAt(0, 2) }, options), /\[2, 1, 6, 6\]/)
    assert.throws(() => trajectoryFigure({ canvases: [], windows: [] }, options), /at least one picture/)
  })
})
