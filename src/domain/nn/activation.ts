import { add, multiply } from "../tensor/arithmetic.ts"
import { greater, maximum } from "../tensor/comparison.ts"
import { relu, sigmoid, tanh } from "../tensor/elementwise.ts"
import { pow } from "../tensor/power.ts"
import type { Tensor } from "../tensor/Tensor.ts"

/** Names of the activations: the sigma of eq. 1. */
export const activationNames = ["tanh", "sigmoid", "relu"] as const

/** An elementwise function by its name, as settings have it. */
export type ActivationName = (typeof activationNames)[number]

/** The function of that name, of each element: `[..]` to `[..]`. */
export const activations: Readonly<Record<ActivationName, (x: Tensor) => Tensor>> = { tanh, sigmoid, relu }

/**
 * The leaky rectifier (A. Maas et al. 2013, Rectifier nonlinearities improve neural network acoustic models): `x` where
 * it is above 0, `leak x` elsewhere; `leak` in [0, 1].
 *
 * Written as a product with the slope, which is constant almost everywhere, so that the gradient is one product; and the
 * slope as a maximum, since ONNX Runtime takes three passes over memory for a choice.
 */
export const leakyRelu = (x: Tensor, leak: number): Tensor => multiply(x, maximum(greater(x, 0), leak))

/** The sigmoid linear unit, also known as swish, elementwise: `x sigmoid(x)` (S. Elfwing, E. Uchibe and K. Doya 2018). */
export const silu = (x: Tensor): Tensor => multiply(x, sigmoid(x))

/**
 * The Gaussian error linear unit of each element, `x` times the probability that a standard normal number is below it, in its authors'
 * approximation (D. Hendrycks and K. Gimpel 2016), at most 5e-4 from the exact one:
 *
 *     x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
 *
 * written with `(1 + tanh u) / 2 = sigmoid(2 u)`.
 */
export const gelu = (x: Tensor): Tensor =>
  multiply(x, sigmoid(multiply(add(x, multiply(pow(x, 3), 0.044715)), 2 * Math.sqrt(2 / Math.PI))))
