import { multiply } from "../tensor/arithmetic.ts"
import { greater, maximum } from "../tensor/comparison.ts"
import type { Tensor } from "../tensor/Tensor.ts"

/**
 * The leaky rectifier (A. Maas et al. 2013, Rectifier nonlinearities improve neural network acoustic models): `x` where
 * it is above 0, `leak x` elsewhere; `leak` in [0, 1].
 *
 * Written as a product with the slope, which is constant almost everywhere, so that the gradient is one product; and the
 * slope as a maximum, since ONNX Runtime takes three passes over memory for a choice.
 */
export const leakyRelu = (x: Tensor, leak: number): Tensor => multiply(x, maximum(greater(x, 0), leak))
