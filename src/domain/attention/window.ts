import { type Affine, affine } from "../network/affine.ts"
import { add, multiply, negate } from "../tensor/arithmetic.ts"
import { clamp } from "../tensor/comparison.ts"
import { exp } from "../tensor/elementwise.ts"
import { concatenate, reshape, split } from "../tensor/movement.ts"
import type { Tensor } from "../tensor/Tensor.ts"

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
  /** `log s2`, the logarithm of the filters' variance, the same in both directions. */
  readonly logVariance: Tensor
  /** `log gamma`, the logarithm of the intensity. */
  readonly logIntensity: Tensor
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
 * `hidden` is `[batch, units]`, `map` goes from `units` to 5. With a single filter (N = 1) there is no stride; d~ then
 * counts in widths of the image.
 */
export const windowFrom = (
  map: Affine<Tensor>,
  hidden: Tensor,
  { height, width, filters }: WindowFrame
): AttentionWindow => {
  const [x, y, logarithms] = columns(affine(map, hidden), [1, 1, 3])
  const [logVariance, logStride, logIntensity] = columns(
    clamp(logarithms, -largestLogarithm, largestLogarithm),
    [1, 1, 1]
  )
  return {
    centreX: multiply(add(x, 1), (width + 1) / 2),
    centreY: multiply(add(y, 1), (height + 1) / 2),
    stride: multiply(exp(logStride), (Math.max(width, height) - 1) / Math.max(filters - 1, 1)),
    logVariance,
    logIntensity
  }
}

const columns = (x: Tensor, sizes: readonly [number, number, number]): readonly [Tensor, Tensor, Tensor] => {
  const [a, b, c] = split(x, 1, sizes)
  if (a === undefined || b === undefined || c === undefined)
    throw new Error("internal: a split in three gives three parts")
  return [a, b, c]
}

/** `gamma`, by which what is read is multiplied, for tensors `[batch, channels, .., ..]`: `[batch, 1, 1, 1]`. */
export const intensity = ({ logIntensity }: AttentionWindow): Tensor => acrossChannels(exp(logIntensity))

/** `1 / gamma`, by which what is written is multiplied: `[batch, 1, 1, 1]`. */
export const inverseIntensity = ({ logIntensity }: AttentionWindow): Tensor => acrossChannels(exp(negate(logIntensity)))

const acrossChannels = (x: Tensor): Tensor => reshape(x, [x.shape[0] ?? 1, 1, 1, 1])

/** A window as plain numbers for figures and logs, `[batch, 5]`: `gX, gY, d, sigma, gamma`, with sigma in pixels. */
export const windowTable = ({ centreX, centreY, stride, logVariance, logIntensity }: AttentionWindow): Tensor =>
  concatenate([centreX, centreY, stride, exp(multiply(logVariance, 0.5)), exp(logIntensity)], 1)
