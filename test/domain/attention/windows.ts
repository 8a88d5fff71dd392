import * as fc from "fast-check"
import type { AttentionWindow } from "../../../src/domain/attention/window.ts"
import { constant, placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import type { PlainWindow } from "./plainAttention.ts"

/** Windows for a batch, as constants. */
export const windowsOf = (windows: ReadonlyArray<PlainWindow>): AttentionWindow => {
  const column = (f: (window: PlainWindow) => number): Tensor =>
    constant(tensorData([windows.length, 1], Float64Array.from(windows, f)))
  return {
    centreX: column((w) => w.centreX),
    centreY: column((w) => w.centreY),
    stride: column((w) => w.stride),
    precision: column((w) => 1 / w.variance),
    intensity: column((w) => w.intensity)
  }
}

/** Placeholders for the windows of a batch, by the names of `AttentionWindow`'s fields. */
export const windowPlaceholders = (batch: number) => ({
  centreX: placeholder("centreX", [batch, 1]),
  centreY: placeholder("centreY", [batch, 1]),
  stride: placeholder("stride", [batch, 1]),
  precision: placeholder("precision", [batch, 1]),
  intensity: placeholder("intensity", [batch, 1])
})

/** The numbers of `windowPlaceholders`. */
export const windowNumbersOf = (windows: ReadonlyArray<PlainWindow>) => ({
  centreX: windows.map((w) => w.centreX),
  centreY: windows.map((w) => w.centreY),
  stride: windows.map((w) => w.stride),
  precision: windows.map((w) => 1 / w.variance),
  intensity: windows.map((w) => w.intensity)
})

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })

/** Windows whose Gaussians do not underflow on images of `size` pixels an axis, so that `exp / Z` can be computed directly. */
export const moderateWindow = (size = 12): fc.Arbitrary<PlainWindow> =>
  fc.record({
    centreX: between(0, size + 1),
    centreY: between(0, size + 1),
    stride: between(0.2, 3),
    variance: between(0.8, 20),
    intensity: between(0.2, 4)
  })

/** Size of an image and number of filters, with unequal axes. */
export const frame = fc.record({
  height: fc.integer({ min: 1, max: 9 }),
  width: fc.integer({ min: 1, max: 9 }),
  filters: fc.integer({ min: 1, max: 5 })
})

/** Seeds of `normals`. */
export const seeds = fc.nat({ max: 1_000_000 })
