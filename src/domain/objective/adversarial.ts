import { add, negate } from "../tensor/arithmetic.ts"
import { greater } from "../tensor/comparison.ts"
import { softplus } from "../tensor/elementwise.ts"
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
