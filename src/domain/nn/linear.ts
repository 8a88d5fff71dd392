import { add } from "../tensor/arithmetic.ts"
import { matmul } from "../tensor/matmul.ts"
import { concatenate, size, split } from "../tensor/movement.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { type MapList, mapList } from "../tensor/Tree.ts"
import type { Initialiser, ParameterSpec } from "./parameter.ts"

/** Parameters of an affine map: `weight` `[inputs, outputs]`, `bias` `[outputs]`. */
export type Linear<Leaf> = {
  readonly weight: Leaf
  readonly bias: Leaf
}

/** An affine map from `inputs` to `outputs` numbers: Glorot-uniform weight unless said otherwise, zero bias. */
export const linearParameters = (
  inputs: number,
  outputs: number,
  weight: Initialiser = { kind: "glorot", scale: 1 }
): Linear<ParameterSpec> => ({
  weight: { shape: [inputs, outputs], initialiser: weight },
  bias: { shape: [outputs], initialiser: { kind: "constant", value: 0 } }
})

/** `W(x) = x W + b`, the paper's "linear transformation including the addition of a bias": `[.., inputs] -> [.., outputs]`. */
export const linear = ({ weight, bias }: Linear<Tensor>, x: Tensor): Tensor => add(matmul(x, weight), bias)

/**
 * Several affine maps of one `x` as one product, as a function of `x`:
 *
 *     [W1(x), W2(x), ..] = x [W1 | W2 | ..] + [b1 | b2 | ..]
 *
 * A narrow map by itself costs an engine nearly as much as a wide one, and so does the gradient of its weight. Joined once
 * for all steps of a recurrence, so that the gradient is summed over the steps first.
 */
export const linearMaps = <const Maps extends ReadonlyArray<Linear<Tensor>>>(
  maps: Maps
): ((x: Tensor) => MapList<Maps, Tensor>) => {
  const weights = maps.map(({ weight }) => weight)
  const biases = maps.map(({ bias }) => bias)
  const joined = { weight: concatenate(weights, 1), bias: concatenate(biases, 0) }
  const widths = mapList(maps, ({ bias }) => size(bias, 0))
  return (x) => split(linear(joined, x), -1, widths)
}
