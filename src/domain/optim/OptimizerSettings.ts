import * as Schema from "effect/Schema"
import { withDefaultTag } from "../json/withDefaultTag.ts"
import type { ParameterSpec } from "../nn/parameter.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { Tree } from "../tensor/Tree.ts"
import { AdamSettings, type AdamState, adam, adamState } from "./adam.ts"
import { MomentumSettings, type MomentumState, momentum, momentumState } from "./momentum.ts"

const AnyOptimizer = Schema.Union([AdamSettings, MomentumSettings]).annotate({
  expected: 'settings of an optimizer of kind "adam" or "momentum"'
})

/** Settings of any optimizer of the library; `kind` says of which, and where there is none they are Adam's. */
export const OptimizerSettings = withDefaultTag("kind", "adam", AnyOptimizer)
export type OptimizerSettings = typeof AnyOptimizer.Type

/** What an optimizer remembers from update to update. */
export type OptimizerState<Moments, Leaf> = AdamState<Moments, Leaf> | MomentumState<Moments, Leaf>

/** The state before the first update. */
export const optimizerState = <T extends Tree<ParameterSpec>>(
  settings: OptimizerSettings,
  parameters: T
): OptimizerState<T, ParameterSpec> =>
  settings.kind === "momentum" ? momentumState(parameters) : adamState(parameters)

/**
 * One update by the optimizer that the settings choose. All trees have the paths and shapes of the parameters. Throws a
 * `RangeError` if the state is another optimizer's, or one of the trees lacks a path.
 */
export const optimize = <T extends Tree<Tensor>>(
  settings: OptimizerSettings,
  parameters: T,
  gradients: Tree<Tensor>,
  state: OptimizerState<Tree<Tensor>, Tensor>
): { readonly parameters: T; readonly state: OptimizerState<Tree<Tensor>, Tensor> } => {
  if (settings.kind === "momentum") {
    if (!("velocity" in state)) throw new RangeError("the state is Adam's, the settings are momentum's")
    return momentum(settings, parameters, gradients, state)
  }
  if ("velocity" in state) throw new RangeError("the state is momentum's, the settings are Adam's")
  return adam(settings, parameters, gradients, state)
}
