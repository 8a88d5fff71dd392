import { imagesProgram } from "../../experiment/sampling.ts"
import { type AttentionGan, attentionGan } from "../../model/attention-gan/AttentionGan.ts"
import { AttentionGanSettings } from "../../model/attention-gan/AttentionGanSettings.ts"
import type { ImageFormat } from "../../model/GenerativeModel.ts"
import { type LatentPlan, type LatentStep, standardLatents } from "../../model/latentPlan.ts"
import { type Program, ProgramError } from "../../tensor/Program.ts"

/** A latent plan that asks a trained generator one question. */
export interface Probe {
  /** Short and unlike the others', for files and tables: `standard`, `zero`, `only-1`, `wild-6`. */
  readonly name: string
  /** The step whose latent is unlike the others', 1..T, where there is one. */
  readonly step?: number
  readonly plan: LatentPlan
}

const standard: LatentStep = { mean: 0, deviation: 1 }
const zero: LatentStep = { mean: 0, deviation: 0 }

/** Standard deviation of the latent in probes 4 to 6 (section 3.3): far outside anything the generator was trained on. */
export const outOfDistributionDeviation = 10_000

/** Probe 1 (figure 8, above): `z_t ~ N(0, 1)` at each of `glimpses` steps, as in training. */
export const standardProbe = (glimpses: number): Probe => ({ name: "standard", plan: standardLatents(glimpses) })

/** Probe 2 (figure 8, below): every `z_t` is 0, so that all images are the same one. */
export const zeroProbe = (glimpses: number): Probe => ({ name: "zero", plan: allBut(glimpses, zero) })

/** Probe 3 (figure 9): `z_t ~ N(0, 1)` at one step and 0 at the others; one probe for each step t = 1..T, in order. */
export const singleStepProbes = (glimpses: number): ReadonlyArray<Probe> =>
  Array.from({ length: glimpses }, (_, i) => ({
    name: `only-${i + 1}`,
    step: i + 1,
    plan: allBut(glimpses, zero, i + 1, standard)
  }))

/** Steps of probes 4 to 6: the first, the middle and the last, which for the paper's T = 6 are 1, 3 and 6. */
export const outOfDistributionSteps = (glimpses: number): ReadonlyArray<number> => [
  ...new Set([1, Math.ceil(glimpses / 2), glimpses])
]

/**
 * Probe 4, 5 or 6 (figure 10): `z_t ~ N(0, 10000^2)` at `step`, N(0, 1) at the others.
 * Throws a `RangeError` unless `step` is one of 1..T.
 */
export const outOfDistributionProbe = (glimpses: number, step: number): Probe => {
  if (!Number.isInteger(step) || step < 1 || step > glimpses) {
    throw new RangeError(`a wild latent stands at a step 1..${glimpses}, not at ${step}`)
  }
  return {
    name: `wild-${step}`,
    step,
    plan: allBut(glimpses, standard, step, { mean: 0, deviation: outOfDistributionDeviation })
  }
}

/** Probes 4, 5 and 6: one for each of `outOfDistributionSteps` (fewer than three if T < 3). */
export const outOfDistributionProbes = (glimpses: number): ReadonlyArray<Probe> =>
  outOfDistributionSteps(glimpses).map((step) => outOfDistributionProbe(glimpses, step))

/** All probes of the paper in its order: 1, 2, 3 (one for each t), 4, 5, 6. */
export const paperProbes = (glimpses: number): ReadonlyArray<Probe> => [
  standardProbe(glimpses),
  zeroProbe(glimpses),
  ...singleStepProbes(glimpses),
  ...outOfDistributionProbes(glimpses)
]

/** `usual` at every step but one. */
const allBut = (glimpses: number, usual: LatentStep, step = 0, other: LatentStep = usual): LatentPlan =>
  Array.from({ length: glimpses }, (_, i) => (i + 1 === step ? other : usual))

/**
 * The attention GAN whose latents follow a plan. It has the parameters of the model it was made from, and draws from the
 * same noise: image i of two plans differs only by what the plans make of one and the same normal numbers.
 * Throws a `ProgramError` if the plan is not of T steps.
 */
export const plannedModel = (settings: AttentionGanSettings, format: ImageFormat, plan: LatentPlan): AttentionGan => {
  if (plan.length !== settings.glimpses) {
    throw new ProgramError(
      `a latent plan has one entry a glimpse: ${plan.length} do not fit a model of ${settings.glimpses}`
    )
  }
  return attentionGan(new AttentionGanSettings({ ...settings, latentPlan: plan }), format)
}

/**
 * A program whose every step draws `batch` images by a plan: output `images`, `[batch, channels, B, A]`. With the plan of
 * training it is the model's `imagesProgram`; see `plannedModel` for what images of several plans share.
 */
export const plannedImagesProgram = (
  settings: AttentionGanSettings,
  format: ImageFormat,
  plan: LatentPlan,
  batch: number
): Program<never, "images"> => imagesProgram(plannedModel(settings, format, plan), batch)
