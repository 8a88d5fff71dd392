import { multiply } from "../tensor/arithmetic.ts"
import { matmul } from "../tensor/matmul.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { filterbank } from "./filterbank.ts"
import { type AttentionWindow, acrossChannels } from "./window.ts"

/**
 * What is seen through a window (eq. 2):
 *
 *     read(x) = gamma [FY x FX^T]
 *
 * `image` is `[batch, channels, B, A]`, the glimpse `[batch, channels, N, N]`; every channel is read through the same window.
 *
 * @example
 * ```ts
 * import { read, windowFrom } from "fovea"
 * import { evaluate, full, zeros } from "fovea/tensor"
 *
 * // Numbers of zero: a window in the middle, over the whole image of 8 rows and 6 columns, seen by 3 x 3 filters.
 * const window = windowFrom(zeros([2, 5]), { height: 8, width: 6, filters: 3 })
 * const glimpse = read(full([2, 1, 8, 6], 0.5), window, 3)
 * const [numbers] = evaluate([glimpse], () => new Float64Array())
 * console.log(glimpse.shape, numbers?.[0]?.toFixed(3)) // [ 2, 1, 3, 3 ] 0.500
 * ```
 */
export const read = (image: Tensor, window: AttentionWindow, filters: number): Tensor => {
  const [, , height = 1, width = 1] = image.shape
  const { horizontal, vertical } = filterbank(window, { height, width, filters })
  const rowsRead = matmul(vertical, image)
  return multiply(matmul(rowsRead, horizontal, { transposeB: true }), acrossChannels(window.intensity))
}
