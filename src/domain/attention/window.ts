import { add, divide, multiply, square } from "../tensor/arithmetic.ts"
import { clamp } from "../tensor/comparison.ts"
import { exp, sqrt } from "../tensor/elementwise.ts"
import { concatenate, reshape, size, sliceAxis } from "../tensor/movement.ts"
import { constant } from "../tensor/source.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { tensorData } from "../tensor/TensorData.ts"

/** Size of what a window looks at or draws on: `B` rows by `A` columns, through `N x N` filters. */
export interface WindowFrame {
  /** `B`, rows. */
  readonly height: number
  /** `A`, columns. */
  readonly width: number
  /** `N`, filters per axis. */
  readonly filters: number
}

/**
 * The movable window of section 2.1, one per sample, each tensor `[batch, 1]`. Lengths are in pixels, and pixel
 * centres lie at 1..A from left to right and 1..B from top to bottom.
 */
export interface AttentionWindow {
  /** `gX`, the column of the window's centre. */
  readonly centreX: Tensor
  /** `gY`, the row of the window's centre. */
  readonly centreY: Tensor
  /** `d`, the distance between neighbouring filters. */
  readonly stride: Tensor
  /** `1 / s2`, the inverse of the filters' variance, which is the same in both directions. */
  readonly precision: Tensor
  /** `gamma`, by which what is read is multiplied and what is written is divided. */
  readonly intensity: Tensor
}

/** How many numbers describe a window. */
export const windowNumbers = 5

// The logarithms are held within this: e^20 pixels, or e^-20, are as good as none, and float32 stays finite.
const largestLogarithm = 20

/**
 * The window that a linear map of the recurrent state points at (section 2.1):
 *
 *     (gx~, gy~, log s2, log d~, log gamma) = W(h)
 *     gX = (A+1)/2 (gx~ + 1)    gY = (B+1)/2 (gy~ + 1)    d = (max(A,B)-1)/(N-1) d~
 *
 * `numbers` are the five, `[batch, 5]`. With a single filter (N = 1) there is no stride; d~ then
 * counts in widths of the image.
 */
export const windowFrom = (numbers: Tensor, { height, width, filters }: WindowFrame): AttentionWindow => {
  const held = clamp(sliceAxis(numbers, 1, 2, 3), -largestLogarithm, largestLogarithm)
  const factors = exp(multiply(held, precisionStrideIntensity))
  return {
    centreX: scaledAndShifted(column(numbers, 0), (width + 1) / 2),
    centreY: scaledAndShifted(column(numbers, 1), (height + 1) / 2),
    stride: multiply(column(factors, 1), (Math.max(width, height) - 1) / Math.max(filters - 1, 1)),
    precision: column(factors, 0),
    intensity: column(factors, 2)
  }
}

/** `half (x + 1)`, so written that the filterbank, which counts from the middle, can drop the shift. */
const scaledAndShifted = (x: Tensor, half: number): Tensor => add(multiply(x, half), half)

/** Signs of (log s2, log d~, log gamma) in the exponents of (1 / s2, d~, gamma), `[1, 3]`. */
const precisionStrideIntensity = constant(tensorData([1, 3], Float64Array.of(-1, 1, 1)))

/**
 * The window, each number `[batch, 1]`, with its filters widened by some share of a stride, so that neighbouring ones overlap however narrow they are:
 *
 *     s2' = s2 + (overlap d)^2
 *
 * What is written through filters narrower than their distance is a grid of dots. A sum of equal Gaussians of this width ripples by
 * `2 exp(-2 pi^2 overlap^2)` of its mean: by 1.4% at half a stride, by a fifth at a third of one. With an overlap of 0 it is the window itself.
 */
export const overlapping = (window: AttentionWindow, overlap: number): AttentionWindow =>
  overlap === 0 ? window : widened(window, square(multiply(window.stride, overlap)))

/**
 * The window, each number `[batch, 1]`, with its filters convolved with a Gaussian of `sigma` pixels, so that none has a smaller one:
 *
 *     s2' = s2 + sigma^2
 *
 * One filter with a sigma of a pixel or more writes no single pixel, unless its centre lies at the border of the image or beyond it: a row of
 * the filterbank sums to one over the pixels that there are. Writes of opposite signs can still make something narrower of several.
 * With a sigma of 0 it is the window itself.
 */
export const blurred = (window: AttentionWindow, sigma: number): AttentionWindow =>
  sigma === 0 ? window : widened(window, sigma * sigma)

/** `1 / (s2 + added)`, without the division by a precision that may be very small. */
const widened = (window: AttentionWindow, added: Tensor | number): AttentionWindow => ({
  ...window,
  precision: divide(window.precision, add(1, multiply(window.precision, added)))
})

const column = (x: Tensor, index: number): Tensor => sliceAxis(x, 1, index, 1)

/** `[batch, 1]` as a factor of tensors `[batch, channels, .., ..]`: `[batch, 1, 1, 1]`. */
export const acrossChannels = (x: Tensor): Tensor => reshape(x, [size(x, 0), 1, 1, 1])

/** A window as plain numbers for figures and logs, `[batch, 5]`: `gX, gY, d, sigma, gamma`, with sigma in pixels. */
export const windowTable = ({ centreX, centreY, stride, precision, intensity }: AttentionWindow): Tensor =>
  concatenate([centreX, centreY, stride, divide(1, sqrt(precision)), intensity], 1)
