import { reshape } from "../tensor/movement.ts"
import { max } from "../tensor/reduction.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { type Linear, linear, linearParameters } from "./linear.ts"
import type { Initialiser, ParameterSpec } from "./parameter.ts"

/** Parameters of a maxout layer of `units` units with `pieces` affine maps each: one map to `units pieces` numbers. */
export const maxoutParameters = (
  inputs: number,
  { units, pieces }: { readonly units: number; readonly pieces: number },
  weight: Initialiser
): Linear<ParameterSpec> => linearParameters(inputs, units * pieces, weight)

/**
 * A maxout layer (Goodfellow 2013): each unit is the greatest of its own affine maps of the input,
 * `y[j] = max_k (x W[.., j k] + b[j k])`; `[n, inputs] -> [n, units]`.
 */
export const maxout = (parameters: Linear<Tensor>, x: Tensor, pieces: number): Tensor => {
  const all = linear(parameters, x)
  const [rows = 1, columns = pieces] = all.shape
  return max(reshape(all, [rows, columns / pieces, pieces]), [2])
}
