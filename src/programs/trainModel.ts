import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { updatesPerEpoch } from "../domain/dataset/epochOrder.ts"
import { pixelMarginals } from "../domain/dataset/Images.ts"
import {
  type AdversarialOptions,
  adversarialProgram,
  adversarialState,
  type PlayersOptimizers
} from "../domain/experiment/adversarialTraining.ts"
import type { AdversarialModel } from "../domain/model/AdversarialModel.ts"
import { initialise, type ParameterSpec } from "../domain/network/parameter.ts"
import { shardsFor } from "../domain/tensor/Sharding.ts"
import type { NamedTensors } from "../domain/tensor/TensorData.ts"
import type { Tree } from "../domain/tensor/Tree.ts"
import { type BackendError, TensorBackend } from "../layers/backend/TensorBackend.ts"
import type { BatchSizeError } from "../layers/dataset/batches.ts"
import { Dataset } from "../layers/dataset/Dataset.ts"
import type { DivergedError } from "./DivergedError.ts"
import type { TrainingProgress } from "./Training.ts"
import { trainingSteps } from "./trainingSteps.ts"

/** How a model is trained: the update's options, and how long. */
export interface TrainModelSettings extends AdversarialOptions {
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
export const initialState = <G extends Tree<ParameterSpec>, D extends Tree<ParameterSpec>>(
  model: AdversarialModel<G, D>,
  settings: PlayersOptimizers & { readonly seed: number }
): Effect.Effect<NamedTensors, never, Dataset> =>
  Effect.map(Dataset, ({ training }) =>
    initialise(adversarialState(model, settings), settings.seed, pixelMarginals(training, settings.seed))
  )

/**
 * Trains an adversarial model on the `Dataset`'s training images, one element an update (see `trainingSteps`), on as many
 * shards of the batch as the backend runs at once if the settings name no number; from the beginning, or from a checkpoint's update and state.
 */
export const trainModel = <G extends Tree<ParameterSpec>, D extends Tree<ParameterSpec>>(
  model: AdversarialModel<G, D>,
  settings: TrainModelSettings,
  start?: TrainingStart
): Stream.Stream<TrainingProgress, BackendError | BatchSizeError | DivergedError, TensorBackend | Dataset> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const { training } = yield* Dataset
      const { parallelism = 1 } = yield* TensorBackend
      const { batchSize, seed, epochs } = settings
      return trainingSteps({
        program: adversarialProgram(model, {
          ...settings,
          shards: settings.shards ?? shardsFor(batchSize, parallelism)
        }),
        start: start ?? { update: 0, state: yield* initialState(model, settings) },
        images: training,
        batchSize,
        seed,
        notFinite: settings.notFinite,
        totalUpdates: settings.updates ?? epochs * updatesPerEpoch(training.count, batchSize)
      })
    })
  )
