import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { settingsJson } from "../../domain/experiment/presets.ts"
import { collapsed } from "../../domain/metrics/collapse.ts"
import { ElboMeasures } from "../../domain/metrics/ElboMeasures.ts"
import type { MeasureError } from "../../domain/metrics/MeasureError.ts"
import { measuresVersion, SampleMeasures } from "../../domain/metrics/SampleMeasures.ts"
import { GeneratorNumbers } from "../../domain/paper/claim/GeneratorNumbers.ts"
import type { EvaluationSettings, PlannedRun } from "../../domain/paper/plan/ReproductionPlan.ts"
import { CoursePoint, type ExperimentResult } from "../../domain/paper/report/Results.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { Milestones } from "../../layers/checkpoint/Milestones.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import type { FeatureError } from "../../layers/features/FeatureExtractor.ts"
import type { RunFolder } from "../checkpoint/RunFolder.ts"
import { type EvaluationReference, firstImages } from "../evaluation/EvaluationReference.ts"
import { measureElbo } from "../evaluation/measureElbo.ts"
import { measureHistory, measureSamples } from "../evaluation/measureImages.ts"
import { libraryVersion } from "../libraryVersion.ts"
import { sampleImages } from "../sampling/Sampling.ts"
import { openRun } from "../training/openRun.ts"
import { cached } from "./cached.ts"
import { generatorNumbers } from "./claims/generatorNumbers.ts"
import { trainingCost } from "./trainingCost.ts"

/** What runs are measured against, made when it is first asked for, and what it was made from, as JSON. */
export interface Judge {
  readonly reference: Effect.Effect<
    EvaluationReference,
    BackendError | FeatureError | MeasureError,
    Dataset | TensorBackend
  >
  readonly key: Schema.Json
}

/** A run's numbers: those of the report, and those that only claims are judged by. */
export interface MeasuredRun {
  readonly result: Omit<ExperimentResult, "figures">
  readonly numbers?: GeneratorNumbers
}

const AtItsEnd = Schema.Struct({ measures: SampleMeasures, collapsed: Schema.Boolean })

/**
 * Measures a planned run as it is in its stores: its newest checkpoint by all measures, its milestones by the cheap
 * ones, the bound of the test images by a variational model, and what claims C2, C4 and C5 need of an attention GAN. What was measured before, of the same checkpoints by the
 * same judge, is read from the run's folder. None if there is no checkpoint.
 * Fails with a `SettingsError` if the checkpoint is not of the planned settings or data.
 */
export const measureRun = Effect.fn("measureRun")(function* (
  { experiment, seed, settings }: PlannedRun,
  { folder, log }: RunFolder,
  evaluation: EvaluationSettings,
  judge: Judge
) {
  const found = yield* (yield* CheckpointStore).latest
  if (Option.isNone(found)) return Option.none<MeasuredRun>()
  const { description, tensors } = found.value
  const { model, totalUpdates, updatesPerEpoch } = yield* openRun(settings)
  const { update, metrics, createdAt } = description
  const key = { library: libraryVersion, measures: measuresVersion, judge: judge.key, checkpoint: createdAt, update }
  const kept = (name: string) => `${folder}/evaluation/${name}.json`

  const { samples, courseSamples, probeRows } = evaluation
  const atItsEnd = yield* cached(
    kept("measures"),
    { schema: AtItsEnd, key: { ...key, samples } },
    Effect.gen(function* () {
      const reference = yield* judge.reference
      const images = yield* sampleImages(model, tensors, { count: samples, seed })
      const real = firstImages(reference.test, reference.test.count)
      return {
        measures: yield* measureSamples(reference, images),
        collapsed: yield* Effect.fromResult(collapsed(images, real))
      }
    })
  )

  const milestones = yield* Milestones
  const updates = (yield* milestones.list).filter((milestone) => milestone <= update)
  const course = yield* cached(
    kept("course"),
    { schema: Schema.Array(CoursePoint), key: { ...key, courseSamples, milestones: updates } },
    Effect.forEach(updates, (milestone) =>
      Effect.gen(function* () {
        const { tensors: generator } = yield* milestones.load(milestone)
        const images = yield* sampleImages(model, generator, { count: courseSamples, seed })
        const measures = yield* measureHistory(yield* judge.reference, images)
        return { epoch: milestone / updatesPerEpoch, update: milestone, measures }
      })
    )
  )

  const bound =
    model.objective === "variational"
      ? yield* cached(
          kept("bound"),
          { schema: ElboMeasures, key: { ...key, seed } },
          Effect.flatMap(Dataset, ({ test }) => measureElbo(model, tensors, test, seed))
        )
      : undefined

  const result = {
    name: experiment,
    seed,
    settings: settingsJson(settings),
    updates: update,
    totalUpdates,
    epochs: update / updatesPerEpoch,
    metrics,
    ...atItsEnd,
    ...(bound !== undefined && { bound }),
    course,
    cost: yield* trainingCost(model, settings, log)
  }
  // Images that are all alike have no variance that could be shared out, nor distances between them.
  if (settings.model.kind !== "attention-gan" || atItsEnd.collapsed) return Option.some<MeasuredRun>({ result })
  const trained = { settings: settings.model, format: model.format, tensors, seed }
  const numbers = yield* cached(
    kept("probes"),
    { schema: GeneratorNumbers, key: { ...key, probeRows } },
    generatorNumbers(trained, { rows: probeRows })
  )
  return Option.some<MeasuredRun>({ result, numbers })
})
