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

/** An elementwise function, or the name of one. */
export type Activation = ActivationName | ((x: Tensor) => Tensor)

/** The function itself. */
const functionOf = (activation: Activation): ((x: Tensor) => Tensor) =>
  typeof activation === "function" ? activation : activations[activation]

/** `x`, of any shape: what comes after the last layer of a network whose outputs may be any numbers. */
export const identity = (x: Tensor): Tensor => x

/**
 * `x_0 = x, x_i = f(W_i(x_{i-1}))`: `[n, inputs]` to `[n, units of the last layer]`, to `x` itself where there are no layers.
 * `last` is the function behind the last layer, `f` as well if it is left out.
 *
 *     mlp(p, "relu", x, identity)
 *
 * @example
 * ```ts
 * import { identity, mlp, Program, mlpParameters } from "fovea"
 *
 * const classifier = Program.make("classifier", {
 *   state: { layers: mlpParameters(784, [100, 10]) },
 *   inputs: { images: [32, 784] },
 *   step: ({ layers }, { images }) => ({ outputs: { logits: mlp(layers, "relu", images, identity) } })
 * })
 * console.log(classifier.outputs.logits.shape) // [ 32, 10 ]
 * ```
 */
export const mlp = (layers: Mlp<Tensor>, activation: Activation, x: Tensor, last: Activation = activation): Tensor => {
  const all = Object.values(layers)
  return all.reduce((below, layer, i) => functionOf(i === all.length - 1 ? last : activation)(linear(layer, below)), x)
}
