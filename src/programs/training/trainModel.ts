import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { imageExamples } from "../../domain/data/Examples.ts"
import { updatesPerEpoch } from "../../domain/data/epochOrder.ts"
import { pixelMarginals } from "../../domain/data/Images.ts"
import { decaysOver } from "../../domain/experiment/decaysOver.ts"
import {
  type TrainingOptimizers,
  type TrainingOptions,
  trainingProgram,
  trainingState
} from "../../domain/experiment/trainingProgram.ts"
import type { TrainableModel } from "../../domain/model/TrainableModel.ts"
import { initialise } from "../../domain/nn/parameter.ts"
import { shardsFor } from "../../domain/tensor/Sharding.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { type BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { type BatchSizeError, shuffled } from "../../layers/dataset/BatchSource.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import type { DivergedError } from "./DivergedError.ts"
import type { TrainingProgress } from "./Training.ts"
import { trainingSteps } from "./trainingSteps.ts"

/** How a model is trained: the options of its objective's update, and how long. */
export type TrainModelSettings = TrainingOptions & {
  readonly seed: number
  readonly epochs: number
  /** Updates in all, if they are to be counted instead of epochs. */
  readonly updates?: number | undefined
  /** As in a `TrainingPlan`. */
  readonly notFinite?: "fail" | "pass" | undefined
}

/** Where a run begins when not at the beginning: the content of a checkpoint. */
export interface TrainingStart {
  readonly update: number
  readonly state: NamedTensors
}

/** The state before the first update, its parameters drawn by the seed and from the training data's marginals. */
export const initialState = (
  model: TrainableModel,
  settings: TrainingOptimizers & { readonly seed: number }
): Effect.Effect<NamedTensors, never, Dataset> =>
  Effect.map(Dataset, ({ training }) =>
    initialise(trainingState(model, decaysOver(settings, 1)), settings.seed, pixelMarginals(training, settings.seed))
  ).pipe(Effect.withSpan("Training.initialState"))

/**
 * Trains a model by its objective on the `Dataset`'s training images, one element an update (see `trainingSteps`), on as many
 * shards of the batch as the backend runs at once if the settings name no number; from the beginning, or from a checkpoint's update and state.
 * Decays that say no length go over all of its updates, those before the start included.
 */
export const trainModel = (
  model: TrainableModel,
  settings: TrainModelSettings,
  start?: TrainingStart
): Stream.Stream<TrainingProgress, BackendError | BatchSizeError | DivergedError, TensorBackend | Dataset> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const { name, digests, training } = yield* Dataset
      const { parallelism = 1 } = yield* TensorBackend
      const { batchSize, seed, epochs } = settings
      const totalUpdates = settings.updates ?? epochs * updatesPerEpoch(training.count, batchSize)
      return trainingSteps({
        program: trainingProgram(model, {
          ...decaysOver(settings, totalUpdates),
          shards: settings.shards ?? shardsFor(batchSize, parallelism)
        }),
        start: start ?? { update: 0, state: yield* initialState(model, settings) },
        data: shuffled(imageExamples(training), { name, digests }),
        batchSize,
        seed,
        notFinite: settings.notFinite,
        totalUpdates
      })
    })
  )
