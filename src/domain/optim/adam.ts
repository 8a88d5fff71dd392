import * as Schema from "effect/Schema"
import type { ParameterSpec } from "../nn/parameter.ts"
import { namedFields } from "../settings/namedFields.ts"
import { add, divide, multiply, square, subtract } from "../tensor/arithmetic.ts"
import { exp, sqrt } from "../tensor/elementwise.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"
import { flattenTree, mapLeaves, type Tree } from "../tensor/Tree.ts"
import { leafAt } from "./leafAt.ts"
import { noUpdates, zeroed } from "./zeroed.ts"

const Decay = Schema.Finite.check(
  Schema.makeFilter((beta) => (beta >= 0 && beta < 1 ? undefined : "must lie in [0, 1)"))
)

/** Settings of Adam (Kingma 2015, algorithm 1), under the names used there. */
export class AdamSettings extends Schema.Class<AdamSettings>("AdamSettings")(
  namedFields(
    "AdamSettings",
    Schema.Struct({
      kind: Schema.tag("adam"),
      /** `alpha`. */
      learningRate: Schema.Finite.check(Schema.isGreaterThan(0)),
      beta1: Decay,
      beta2: Decay,
      epsilon: Schema.Finite.check(Schema.isGreaterThan(0))
    })
  )
) {}

/** Adam's state: the number of updates done, `[]`, and the running moments, in the shape of the parameter tree. */
export type AdamState<Moments, Leaf> = {
  readonly updates: Leaf
  readonly first: Moments
  readonly second: Moments
}

/** Adam's state before the first update: zeros. */
export const adamState = <T extends Tree<ParameterSpec>>(parameters: T): AdamState<T, ParameterSpec> => ({
  updates: noUpdates,
  first: zeroed(parameters),
  second: zeroed(parameters)
})

/**
 * One update of Adam (Kingma 2015, algorithm 1) with bias correction:
 *
 *     m' = b1 m + (1 - b1) g    v' = b2 v + (1 - b2) g^2
 *     theta' = theta - alpha [m' / (1 - b1^t)] / (sqrt(v' / (1 - b2^t)) + epsilon)
 *
 * All trees have the paths and shapes of the parameters.
 */
export const adam = <T extends Tree<Tensor>>(
  settings: AdamSettings,
  parameters: T,
  gradients: Tree<Tensor>,
  state: AdamState<Tree<Tensor>, Tensor>
): { readonly parameters: T; readonly state: AdamState<Tree<Tensor>, Tensor> } => {
  const { learningRate, beta1, beta2, epsilon } = settings
  const updates = add(state.updates, 1)
  // b^t = e^(t ln b): one counter serves both, and never drifts.
  const power = (beta: number): Tensor => exp(multiply(updates, Math.log(beta)))
  const stepSize = divide(learningRate, subtract(1, power(beta1)))
  const scale = divide(1, subtract(1, power(beta2)))
  const gradientAt = flattenTree(gradients, isTensor)
  const first = mapLeaves<Tensor, Tree<Tensor>>(state.first, isTensor, (m, path) =>
    add(multiply(m, beta1), multiply(leafAt(gradientAt, path), 1 - beta1))
  )
  const second = mapLeaves<Tensor, Tree<Tensor>>(state.second, isTensor, (v, path) =>
    add(multiply(v, beta2), multiply(square(leafAt(gradientAt, path)), 1 - beta2))
  )
  const firstAt = flattenTree(first, isTensor)
  const secondAt = flattenTree(second, isTensor)
  const moved = mapLeaves<Tensor, T>(parameters, isTensor, (theta, path) => {
    const size = add(sqrt(multiply(leafAt(secondAt, path), scale)), epsilon)
    return subtract(theta, divide(multiply(leafAt(firstAt, path), stepSize), size))
  })
  return { parameters: moved, state: { updates, first, second } }
}
