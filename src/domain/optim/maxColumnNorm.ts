import { divide, multiply, square } from "../tensor/arithmetic.ts"
import { sum } from "../tensor/broadcast.ts"
import { maximum } from "../tensor/comparison.ts"
import { sqrt } from "../tensor/elementwise.ts"
import type { Tensor } from "../tensor/Tensor.ts"

/**
 * A weight `[inputs, outputs]` whose columns are brought back to a Euclidean norm of at most `greatest`, each by a factor of
 * its own; anything of another rank, a bias say, as it is:
 *
 *     W[.., j] <- W[.., j] greatest / max(|W[.., j]|, greatest)
 *
 * The constraint that Srebro and Shraibman 2005 propose and Hinton 2012 (Improving neural networks by preventing
 * co-adaptation of feature detectors) and Goodfellow 2013 (Maxout networks) use with dropout.
 */
export const maxColumnNorm = (weight: Tensor, greatest: number): Tensor => {
  if (weight.shape.length !== 2) return weight
  const norms = sqrt(sum(square(weight), [0], true))
  return multiply(weight, divide(greatest, maximum(norms, greatest)))
}
