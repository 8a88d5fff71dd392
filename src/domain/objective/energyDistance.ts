import { add, multiply, square, subtract } from "../tensor/arithmetic.ts"
import { sum } from "../tensor/broadcast.ts"
import { maximum } from "../tensor/comparison.ts"
import { sqrt } from "../tensor/elementwise.ts"
import { matmul } from "../tensor/matmul.ts"
import { transpose } from "../tensor/movement.ts"
import { mean } from "../tensor/reduction.ts"
import type { Tensor } from "../tensor/Tensor.ts"

/**
 * The squared energy distance of two samples (Szekely 2013), `x` `[n, d]` and `y` `[m, d]`:
 *
 *     2 E|x - y| - E|x - x'| - E|y - y'|
 *
 * `[]`, at least 0, and 0 for the same points: a distance between distributions that needs no network, to train by or to measure with.
 * The means go over all pairs, a point with itself among them, so that two samples of one distribution lie about
 * `E|x - x'| (1 / n + 1 / m)` apart. Time `O((n + m)^2 d)`.
 */
export const energyDistance = (x: Tensor, y: Tensor): Tensor => {
  const between = multiply(2, mean(distances(x, y)))
  return subtract(between, add(mean(distances(x, x)), mean(distances(y, y))))
}

/** `|x_i - y_j|`: `[n, m]`. The root begins a little above 0, where it has no derivative. */
const distances = (x: Tensor, y: Tensor): Tensor => {
  const squares = add(sum(square(x), [1], true), transpose(sum(square(y), [1], true)))
  return sqrt(maximum(subtract(squares, multiply(2, matmul(x, transpose(y)))), 1e-12))
}
