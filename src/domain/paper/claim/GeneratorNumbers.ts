import * as Schema from "effect/Schema"
import { Estimate } from "../../metrics/SampleMeasures.ts"

/** One step of drawing, over the images followed. */
export const StepNumbers = Schema.Struct({
  /** Mean square of the change of a pixel that is left in means over blocks of 4 x 4 pixels. `stepChanges` */
  coarse: Schema.Number,
  /** The rest of the mean square. */
  fine: Schema.Number,
  /** This step's share of an image's coarse change over all steps. */
  coarseShare: Estimate,
  /** This step's share of an image's fine change. */
  fineShare: Estimate,
  /** This step's share of an image's change, coarse and fine together. */
  share: Estimate
})
export type StepNumbers = typeof StepNumbers.Type

/** When a generator draws what (claim C2): of canvases as images in [0, 1], from c_0 to c_T. */
export const DrawingOrder = Schema.Struct({
  /** Images that were followed and changed at all. */
  count: Schema.Int,
  /** For each step t = 1..T. */
  steps: Schema.Array(StepNumbers),
  /** Mean over images of the step at which the coarse change has its centre of mass, in [1, T]. */
  coarseCentre: Estimate,
  fineCentre: Estimate,
  /** Mean over images of the fine centre minus the coarse one, in steps: above 0, the rough comes first. */
  delay: Estimate
})
export type DrawingOrder = typeof DrawingOrder.Type

/** What each latent does to the image (claim C4): Sobol's indices, `sobolIndices`. */
export const LatentShares = Schema.Struct({
  /** Rows of the pick-freeze design. */
  count: Schema.Int,
  /** For each z_t, t = 1..T, the share of the variance that it explains alone. */
  first: Schema.Array(Estimate),
  /** For each z_t, the share that would remain if all others were known. */
  total: Schema.Array(Estimate),
  /**
   * The total index of z_3, .., z_T together: 1 minus what z_1 and z_2 explain alone and with one another. 0 if there
   * are no later steps.
   */
  later: Estimate
})
export type LatentShares = typeof LatentShares.Type

/** What a wild latent does to the image (claim C5). */
export const OutOfDistributionLatent = Schema.Struct({
  /** The step whose latent has a standard deviation of 10,000, 1..T. */
  step: Schema.Int,
  /** Distance to the image of the same noise without it, over that of two images. `imageDistance` */
  distance: Estimate
})
export type OutOfDistributionLatent = typeof OutOfDistributionLatent.Type

/** What must be sampled from a trained attention GAN to judge claims C2, C4 and C5, as plain JSON. */
export const GeneratorNumbers = Schema.Struct({
  drawing: DrawingOrder,
  latents: LatentShares,
  wild: Schema.Array(OutOfDistributionLatent)
})
export type GeneratorNumbers = typeof GeneratorNumbers.Type

/** The last of the early steps: the paper's "t < 3" (claim C4). */
export const lastEarlyStep = 2
