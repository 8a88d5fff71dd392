import type { ParameterSpec } from "../network/parameter.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { MapTree, Tree } from "../tensor/Tree.ts"
import type { GenerativeModel } from "./GenerativeModel.ts"

/** A generator and its adversary (Goodfellow 2014), trained by eq. 9 and 10. */
export interface AdversarialModel<
  G extends Tree<ParameterSpec> = Tree<ParameterSpec>,
  D extends Tree<ParameterSpec> = Tree<ParameterSpec>
> extends GenerativeModel<G> {
  readonly objective: "adversarial"
  readonly discriminator: {
    readonly parameters: D
    /** `[n, channels, B, A]` to the logits `[n]` of being real. */
    logits(parameters: MapTree<D, ParameterSpec, Tensor>, images: Tensor, call: { readonly noise: string }): Tensor
  }
}
