import type { ParameterSpec } from "../nn/parameter.ts"
import type { NamedExpressions } from "../tensor/Program.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { MapTree, Tree } from "../tensor/Tree.ts"
import type { ApplyContext, GenerativeModel } from "./GenerativeModel.ts"

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
