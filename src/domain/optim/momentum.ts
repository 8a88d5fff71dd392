import * as Schema from "effect/Schema"
import type { ParameterSpec } from "../nn/parameter.ts"
import { namedFields } from "../settings/namedFields.ts"
import { add, divide, multiply, subtract } from "../tensor/arithmetic.ts"
import { maximum, minimum } from "../tensor/comparison.ts"
import { exp } from "../tensor/elementwise.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"
import { flattenTree, mapLeaves, type Tree } from "../tensor/Tree.ts"
import { leafAt } from "./leafAt.ts"
import { maxColumnNorm } from "./maxColumnNorm.ts"
import { noUpdates, zeroed } from "./zeroed.ts"

const Positive = Schema.Finite.check(Schema.isGreaterThan(0))
const Momentum = Schema.Finite.check(
  Schema.makeFilter((momentum) => (momentum >= 0 && momentum < 1 ? undefined : "must lie in [0, 1)"))
)

/** Settings of gradient descent with momentum; its two schedules are those of pylearn2, counted in updates. */
export class MomentumSettings extends Schema.Class<MomentumSettings>("MomentumSettings")(
  namedFields(
    "MomentumSettings",
    Schema.Struct({
      kind: Schema.Literal("momentum"),
      /** `alpha_0`, the step size of the first update. */
      learningRate: Positive,
      /** `d`: the step size is divided by this after every update. */
      decayFactor: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(1)),
      /** `alpha_min`: what the step size does not fall below. */
      leastLearningRate: Positive,
      /** `mu_0`: the momentum of the first update. */
      initialMomentum: Momentum,
      /** `mu_1`: the momentum from update `rampUpdates` on; it goes there in a straight line. */
      finalMomentum: Momentum,
      rampUpdates: Schema.Int.check(Schema.isGreaterThan(0)),
      /** Columns of weight matrices are held to this norm after every update (`maxColumnNorm`); free if left out. */
      maxColumnNorm: Schema.optionalKey(Positive)
    })
  )
) {}

/** The state of momentum: the number of updates done, `[]`, and the velocities, in the shape of the parameter tree. */
export type MomentumState<Velocities, Leaf> = {
  readonly updates: Leaf
  readonly velocity: Velocities
}

/** The state before the first update: zeros. */
export const momentumState = <T extends Tree<ParameterSpec>>(parameters: T): MomentumState<T, ParameterSpec> => ({
  updates: noUpdates,
  velocity: zeroed(parameters)
})

/**
 * Update number t = 1, 2, .. of gradient descent with momentum (Polyak 1964; as in section 9 of Hinton 2010, A practical
 * guide to training restricted Boltzmann machines, and in pylearn2's `Momentum`):
 *
 *     v' = mu v - alpha g    theta' = theta + v'
 *     alpha = max(alpha_0 / d^(t - 1), alpha_min)
 *     mu = mu_0 + (mu_1 - mu_0) min((t - 1) / rampUpdates, 1)
 *
 * pylearn2's `ExponentialDecay` and `MomentumAdjustor` have the same schedules, but for mu in steps of an epoch. All trees
 * have the paths and shapes of the parameters; throws a `RangeError` if one of them lacks a path.
 */
export const momentum = <T extends Tree<Tensor>>(
  settings: MomentumSettings,
  parameters: T,
  gradients: Tree<Tensor>,
  state: MomentumState<Tree<Tensor>, Tensor>
): { readonly parameters: T; readonly state: MomentumState<Tree<Tensor>, Tensor> } => {
  const { learningRate, decayFactor, leastLearningRate, initialMomentum, finalMomentum, rampUpdates } = settings
  const decayed = multiply(learningRate, exp(multiply(state.updates, -Math.log(decayFactor))))
  const alpha = maximum(decayed, leastLearningRate)
  const mu = add(
    initialMomentum,
    multiply(finalMomentum - initialMomentum, minimum(divide(state.updates, rampUpdates), 1))
  )
  const gradientAt = flattenTree(gradients, isTensor)
  const velocity = mapLeaves<Tensor, Tree<Tensor>>(state.velocity, isTensor, (v, path) =>
    subtract(multiply(mu, v), multiply(alpha, leafAt(gradientAt, path)))
  )
  const velocityAt = flattenTree(velocity, isTensor)
  const greatest = settings.maxColumnNorm
  const moved = mapLeaves<Tensor, T>(parameters, isTensor, (theta, path) => {
    const free = add(theta, leafAt(velocityAt, path))
    return greatest === undefined ? free : maxColumnNorm(free, greatest)
  })
  return { parameters: moved, state: { updates: add(state.updates, 1), velocity } }
}
