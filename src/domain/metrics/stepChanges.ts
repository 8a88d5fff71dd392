import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import { invalidSamples } from "./invalidSamples.ts"
import type { MeasureError } from "./MeasureError.ts"

/** How much a step changes the canvas: mean squares of the change of a pixel, over pixels and images. */
export interface StepChange {
  /** Of the change's block means: its rough shape. */
  readonly coarse: number
  /** Of what remains: its detail. */
  readonly fine: number
  /** `coarse + fine`. */
  readonly total: number
}

/**
 * The change of the canvas at each step, in two spatial bands (claim C2 of the paper: early steps give the rough whole,
 * later ones detail). Of canvases `[T + 1, n, channels, B, A]` (after step 0..T), the differences of consecutive ones
 * are split into the means over blocks of `block x block` pixels (smaller at the right and lower border where the block
 * does not divide the image) and the deviations from these. The two parts are orthogonal, so their energies add up to
 * the total exactly. This is the finest level of a pyramid of block averages (Burt, Adelson 1983, with a box for the
 * Gaussian); the measure is this library's.
 *
 * All are at least 0, in the squared unit of the canvas: logits and images in [0, 1] give different numbers. Fails
 * with a `MeasureError` for fewer than 2 canvases. Throws a `RangeError` if `block` is not a positive integer. Time
 * linear in the numbers.
 */
export const stepChanges = (
  canvases: TensorData,
  block = 4
): Result.Result<ReadonlyArray<StepChange>, MeasureError> => {
  if (!Number.isInteger(block) || block < 1) throw new RangeError(`Blocks of ${block} x ${block} pixels do not exist`)
  const axes = ["T + 1", "n", "channels", "B", "A"]
  const fault = invalidSamples({ measure: "step changes", axes, atLeast: 2 }, { canvases })
  if (fault !== undefined) return Result.fail(fault)
  const { values } = canvases
  const [count = 0, images = 0, channels = 0, height = 0, width = 0] = canvases.shape
  const size = images * channels * height * width
  return Result.succeed(
    Array.from({ length: count - 1 }, (_, step) => {
      const change = Float64Array.from({ length: size }, (_, i) => {
        return (values[(step + 1) * size + i] ?? 0) - (values[step * size + i] ?? 0)
      })
      return bandsOf(change, height, width, block)
    })
  )
}

const bandsOf = (change: Float64Array, height: number, width: number, block: number): StepChange => {
  let coarse = 0
  let fine = 0
  for (let plane = 0; plane < change.length; plane += height * width) {
    for (let top = 0; top < height; top += block) {
      for (let left = 0; left < width; left += block) {
        const rows = Math.min(block, height - top)
        const columns = Math.min(block, width - left)
        let sum = 0
        for (let r = 0; r < rows; r++) {
          const from = plane + (top + r) * width + left
          for (let c = 0; c < columns; c++) sum += change[from + c] ?? 0
        }
        const mean = sum / (rows * columns)
        coarse += rows * columns * mean * mean
        for (let r = 0; r < rows; r++) {
          const from = plane + (top + r) * width + left
          for (let c = 0; c < columns; c++) fine += ((change[from + c] ?? 0) - mean) ** 2
        }
      }
    }
  }
  coarse /= change.length
  fine /= change.length
  return { coarse, fine, total: coarse + fine }
}
