import { add, multiply, square, subtract } from "./arithmetic.ts"
import { sum } from "./broadcast.ts"
import { relu } from "./elementwise.ts"
import { matmul } from "./matmul.ts"
import { reshape, size } from "./movement.ts"
import type { Tensor } from "./Tensor.ts"

/** The squared length of each row: `[n, d]` to `[n]`. */
export const squaredLengths = (x: Tensor): Tensor => sum(square(x), [1])

/**
 * The squared Euclidean distances of all rows of `x` to all rows of `y`, `[n, d]` and `[m, d]` to `[n, m]`, by one matrix product:
 *
 *     |x_i - y_j|^2 = |x_i|^2 + |y_j|^2 - 2 x_i . y_j
 *
 * and 0 where rounding makes that negative. In float32 the error is a few units of `2^-24` times the squared lengths, so rows that
 * lie far from the origin for their distances are best centred first. `lengths`, `[m]`, are the squared lengths of y's rows
 * where they are known.
 */
export const squaredDistances = (x: Tensor, y: Tensor, lengths = squaredLengths(y)): Tensor => {
  const sums = add(reshape(squaredLengths(x), [size(x, 0), 1]), reshape(lengths, [1, size(y, 0)]))
  return relu(subtract(sums, multiply(matmul(x, y, { transposeB: true }), 2)))
}
