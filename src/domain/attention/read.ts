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
 */
export const read = (image: Tensor, window: AttentionWindow, filters: number): Tensor => {
  const [, , height = 1, width = 1] = image.shape
  const { horizontal, vertical } = filterbank(window, { height, width, filters })
  const rowsRead = matmul(vertical, image)
  return multiply(matmul(rowsRead, horizontal, { transposeB: true }), acrossChannels(window.intensity))
}
