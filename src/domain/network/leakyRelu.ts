import { multiply } from "../tensor/arithmetic.ts"
import { greater, select } from "../tensor/comparison.ts"
import type { Tensor } from "../tensor/Tensor.ts"

/**
 * The leaky rectifier (A. Maas et al. 2013, Rectifier nonlinearities improve neural network acoustic models): `x` where
 * it is above 0, `leak x` elsewhere.
 *
 * Written as a product with the slope, which is constant almost everywhere: the gradient is the same product, one pass.
 */
export const leakyRelu = (x: Tensor, leak: number): Tensor => multiply(x, select(greater(x, 0), 1, leak))
