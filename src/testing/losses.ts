import { add, multiply } from "../domain/tensor/arithmetic.ts"
import { sum } from "../domain/tensor/broadcast.ts"
import { tanh } from "../domain/tensor/elementwise.ts"
import { gradient } from "../domain/tensor/gradient.ts"
import { sizeOf } from "../domain/tensor/Shape.ts"
import { constant } from "../domain/tensor/source.ts"
import type { Tensor } from "../domain/tensor/Tensor.ts"

/** `sum w y` with fixed irregular weights `w`: a loss whose cotangent for `y` is different in every entry. */
export const weightedSum = (y: Tensor, phase = 0): Tensor => {
  const weights = Float64Array.from({ length: sizeOf(y.shape) }, (_, i) => Math.sin(1 + phase + 1.7 * i))
  return sum(multiply(y, constant({ shape: y.shape, values: weights })))
}

/** A loss over all roots that bends: its gradients have gradients, and every entry weighs differently. */
export const bentLoss = (roots: ReadonlyArray<Tensor>): Tensor =>
  roots.map((root, i) => weightedSum(tanh(root), i)).reduce((a, b) => add(a, b))

/** `sum_i (w_i . d loss / d x_i)`: what a second derivative is taken of. */
export const gradientLoss = (loss: Tensor, placeholders: ReadonlyArray<Tensor>): Tensor =>
  placeholders
    .map((tensor, i) => weightedSum(gradient(loss, tensor), i))
    .reduce((total, term) => add(total, term), weightedSum(constant({ shape: [], values: Float64Array.of(0) })))
