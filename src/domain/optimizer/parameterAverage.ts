import { isParameterSpec, type ParameterSpec } from "../network/parameter.ts"
import { add, divide, multiply, subtract } from "../tensor/arithmetic.ts"
import { exp } from "../tensor/elementwise.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"
import { flattenTree, joinPath, mapLeaves, type Tree } from "../tensor/Tree.ts"
import { leafAt } from "./leafAt.ts"

/** An average before the first update: it begins as the parameters do, which stand in the state under `prefix`. */
export const parameterAverage = <T extends Tree<ParameterSpec>>(parameters: T, prefix: string): T =>
  mapLeaves<ParameterSpec, T>(parameters, isParameterSpec, (spec, path) => ({
    ...spec,
    drawnAs: joinPath(prefix, path)
  }))

/**
 * One update of a moving average of parameters (Polyak 1992), `a' = kept a + added theta`, the shares being numbers or `[]`. The trees
 * have the same paths and shapes.
 */
export const movedAverage = <T extends Tree<Tensor>>(
  average: T,
  parameters: Tree<Tensor>,
  { kept, added }: { readonly kept: Tensor | number; readonly added: Tensor | number }
): T => {
  const parameterAt = flattenTree(parameters, isTensor)
  return mapLeaves<Tensor, T>(average, isTensor, (a, path) =>
    add(multiply(a, kept), multiply(leafAt(parameterAt, path), added))
  )
}

/**
 * The same with a constant decay over updates t = 1, 2, .. and Adam's correction of the bias towards the beginning:
 *
 *     a_t = (1 - s) a_{t-1} + s theta_t    s = (1 - decay) / (1 - decay^t)
 *
 * so that the first numbers count for nothing: a_1 is theta_1, and a_t about the plain mean while t is below 1 / (1 - decay).
 * `updates` is t - 1, the updates done before this one, `[]`.
 */
export const movedByDecay = <T extends Tree<Tensor>>(
  average: T,
  parameters: Tree<Tensor>,
  { decay, updates }: { readonly decay: number; readonly updates: Tensor }
): T => {
  const power = exp(multiply(add(updates, 1), Math.log(decay)))
  const added = divide(1 - decay, subtract(1, power))
  return movedAverage(average, parameters, { kept: subtract(1, added), added })
}
