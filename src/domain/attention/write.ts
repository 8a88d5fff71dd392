import { divide } from "../tensor/arithmetic.ts"
import { matmul } from "../tensor/matmul.ts"
import { size } from "../tensor/movement.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { filterbank } from "./filterbank.ts"
import { type AttentionWindow, acrossChannels } from "./window.ts"

/**
 * What is drawn through a window (section 2.4):
 *
 *     write(w) = (1 / gamma) FY^T w FX
 *
 * `patch` is `[batch, channels, N, N]`, the result `[batch, channels, height, width]`: what is to be added to the canvas.
 *
 * @example
 * ```ts
 * import { write, windowFrom } from "fovea"
 * import { full, zeros } from "fovea/tensor"
 *
 * // Numbers of zero: a window in the middle, over the whole image of 8 rows and 6 columns, seen by 3 x 3 filters.
 * const window = windowFrom(zeros([2, 5]), { height: 8, width: 6, filters: 3 })
 * console.log(write(full([2, 1, 3, 3], 1), window, { height: 8, width: 6 }).shape) // [ 2, 1, 8, 6 ]
 * ```
 */
export const write = (
  patch: Tensor,
  window: AttentionWindow,
  { height, width }: { readonly height: number; readonly width: number }
): Tensor => {
  const { horizontal, vertical } = filterbank(window, { height, width, filters: size(patch, 2) })
  const strips = matmul(divide(patch, acrossChannels(window.intensity)), horizontal)
  return matmul(vertical, strips, { transposeA: true })
}
