import * as Effect from "effect/Effect"
import { imageDistance } from "../../../domain/metrics/imageDistance.ts"
import type { MeasureError } from "../../../domain/metrics/MeasureError.ts"
import type { Estimate } from "../../../domain/metrics/SampleMeasures.ts"
import { sobolIndices } from "../../../domain/metrics/sobolIndices.ts"
import { attentionGan } from "../../../domain/model/attention-gan/AttentionGan.ts"
import { type LatentPlan, standardLatents } from "../../../domain/model/latentPlan.ts"
import { drawingOrder } from "../../../domain/paper/claim/drawingOrder.ts"
import {
  type GeneratorNumbers,
  type LatentShares,
  lastEarlyStep
} from "../../../domain/paper/claim/GeneratorNumbers.ts"
import { outOfDistributionProbes } from "../../../domain/paper/probe/probes.ts"
import type { TensorData } from "../../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../../layers/backend/TensorBackend.ts"
import { sampleTrajectories } from "../../sampling/Sampling.ts"
import { plannedImages, type TrainedAttentionGan } from "../probeFigures.ts"
import { samplePickFreeze } from "./samplePickFreeze.ts"

/** How many images the numbers of a generator are taken from. */
export interface GeneratorNumbersOptions {
  /**
   * Rows of the pick-freeze design (claim C4), which costs `T + 3` images a row; 2,000 if it is left out, at least 2.
   * Half of them, rounded up, are followed step by step (C2) and given wild latents (C5), at least 2.
   */
  readonly rows?: number
}

/**
 * What claims C2, C4 and C5 are judged by, of one trained attention GAN: a pure function of its parameters, seed and
 * the number of rows. Fails with a `MeasureError` if nothing can be measured, above all of a generator whose images are
 * all the same.
 */
export const generatorNumbers = Effect.fn("generatorNumbers")(function* (
  trained: TrainedAttentionGan,
  { rows = 2_000 }: GeneratorNumbersOptions = {}
): Effect.fn.Return<GeneratorNumbers, BackendError | MeasureError, TensorBackend> {
  const { settings, format, tensors, seed } = trained
  const fewer = Math.max(2, Math.ceil(rows / 2))
  const { canvases } = yield* sampleTrajectories(attentionGan(settings, format), tensors, { count: fewer, seed })
  const drawing = yield* Effect.fromResult(drawingOrder(canvases))
  const latents = yield* latentShares(trained, rows)
  const originals = yield* plannedImages(trained, standardLatents(settings.glimpses), fewer)
  const wild = yield* Effect.forEach(outOfDistributionProbes(settings.glimpses), ({ plan, step = 0 }) =>
    Effect.map(wildDistance(trained, plan, originals), (distance) => ({ step, distance }))
  )
  return { drawing, latents, wild }
})

/** Sobol's indices of each z_t, and the total index of all later ones together. */
const latentShares = Effect.fnUntraced(function* (
  trained: TrainedAttentionGan,
  rows: number
): Effect.fn.Return<LatentShares, BackendError | MeasureError, TensorBackend> {
  const steps = Array.from({ length: trained.settings.glimpses }, (_, i) => i + 1)
  // Without later steps the group is empty, its images are those of A, and their share is exactly 0.
  const later = steps.filter((step) => step > lastEarlyStep)
  const design = yield* samplePickFreeze(trained, [...steps.map((step) => [step]), later], rows)
  const { first, total } = yield* Effect.fromResult(sobolIndices(design))
  const none = { value: 0, standardError: 0 }
  return {
    count: rows,
    first: first.slice(0, steps.length),
    total: total.slice(0, steps.length),
    later: total.at(-1) ?? none
  }
})

/** How far a plan moves images from those of the same normal numbers by the plan of training. */
const wildDistance = Effect.fnUntraced(function* (
  trained: TrainedAttentionGan,
  plan: LatentPlan,
  originals: TensorData
): Effect.fn.Return<Estimate, BackendError | MeasureError, TensorBackend> {
  const changed = yield* plannedImages(trained, plan, originals.shape[0] ?? 0)
  const { paired, unpaired, relative } = yield* Effect.fromResult(imageDistance(originals, changed))
  // The mean over all pairs of originals is far more certain than that over the changed ones, and taken as exact.
  return { value: relative, standardError: paired.standardError / unpaired }
})
