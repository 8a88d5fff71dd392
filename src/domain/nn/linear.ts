import { add } from "../tensor/arithmetic.ts"
import { matmul } from "../tensor/matmul.ts"
import type { Tensor } from "../tensor/Tensor.ts"
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
