import { divide, square } from "../tensor/arithmetic.ts"
import { sum } from "../tensor/broadcast.ts"
import { gradient } from "../tensor/gradient.ts"
import type { Tensor } from "../tensor/Tensor.ts"

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
