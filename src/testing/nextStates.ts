import { add, divide, multiply, negate, square, subtract } from "../domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../domain/tensor/broadcast.ts"
import { clamp, greater, maximum, where } from "../domain/tensor/comparison.ts"
import { conv2d, convTranspose2d } from "../domain/tensor/convolution.ts"
import { cos, exp, log, relu, sigmoid, sin, softplus, sqrt, stopGradient, tanh } from "../domain/tensor/elementwise.ts"
import { gradient } from "../domain/tensor/gradient.ts"
import { matmul } from "../domain/tensor/matmul.ts"
import { concatenate, pad, reshape, slice, transpose } from "../domain/tensor/movement.ts"
import { max, softmax } from "../domain/tensor/reduction.ts"
import { type Shape, sizeOf } from "../domain/tensor/Shape.ts"
import { bernoulliNoise, constant, full, normalNoise, placeholder, uniformNoise } from "../domain/tensor/source.ts"
import type { Tensor } from "../domain/tensor/Tensor.ts"
import { bentLoss } from "./losses.ts"

/** Something that a next state can be made of, in whatever shape is asked for: the same shape, the same tensor. */
export type Source = (shape: Shape) => Tensor

const named = (kind: string, shape: Shape): string => `${kind} [${shape.join()}]`

/** Everything that the language's expressions begin with. */
export const sources = {
  normal: (shape) => normalNoise(named("normal", shape), shape),
  uniform: (shape) => uniformNoise(named("uniform", shape), shape),
  bernoulli: (shape) => bernoulliNoise(named("bernoulli", shape), 0.4, shape),
  constant: (shape) =>
    constant({ shape, values: Float64Array.from({ length: sizeOf(shape) }, (_, i) => ((7 * i) % 5) / 4 - 0.4375) }),
  full: (shape) => full(shape, 0.8125),
  input: (shape) => placeholder(named("input", shape), shape),
  "state that moves": (shape) => placeholder(named("moving", shape), shape),
  "state that stays": (shape) => placeholder(named("fixed", shape), shape)
} satisfies Readonly<Record<string, Source>>

/** How a state's next value comes of the value `now`, `[3, 5]`, and of a source: by every primitive, and by none. */
type NextState = (now: Tensor, source: Source) => Tensor

/** An irregular offset, so that no comparison is near a tie. */
const offset = 0.3719

/** Of a source in the state's own shape, or as one number, a row, a column. */
const stretched = (kind: string, of: (now: Tensor, other: Tensor) => Tensor): Readonly<Record<string, NextState>> =>
  Object.fromEntries(
    ([[3, 5], [], [1, 1], [5], [3, 1]] as const).map((shape) => [
      `${kind} of [${shape.join()}]`,
      (now, source) => of(now, source(shape))
    ])
  )

const direct = (of: (now: Tensor, other: Tensor) => Tensor): NextState => {
  return (now, source) => of(now, source(now.shape))
}

/** Numbers of the state's shape, whatever shape they have. */
const asState = (x: Tensor, now: Tensor): Tensor => add(multiply(0.5, now), x)

export const nextStates: Readonly<Record<string, NextState>> = {
  itself: direct((_, x) => x),
  ...stretched("add", add),
  ...stretched("subtract", subtract),
  ...stretched("subtract from", (now, x) => subtract(x, now)),
  ...stretched("multiply", multiply),
  ...stretched("divide by", (now, x) => divide(now, add(x, 9))),
  ...stretched("divide", (now, x) => divide(x, add(square(now), 1))),
  ...stretched("mixture", (now, x) => add(multiply(0.75, now), multiply(0.25, x))),
  ...stretched("where", (now, x) => where(greater(x, offset), now, x)),
  ...stretched("maximum", (now, x) => maximum(now, add(x, offset))),
  negate: direct((now, x) => subtract(now, negate(x))),
  "negate alone": direct((_, x) => negate(x)),
  square: direct((now, x) => add(multiply(0.5, now), square(x))),
  greater: direct((now, x) => greater(now, add(x, offset))),
  clamp: direct((now, x) => asState(clamp(x, -0.7391, 0.6173), now)),
  exp: direct((now, x) => asState(exp(tanh(x)), now)),
  log: direct((now, x) => asState(log(add(square(x), 0.5)), now)),
  sqrt: direct((now, x) => add(now, sqrt(add(square(x), 0.5)))),
  "sqrt of both": direct((now, x) => sqrt(add(square(now), square(x)))),
  sin: direct((now, x) => asState(sin(x), now)),
  cos: direct((now, x) => asState(cos(x), now)),
  tanh: direct((now, x) => tanh(add(now, x))),
  sigmoid: direct((now, x) => asState(sigmoid(x), now)),
  softplus: direct((now, x) => asState(softplus(x), now)),
  relu: direct((now, x) => asState(relu(add(x, offset)), now)),
  stopGradient: direct((now, x) => add(stopGradient(now), stopGradient(x))),
  reshape: (now, source) => add(now, reshape(source([15]), now.shape)),
  "reshape alone": (now, source) => reshape(source([5, 3]), now.shape),
  transpose: (now, source) => add(now, transpose(source([5, 3]))),
  "transpose alone": (now, source) => transpose(source(now.shape.toReversed())),
  slice: (now, source) => add(now, slice(source([4, 7]), [1, 0], [3, 5])),
  pad: (now, source) => add(now, pad(source([2, 3]), [1, 0], [0, 2])),
  concatenate: (now, source) => concatenate([slice(now, [0, 0], [3, 2]), source([3, 3])], 1),
  broadcast: (now, source) => broadcast(source([3, 1]), now.shape),
  sum: (now, source) => add(now, sum(source([2, 3, 5]), [0])),
  "sum of all": (now, source) => add(now, sum(source([3, 5]))),
  max: (now, source) => add(now, max(source([3, 7]), [1], true)),
  softmax: direct((now, x) => softmax(add(now, x))),
  matmul: (now, source) => matmul(now, source([5, 5])),
  "matmul of itself": (now, source) => add(now, matmul(source([3, 2]), source([2, 5]))),
  conv2d: (now, source) => reshape(conv2d(source([1, 1, 4, 6]), source([1, 1, 2, 2])), now.shape),
  convTranspose2d: (now, source) =>
    add(now, reshape(convTranspose2d(source([1, 1, 2, 4]), source([1, 1, 2, 2])), now.shape)),
  gradient: direct((now, x) => subtract(now, multiply(0.1, gradient(bentLoss([multiply(now, x)]), now)))),
  "gradient of a next state": direct((now, x) => {
    const next = add(multiply(0.75, now), multiply(0.25, x))
    return subtract(next, gradient(bentLoss([square(next)]), now))
  })
}
