import { divide } from "../tensor/arithmetic.ts"
import { matmul } from "../tensor/matmul.ts"
import { reshape, size, transpose } from "../tensor/movement.ts"
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
  size: { readonly height: number; readonly width: number }
): Tensor => writeSteps(patch, window, 1, size)

/**
 * What is drawn in several steps, all at once: the sum over t of `write(w_t)` is one product of T N filters,
 *
 *     sum over t of (1 / gamma_t) FY_t^T w_t FX_t = [FY_1; ..; FY_T]^T [w_1 FX_1 / gamma_1; ..; w_T FX_T / gamma_T]
 *
 * `patches` is `[batch * steps, channels, N, N]` and `windows` as many, a sample's steps one after another; the result
 * `[batch, channels, height, width]`.
 */
export const writeSteps = (
  patches: Tensor,
  windows: AttentionWindow,
  steps: number,
  { height, width }: { readonly height: number; readonly width: number }
): Tensor => {
  const [rows, channels, filters] = [size(patches, 0), size(patches, 1), size(patches, 2)]
  const { horizontal, vertical } = filterbank(windows, { height, width, filters })
  const strips = matmul(divide(patches, acrossChannels(windows.intensity)), horizontal)
  if (steps === 1) return matmul(vertical, strips, { transposeA: true })
  const batch = rows / steps
  // A channel's strips of all steps below one another.
  const stacked = transpose(reshape(strips, [batch, steps, channels, filters, width]), [0, 2, 1, 3, 4])
  const below = [steps * filters, width]
  return matmul(
    reshape(vertical, [size(vertical, 0) / steps, 1, steps * filters, height]),
    reshape(stacked, [batch, channels, ...below]),
    { transposeA: true }
  )
}
