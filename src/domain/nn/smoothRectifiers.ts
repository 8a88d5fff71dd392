import { add, multiply } from "../tensor/arithmetic.ts"
import { sigmoid } from "../tensor/elementwise.ts"
import { pow } from "../tensor/power.ts"
import type { Tensor } from "../tensor/Tensor.ts"

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
