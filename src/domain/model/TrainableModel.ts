import type { ParameterSpec } from "../nn/parameter.ts"
import type { NamedExpressions } from "../tensor/Program.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { MapTree, Tree } from "../tensor/Tree.ts"
import type { ApplyContext, GenerativeModel } from "./GenerativeModel.ts"
import type { VariationalModel } from "./VariationalModel.ts"

/** A generator and its adversary (Goodfellow 2014), trained by eq. 9 and 10. */
export interface AdversarialModel<
  G extends Tree<ParameterSpec> = Tree<ParameterSpec>,
  D extends Tree<ParameterSpec> = Tree<ParameterSpec>
> extends GenerativeModel<G> {
  readonly objective: "adversarial"
  readonly discriminator: {
    readonly parameters: D
    /** `[n, channels, B, A]` to the logits `[n]` of being real. */
    logits(parameters: MapTree<D, ParameterSpec, Tensor>, images: Tensor, call: ApplyContext): Tensor
    /** As the generator's, of the expressions that `logits` builds. */
    statistics?(parameters: MapTree<D, ParameterSpec, Tensor>, images: Tensor, call: ApplyContext): NamedExpressions
  }
}

/** A model that the library trains; `objective` says by what. */
export type TrainableModel = AdversarialModel | VariationalModel

/** How models are trained: two players against each other, or one bound. */
export type Objective = TrainableModel["objective"]

/** The trees of a model's parameters, under the names that they have in checkpoints. */
export const parametersOf = (model: TrainableModel): Readonly<Record<string, Tree<ParameterSpec>>> =>
  model.objective === "adversarial"
    ? { generator: model.generator.parameters, discriminator: model.discriminator.parameters }
    : { generator: model.generator.parameters, encoder: model.encoder.parameters }
