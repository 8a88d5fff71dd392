import { assert, describe, it } from "@effect/vitest"
import { drawnSteps } from "../../../src/domain/image/drawnSteps.ts"
import { enlarge, type Raster, rastersOf, toRgb } from "../../../src/domain/image/Raster.ts"
import { drawWindow } from "../../../src/domain/image/windowOutline.ts"
import { type TensorData, tensorData } from "../../../src/domain/tensor/TensorData.ts"

const [samples, steps, side, scale] = [3, 2, 6, 4]

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

const plainCell = (canvas: TensorData, sample: number): Raster => {
  const raster = rastersOf(canvas)[sample]
  assert.isDefined(raster)
  return toRgb(enlarge(raster, scale))
}

describe("drawnSteps", () => {
  it("has a list for each step and an image for each sample, with the step's window", () => {
    const drawn = drawnSteps({ canvases, windows }, { filters: 3, scale })
    assert.strictEqual(drawn.length, steps)
    canvases.forEach((canvas, t) => {
      assert.strictEqual(drawn[t]?.length, samples)
      for (let n = 0; n < samples; n++) {
        const expected = drawWindow(plainCell(canvas, n), windowAt(t + 1, n), { filters: 3, scale })
        assert.deepStrictEqual(drawn[t]?.[n], expected)
        assert.notDeepEqual(expected, plainCell(canvas, n))
      }
    })
  })

  it("shows c_0 first and without a window, one for all samples or one for each", () => {
    const without = drawnSteps({ canvases, windows }, { filters: 3, scale })
    for (const count of [1, samples]) {
      const start = canvasAt(0, count)
      const [first, ...others] = drawnSteps({ canvases, windows, start }, { filters: 3, scale })
      assert.deepStrictEqual(others, without)
      for (let n = 0; n < samples; n++) {
        assert.deepStrictEqual(first?.[n], plainCell(start, count === 1 ? 0 : n))
      }
    }
  })

  it("refuses steps or samples that do not match", () => {
    const options = { filters: 3, scale }
    assert.throws(() => drawnSteps({ canvases, windows: windows.slice(1) }, options), /2 canvases, windows of 1/)
    const short = windows.map((ofStep, t) => (t === 1 ? ofStep.slice(1) : ofStep))
    assert.throws(() => drawnSteps({ canvases, windows: short }, options), /step 2 .* 2 windows for 3/)
    assert.throws(() => drawnSteps({ canvases, windows, start: canvasAt(0, 2) }, options), /3 samples has 2/)
    assert.throws(() => drawnSteps({ canvases: [], windows: [] }, options), /at least one step/)
  })
})
