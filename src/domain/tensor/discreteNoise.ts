import { multiply } from "./arithmetic.ts"
import { sum } from "./broadcast.ts"
import { greater, not } from "./comparison.ts"
import { stopGradient } from "./elementwise.ts"
import { cumulativeSum, oneHot } from "./indices.ts"
import { reshape, size, sliceAxis } from "./movement.ts"
import { ShapeError } from "./Rule.ts"
import type { Shape } from "./Shape.ts"
import { constant, uniformNoise } from "./source.ts"
import type { Tensor } from "./Tensor.ts"
import { tensorData } from "./TensorData.ts"

/**
 * Independent draws of a whole number `0 .. classes - 1`, each as likely as the others, `shape`: times of a diffusion
 * model, labels to ask for. The same on every backend to the last one: uniform draws are compared with `k / classes`,
 * rounded to float32 here. Throws a `ShapeError` unless `classes` is a positive integer.
 */
export const integerNoise = (stream: string, classes: number, shape: Shape): Tensor => {
  if (!(Number.isSafeInteger(classes) && classes > 0)) {
    throw new ShapeError("integerNoise", [shape], `the number of classes must be a positive integer, not ${classes}`)
  }
  return integersOf(uniformNoise(stream, shape), classes)
}

/** `floor(classes u)` of numbers `[..]` in [0, 1), as how many of `1 / classes, 2 / classes, ..` they have reached. */
export const integersOf = (u: Tensor, classes: number): Tensor => {
  const ends = Float64Array.from({ length: classes }, (_, k) => Math.fround((k + 1) / classes))
  const column = reshape(u, [...u.shape, 1])
  return sum(not(greater(constant(tensorData([classes], ends)), column)), [-1])
}

/**
 * Independent draws of one of K classes, one for each row of probabilities `[.., K]`, as rows `[.., K]` with a 1 for the class
 * and 0 elsewhere. The probabilities (of logits: `softmax(logits)`) may be weights that do not sum to 1; a class of weight 0
 * is never drawn. A draw is constant to `gradient`. Made of uniform draws, which every backend has alike: two backends
 * differ in a draw only where rounding of the weights' sums decides.
 */
export const categoricalNoise = (stream: string, probabilities: Tensor): Tensor =>
  categoriesOf(uniformNoise(stream, probabilities.shape.slice(0, -1)), probabilities)

/**
 * The class whose part of [0, sum of weights) holds `u` times that sum, one-hot: of `u` `[..]` in [0, 1) and weights
 * `[.., K]`. A part holds where it begins and not where it ends.
 */
export const categoriesOf = (u: Tensor, weights: Tensor): Tensor => {
  const classes = size(weights, -1)
  const ends = cumulativeSum(stopGradient(weights))
  // Of the sum as it was rounded: below it even for the greatest u, 1 - 2^-24.
  const place = multiply(reshape(u, [...u.shape, 1]), sliceAxis(ends, -1, classes - 1, 1))
  return oneHot(sum(not(greater(ends, place)), [-1]), classes)
}
