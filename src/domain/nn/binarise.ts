import { greater } from "../tensor/comparison.ts"
import { type NoiseStream, uniformNoise } from "../tensor/source.ts"
import type { Tensor } from "../tensor/Tensor.ts"

/**
 * Black and white images, drawn afresh at every step: each number is 1 with the probability that `images`, `[n, ..]` in
 * [0, 1], gives for it, else 0. The draws come from that key, or from the stream of that name.
 */
export const binarised = (images: Tensor, stream: NoiseStream): Tensor =>
  greater(images, uniformNoise(stream, images.shape))
