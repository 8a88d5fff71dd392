import type { ParameterSpec } from "../nn/parameter.ts"
import type { NamedExpressions } from "../tensor/Program.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { MapTree, Tree } from "../tensor/Tree.ts"

/** Size of an image: channels, `B` rows, `A` columns. */
export interface ImageFormat {
  readonly channels: number
  readonly height: number
  readonly width: number
}

/** How an image came about, step by step. */
export interface Trajectory {
  /** The image after step t = 0..T, each `[batch or 1, channels, B, A]` in the range of images. */
  readonly canvases: ReadonlyArray<Tensor>
  /** The window of step t = 1..T, each `[batch, 5]`: gX, gY, stride, sigma, gamma (`windowTable`). */
  readonly windows: ReadonlyArray<Tensor>
}

/** What a generator makes. */
export interface Generation {
  /** `[batch, channels, B, A]`, near [0, 1]. */
  readonly images: Tensor
  /** Only of generators that draw step by step. */
  readonly trajectory?: Trajectory
}

/** How a model is called. */
export interface ApplyContext {
  /** Names the streams of random numbers that the call draws, so that two calls with one name see the same ones. */
  readonly noise: string
  /**
   * In training: the examples are this many batches of equal size, one behind the other, and batch normalisation takes each by
   * itself (D sees real and generated images in one pass). Left out, running statistics stand for a batch's, and what
   * becomes of an example depends on it alone.
   */
  readonly batches?: number
}

/**
 * A model that draws images: a parameter tree and a function over it. Sampling, trajectories, milestones, the export of the
 * generator and its measures need nothing else. How it is trained is its objective's: see `AdversarialModel` and `VariationalModel`.
 *
 * (The functions are methods, so that a model of particular trees is a model of trees: its own parameters are the only
 * ones that it is ever given.)
 */
export interface GenerativeModel<G extends Tree<ParameterSpec> = Tree<ParameterSpec>> {
  /** As it is in checkpoints. */
  readonly name: string
  readonly format: ImageFormat
  readonly generator: {
    /** All that is needed to draw images; `generator.*` in checkpoints. */
    readonly parameters: G
    generate(parameters: MapTree<G, ParameterSpec, Tensor>, call: ApplyContext & { readonly batch: number }): Generation
    /**
     * The next values of the parameters that are not trained, by path, as a call in training makes them: of the expressions
     * that `generate` builds, so that both cost one pass. Left out where all are trained.
     */
    statistics?(
      parameters: MapTree<G, ParameterSpec, Tensor>,
      call: ApplyContext & { readonly batch: number }
    ): NamedExpressions
  }
}
