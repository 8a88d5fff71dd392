import type { ParameterSpec } from "../nn/parameter.ts"
import type { Tree } from "../tensor/Tree.ts"
import type { AdversarialModel } from "./AdversarialModel.ts"
import type { VariationalModel } from "./VariationalModel.ts"

/** A model that the library trains; `objective` says by what. */
export type TrainableModel = AdversarialModel | VariationalModel

/** How models are trained: two players against each other, or one bound. */
export type Objective = TrainableModel["objective"]

/** The trees of a model's parameters, under the names that they have in checkpoints. */
export const parametersOf = (model: TrainableModel): Readonly<Record<string, Tree<ParameterSpec>>> =>
  model.objective === "adversarial"
    ? { generator: model.generator.parameters, discriminator: model.discriminator.parameters }
    : { generator: model.generator.parameters, encoder: model.encoder.parameters }
