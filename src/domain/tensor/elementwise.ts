import { broadcastAll, divide, multiply, negate, subtract } from "./arithmetic.ts"
import { greater, where } from "./comparison.ts"
import { build, type Rules } from "./Rule.ts"
import type { Tensor } from "./Tensor.ts"

/** Functions of one number, applied to each. `y` is the result, `g` its cotangent. */
export const elementwiseRules: Rules<
  "exp" | "log" | "sqrt" | "sin" | "cos" | "tanh" | "sigmoid" | "softplus" | "relu" | "stopGradient"
> = {
  // y = e^x:  dx = g y
  exp: { shape: broadcastAll, gradient: (y, g) => [multiply(g, y)] },
  // y = ln x:  dx = g / x
  log: { shape: broadcastAll, gradient: (y, g) => [divide(g, y.inputs[0])] },
  // y = sqrt x:  dx = g / 2y
  sqrt: { shape: broadcastAll, gradient: (y, g) => [divide(g, multiply(y, 2))] },
  // y = sin x:  dx = g cos x
  sin: { shape: broadcastAll, gradient: (y, g) => [multiply(g, cos(y.inputs[0]))] },
  // y = cos x:  dx = -g sin x
  cos: { shape: broadcastAll, gradient: (y, g) => [negate(multiply(g, sin(y.inputs[0])))] },
  // y = tanh x:  dx = g (1 - y^2)
  tanh: { shape: broadcastAll, gradient: (y, g) => [multiply(g, subtract(1, multiply(y, y)))] },
  // y = 1 / (1 + e^-x):  dx = g y (1 - y)
  sigmoid: { shape: broadcastAll, gradient: (y, g) => [multiply(g, multiply(y, subtract(1, y)))] },
  // y = ln(1 + e^x):  dx = g sigmoid(x)
  softplus: { shape: broadcastAll, gradient: (y, g) => [multiply(g, sigmoid(y.inputs[0]))] },
  // y = max(x, 0):  dx = g where x > 0
  relu: { shape: broadcastAll, gradient: (y, g) => [where(greater(y.inputs[0], 0), g, 0)] },
  // y = x:  dx = 0
  stopGradient: { shape: broadcastAll, gradient: () => [undefined] }
}

/** `e^x`, elementwise: `[..]` to `[..]`. */
export const exp = (x: Tensor): Tensor => build(elementwiseRules.exp, "exp", {}, [x])

/** The natural logarithm of each element, `[..]` to `[..]`; NaN below 0, -Infinity at 0. */
export const log = (x: Tensor): Tensor => build(elementwiseRules.log, "log", {}, [x])

/** The square root of each element, `[..]` to `[..]`; NaN below 0. Its derivative at 0 is infinite. */
export const sqrt = (x: Tensor): Tensor => build(elementwiseRules.sqrt, "sqrt", {}, [x])

/** The sine of each element, an angle in radians, `[..]` to `[..]`; NaN of an infinite one. */
export const sin = (x: Tensor): Tensor => build(elementwiseRules.sin, "sin", {}, [x])

/** The cosine of each element, an angle in radians, `[..]` to `[..]`; NaN of an infinite one. */
export const cos = (x: Tensor): Tensor => build(elementwiseRules.cos, "cos", {}, [x])

/** The hyperbolic tangent of each element, `[..]` to `[..]`. */
export const tanh = (x: Tensor): Tensor => build(elementwiseRules.tanh, "tanh", {}, [x])

/** The logistic function `1 / (1 + e^-x)` of each element, `[..]` to `[..]`. */
export const sigmoid = (x: Tensor): Tensor => build(elementwiseRules.sigmoid, "sigmoid", {}, [x])

/** `ln(1 + e^x)`, elementwise, computed without overflow: `max(x, 0) + ln(1 + e^-|x|)`. */
export const softplus = (x: Tensor): Tensor => build(elementwiseRules.softplus, "softplus", {}, [x])

/** `max(x, 0)`, elementwise; the derivative at 0 is taken as 0. */
export const relu = (x: Tensor): Tensor => build(elementwiseRules.relu, "relu", {}, [x])

/** `x`, of whatever shape, taken as a constant by `gradient`. */
export const stopGradient = (x: Tensor): Tensor => build(elementwiseRules.stopGradient, "stopGradient", {}, [x])
