import { divide } from "../tensor/arithmetic.ts"
import { matmul } from "../tensor/matmul.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { filterbank } from "./filterbank.ts"
import { type AttentionWindow, acrossChannels } from "./window.ts"

/**
 * What is drawn through a window (section 2.4):
 *
 *     write(w) = (1 / gamma) FY^T w FX
 *
 * `patch` is `[batch, channels, N, N]`, the result `[batch, channels, height, width]`: what is to be added to the canvas.
 */
export const write = (
  patch: Tensor,
  window: AttentionWindow,
  { height, width }: { readonly height: number; readonly width: number }
): Tensor => {
  const filters = patch.shape.at(-1) ?? 1
  const { horizontal, vertical } = filterbank(window, { height, width, filters })
  const rowsDrawn = matmul(divide(patch, acrossChannels(window.intensity)), horizontal)
  return matmul(vertical, rowsDrawn, { transposeA: true })
}
