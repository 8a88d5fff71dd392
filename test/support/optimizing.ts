import { isParameterSpec, type ParameterSpec } from "../../src/domain/nn/parameter.ts"
import { leafAt } from "../../src/domain/optim/Optimizer.ts"
import { type OptimizerSettings, optimizerOf } from "../../src/domain/optim/OptimizerSettings.ts"
import { add } from "../../src/domain/tensor/arithmetic.ts"
import { isTensor, type Tensor } from "../../src/domain/tensor/Tensor.ts"
import { flattenTree, mapLeaves, type Tree } from "../../src/domain/tensor/Tree.ts"

/** The first state of the optimizer that settings describe. */
export const optimizerSpecs = (settings: OptimizerSettings, parameters: Tree<ParameterSpec>): Tree<ParameterSpec> =>
  optimizerOf(settings).init(flattenTree<ParameterSpec>(parameters, isParameterSpec))

/** One update of it: the parameters, its updates added, and its next state. */
export const optimized = <T extends Tree<Tensor>>(
  settings: OptimizerSettings,
  parameters: T,
  gradients: Tree<Tensor>,
  state: Tree<Tensor>
): { readonly parameters: T; readonly state: Tree<Tensor> } => {
  const flat = (tree: Tree<Tensor>) => flattenTree<Tensor>(tree, isTensor)
  const step = optimizerOf(settings).update(flat(gradients), state, flat(parameters))
  const moved = mapLeaves<Tensor, T>(parameters, isTensor, (theta, path) => add(theta, leafAt(step.updates, path)))
  return { parameters: moved, state: step.state }
}
