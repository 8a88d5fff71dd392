import type { ParameterSpec } from "../nn/parameter.ts"
import type { NamedExpressions } from "../tensor/Program.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { MapTree, Tree } from "../tensor/Tree.ts"
import type { ApplyContext, GenerativeModel, Trajectory } from "./GenerativeModel.ts"

/** What a model says of given images; all in nats, for latents drawn once from the posterior. */
export interface Posterior {
  /** `[n]`: `log p(x | z)`, summed over the pixels. */
  readonly logLikelihood: Tensor
  /** `[n]`: the Kullback-Leibler divergence of the posterior of the latents from their prior, summed over latents and steps. */
  readonly divergence: Tensor
  /** `[n, channels, B, A]` in [0, 1]: the images as they are drawn from these latents. */
  readonly reconstruction: Tensor
  /** The window that was read at step t = 1..T, each `[n, 5]` (`windowTable`); only of encoders that look through one. */
  readonly readings?: ReadonlyArray<Tensor>
  /** How the reconstruction came about; only of models that draw step by step. */
  readonly trajectory?: Trajectory
}

/**
 * A generator whose latents are inferred by an encoder (Kingma 2014), trained by the variational bound
 *
 *     log p(x) >= E_q[log p(x | z)] - KL(q(z | x) || p(z))
 *
 * The decoder is its `generator`: what it needs to draw images is there.
 */
export interface VariationalModel<
  G extends Tree<ParameterSpec> = Tree<ParameterSpec>,
  E extends Tree<ParameterSpec> = Tree<ParameterSpec>
> extends GenerativeModel<G> {
  readonly objective: "variational"
  readonly encoder: { readonly parameters: E }
  /** `images`, `[n, channels, B, A]` in [0, 1], pixel by pixel the probability of 1 or a draw from it. */
  infer(
    parameters: {
      readonly generator: MapTree<G, ParameterSpec, Tensor>
      readonly encoder: MapTree<E, ParameterSpec, Tensor>
    },
    images: Tensor,
    call: ApplyContext
  ): Posterior
  /** As a generator's: the next values of what is not trained, by paths that begin with `generator` or `encoder`. */
  statistics?(
    parameters: {
      readonly generator: MapTree<G, ParameterSpec, Tensor>
      readonly encoder: MapTree<E, ParameterSpec, Tensor>
    },
    images: Tensor,
    call: ApplyContext
  ): NamedExpressions
}
