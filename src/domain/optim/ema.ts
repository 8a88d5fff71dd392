import { isParameterSpec, type ParameterSpec } from "../nn/parameter.ts"
import { add, divide, multiply, subtract } from "../tensor/arithmetic.ts"
import { tanh } from "../tensor/elementwise.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"
import { flattenTree, joinPath, mapLeaves, type Tree } from "../tensor/Tree.ts"
import { leafAt } from "./Optimizer.ts"

/** An average before the first update: it begins as the parameters do, which are in the state under `prefix`. */
export const emaParameters = <T extends Tree<ParameterSpec>>(parameters: T, prefix: string): T =>
  mapLeaves<ParameterSpec, T>(parameters, isParameterSpec, (spec, path) => ({
    ...spec,
    initialisedLike: joinPath(prefix, path)
  }))

/**
 * One update of a moving average of parameters (Polyak 1992) with a constant decay in [0, 1) over updates t = 1, 2, .. and Adam's
 * correction of the bias towards the beginning:
 *
 *     a_t = (1 - s) a_{t-1} + s theta_t    s = (1 - decay) / (1 - decay^t)
 *
 * so that the first numbers count for nothing: a_1 is theta_1, and a_t about the plain mean while t is below 1 / (1 - decay).
 * `updates` is t - 1, the updates done before this one, `[]`. The trees have the same paths and shapes.
 */
export const emaStep = <T extends Tree<Tensor>>(
  average: T,
  parameters: Tree<Tensor>,
  { decay, updates }: { readonly decay: number; readonly updates: Tensor }
): T => {
  const added = shareOfNewest(decay, add(updates, 1))
  const kept = subtract(1, added)
  const parameterAt = flattenTree(parameters, isTensor)
  return mapLeaves<Tensor, T>(average, isTensor, (a, path) =>
    add(multiply(a, kept), multiply(leafAt(parameterAt, path), added))
  )
}

/** `s` above. `1 - decay^t` is `2 h / (1 + h)` for `h = tanh(-t ln decay / 2)`, which keeps float32's digits next to decay = 1. */
const shareOfNewest = (decay: number, t: Tensor): Tensor | number => {
  // The logarithm of 0 is no number for a graph.
  if (decay === 0) return 1
  const half = tanh(multiply(t, -Math.log(decay) / 2))
  return divide(multiply(add(half, 1), (1 - decay) / 2), half)
}
