import { divide, multiply } from "./arithmetic.ts"
import { greater, where } from "./comparison.ts"
import { exp, log, sqrt, stopGradient } from "./elementwise.ts"
import { full } from "./source.ts"
import type { Tensor } from "./Tensor.ts"

/**
 * `x^exponent`, elementwise. For a whole exponent a product of `x` with itself, for every `x`; its derivative is that of
 * the product, and `x^0` is 1 everywhere. For any other, `e^(exponent ln x)`: NaN below 0; at 0 it is 0, or Infinity
 * where the exponent is negative, and the derivative is taken as 0 there. (It is 0 for exponents above 1, and infinite
 * for those below, where an infinite gradient would be of no use.) Throws a `RangeError` if the exponent is not finite.
 */
export const pow = (x: Tensor, exponent: number): Tensor => {
  if (!Number.isFinite(exponent)) throw new RangeError(`pow takes a finite exponent, not ${exponent}`)
  if (Number.isInteger(exponent)) {
    return exponent < 0 ? divide(1, wholePower(x, -exponent)) : wholePower(x, exponent)
  }
  const positive = greater(x, 0)
  // The logarithm of 1 instead of those that are not chosen: their gradient, 0 / 0, would be NaN.
  const chosen = exp(multiply(log(where(positive, x, 1)), exponent))
  const root = sqrt(stopGradient(x))
  return where(positive, chosen, exponent > 0 ? multiply(root, 0) : divide(1, root))
}

/** By squaring: as many products as the exponent has binary digits, and one more for each that is 1. */
const wholePower = (x: Tensor, exponent: number): Tensor => {
  if (exponent === 0) return full(x.shape, 1)
  if (exponent === 1) return x
  const half = wholePower(x, Math.floor(exponent / 2))
  const even = multiply(half, half)
  return exponent % 2 === 0 ? even : multiply(even, x)
}
