import { greater } from "../tensor/comparison.ts"
import { uniformNoise } from "../tensor/source.ts"
import type { Tensor } from "../tensor/Tensor.ts"

/**
 * Black and white images, drawn afresh at every step: each number is 1 with the probability that `images`, `[n, ..]` in
 * [0, 1], gives for it, else 0. The draws come from the noise stream of that name, and so from the run's seed.
 */
export const binarised = (images: Tensor, stream: string): Tensor => greater(images, uniformNoise(stream, images.shape))
