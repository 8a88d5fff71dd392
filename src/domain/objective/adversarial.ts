import { add, divide, negate, square } from "../tensor/arithmetic.ts"
import { sum } from "../tensor/broadcast.ts"
import { greater } from "../tensor/comparison.ts"
import { softplus } from "../tensor/elementwise.ts"
import { gradient } from "../tensor/gradient.ts"
import { mean } from "../tensor/reduction.ts"
import type { Tensor } from "../tensor/Tensor.ts"

/**
 * The discriminator's loss, the negative of what it maximises (eq. 9), from logits `[n]`:
 *
 *     -E[log D(x)] - E[log(1 - D(c_T))] = E[softplus(-l_real)] + E[softplus(l_generated)]
 */
export const discriminatorLoss = (realLogits: Tensor, generatedLogits: Tensor): Tensor =>
  add(mean(softplus(negate(realLogits))), mean(softplus(generatedLogits)))

/** The generator's loss, the negative of what it maximises (eq. 10), from logits `[n]`: `-E[log D(c_T)] = E[softplus(-l)]`. */
export const generatorLoss = (generatedLogits: Tensor): Tensor => mean(softplus(negate(generatedLogits)))

/** The share of real images that the discriminator takes for real, `[]`: logits `[n, 1]` above 0. */
export const realAccuracy = (realLogits: Tensor): Tensor => mean(greater(realLogits, 0))

/** The share of generated images that the discriminator takes for generated, `[]`: logits `[n, 1]` below 0. */
export const generatedAccuracy = (generatedLogits: Tensor): Tensor => mean(greater(0, generatedLogits))

/**
 * The gradient penalty R1 (Mescheder 2018, eq. 9), without its weight: how steep D is at real images,
 *
 *     E[|| d l(x) / d x ||^2] / 2
 *
 * the mean over `images`, `[n, channels, B, A]`, of the squared gradient of their `logits`, `[n]`, which must be made from that very
 * tensor, each from its own image alone. Its gradient by D's parameters is a second derivative.
 */
export const gradientPenalty = (logits: Tensor, images: Tensor): Tensor => {
  const slopes = gradient(sum(logits), { images }).images
  return divide(sum(square(slopes)), 2 * (logits.shape[0] ?? 1))
}
