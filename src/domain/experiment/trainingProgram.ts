import type { TrainableModel } from "../model/TrainableModel.ts"
import type { ParameterSpec } from "../nn/parameter.ts"
import type { Program } from "../program/Program.ts"
import type { Tree } from "../tensor/Tree.ts"
import {
  type AdversarialOptions,
  type AdversarialStateOptions,
  adversarialProgram,
  adversarialState
} from "./adversarialTraining.ts"
import {
  type BoundOptimizer,
  type VariationalOptions,
  variationalProgram,
  variationalState
} from "./variationalTraining.ts"

/** How a model is trained: an adversarial one by the first, a variational one by the second. */
export type TrainingOptions = AdversarialOptions | VariationalOptions

/** What decides which tensors a training keeps. */
export type TrainingOptimizers = AdversarialStateOptions | BoundOptimizer

/**
 * The state before the first update. Throws a `RangeError` for the optimizers of another objective, and for an optimizer's decay without
 * a length (`decaysOver`).
 */
export const trainingState = (model: TrainableModel, options: TrainingOptimizers): Tree<ParameterSpec> => {
  if (model.objective === "adversarial") {
    return "optimizer" in options ? misfit(model) : adversarialState(model, options)
  }
  return "optimizer" in options ? variationalState(model, options) : misfit(model)
}

/**
 * One update of a model by its objective: input `images`, `[batch, channels, B, A]`; every output is a scalar. Throws a
 * `RangeError` for options of another objective, if the shards do not divide the batch, and for a decay without a length (`decaysOver`).
 */
export const trainingProgram = (model: TrainableModel, options: TrainingOptions): Program<"images"> => {
  if (model.objective === "adversarial") {
    return "optimizer" in options ? misfit(model) : adversarialProgram(model, options)
  }
  return "optimizer" in options ? variationalProgram(model, options) : misfit(model)
}

const misfit = ({ name, objective }: TrainableModel): never => {
  throw new RangeError(`${name} has the objective "${objective}": these options are for another one`)
}
