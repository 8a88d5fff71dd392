import { multiply } from "../tensor/arithmetic.ts"
import { bernoulliNoise, type NoiseStream } from "../tensor/source.ts"
import type { Tensor } from "../tensor/Tensor.ts"

/**
 * Dropout (Srivastava 2014): each number is kept with probability `keep`, and then divided by it so that the mean stays,
 * or else is 0: `[..]` to `[..]`. The mask is drawn from that key, or the stream of that name; a `keep` of 1 changes nothing.
 */
export const dropout = (x: Tensor, keep: number, stream: NoiseStream): Tensor =>
  keep === 1 ? x : multiply(multiply(x, bernoulliNoise(stream, keep, x.shape)), 1 / keep)
