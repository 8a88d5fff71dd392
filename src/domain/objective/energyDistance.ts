import { add, multiply, subtract } from "../tensor/arithmetic.ts"
import { maximum } from "../tensor/comparison.ts"
import { sqrt } from "../tensor/elementwise.ts"
import { mean } from "../tensor/reduction.ts"
import { squaredDistances } from "../tensor/squaredDistances.ts"
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
const distances = (x: Tensor, y: Tensor): Tensor => sqrt(maximum(squaredDistances(x, y), 1e-12))
