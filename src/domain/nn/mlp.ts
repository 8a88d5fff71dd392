import type { Tensor } from "../tensor/Tensor.ts"
import { type ActivationName, activations } from "./activation.ts"
import { type Linear, linear, linearParameters } from "./linear.ts"
import type { Initialiser, ParameterSpec } from "./parameter.ts"

/** Parameters of layers that follow one another: `layer1`, `layer2`, .. */
export type Mlp<Leaf> = { readonly [layer: string]: Linear<Leaf> }

/** Layers of these numbers of units, from `inputs` numbers. Weights as in `linearParameters`. */
export const mlpParameters = (inputs: number, units: ReadonlyArray<number>, weight?: Initialiser): Mlp<ParameterSpec> =>
  Object.fromEntries(
    units.map((width, i) => [`layer${i + 1}`, linearParameters(units[i - 1] ?? inputs, width, weight)])
  )

/** `x_0 = x, x_i = f(W_i(x_{i-1}))`: `[n, inputs]` to `[n, units of the last layer]`, to `x` itself where there are no layers. */
export const mlp = (layers: Mlp<Tensor>, activation: ActivationName, x: Tensor): Tensor =>
  Object.values(layers).reduce((below, layer) => activations[activation](linear(layer, below)), x)
