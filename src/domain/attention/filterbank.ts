import { multiply, subtract } from "../tensor/arithmetic.ts"
import { matmul } from "../tensor/matmul.ts"
import { concatenate, reshape, size } from "../tensor/movement.ts"
import { softmax } from "../tensor/reduction.ts"
import { constant } from "../tensor/source.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { tensorData } from "../tensor/TensorData.ts"
import type { AttentionWindow, WindowFrame } from "./window.ts"

/**
 * The Gaussian filters of a window, one row a filter: `horizontal` is FX, `[batch, 1, N, A]`, and `vertical` FY,
 * `[batch, 1, N, B]`. The axis of size 1 stands for the channels, which all share the filters.
 */
export interface Filterbank {
  readonly horizontal: Tensor
  readonly vertical: Tensor
}

/**
 * The filterbanks FX and FY of a window (section 2.1; DRAW eq. 19-26). Every row sums to 1.
 *
 *     mu[i] = g + (i - N/2 - 0.5) d,   i = 1..N
 *     F[i, a] = exp(-(a - mu[i])^2 / 2 s2) / Z[i],   a = 1..size
 *
 * A row-normalised Gaussian is a softmax over `a` of its exponent, which never divides by an underflowed sum. With
 * `o[i] = i - N/2 - 0.5`, and up to a constant per row, which softmax ignores, the exponent is linear in three numbers:
 *
 *     -(a - mu[i])^2 / 2 s2 = (g / s2) a + (d / s2) o[i] a - (1 / s2) a^2 / 2 + constant
 *
 * so the exponents of all rows are one small matrix product, of four numbers a window for both axes together. Counting `a`
 * and `g` from the image's centre keeps the terms small.
 *
 * @example
 * ```ts
 * import { filterbank, windowFrom } from "fovea"
 * import { zeros } from "fovea/tensor"
 *
 * // Numbers of zero: a window in the middle, over the whole image of 8 rows and 6 columns, seen by 3 x 3 filters.
 * const window = windowFrom(zeros([2, 5]), { height: 8, width: 6, filters: 3 })
 * const { horizontal, vertical } = filterbank(window, { height: 8, width: 6, filters: 3 })
 * console.log(horizontal.shape, vertical.shape) // [ 2, 1, 3, 6 ] [ 2, 1, 3, 8 ]
 * ```
 */
export const filterbank = (window: AttentionWindow, { height, width, filters }: WindowFrame): Filterbank => {
  const { centreX, centreY, stride, precision } = window
  const scaled = (x: Tensor): Tensor => multiply(x, precision)
  const coefficients = concatenate(
    [scaled(subtract(centreX, middle(width))), scaled(subtract(centreY, middle(height))), scaled(stride), precision],
    1
  )
  return {
    horizontal: gaussianRows(coefficients, "x", filters, width),
    vertical: gaussianRows(coefficients, "y", filters, height)
  }
}

const middle = (size: number): number => (size + 1) / 2

/** The filters of one axis, `[batch, 1, N, length]`, from `(gX / s2, gY / s2, d / s2, 1 / s2)`, `[batch, 4]`. */
const gaussianRows = (coefficients: Tensor, axis: "x" | "y", filters: number, length: number): Tensor => {
  const exponents = matmul(coefficients, exponentTerms(axis, filters, length))
  return softmax(reshape(exponents, [size(exponents, 0), 1, filters, length]))
}

/** For every filter and pixel `a` in the axis' own row, 0 in the other axis', `o[i] a`, `-a^2 / 2`; `a` from the middle: `[4, N size]`. */
const exponentTerms = (axis: "x" | "y", filters: number, size: number): Tensor => {
  const pixels = Array.from({ length: size }, (_, a) => a + 1 - middle(size))
  const offsets = Array.from({ length: filters }, (_, i) => i + 1 - filters / 2 - 0.5)
  const term = (f: (a: number, offset: number) => number): ReadonlyArray<number> =>
    offsets.flatMap((offset) => pixels.map((a) => f(a, offset)))
  const own = term((a) => a)
  const other = term(() => 0)
  return constant(
    tensorData(
      [4, filters * size],
      Float64Array.of(
        ...(axis === "x" ? [...own, ...other] : [...other, ...own]),
        ...term((a, offset) => offset * a),
        ...term((a) => (-a * a) / 2)
      )
    )
  )
}
