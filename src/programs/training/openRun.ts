import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CheckpointDescription } from "../../domain/checkpoint/Manifest.ts"
import { updatesPerEpoch } from "../../domain/data/epochOrder.ts"
import { dataDifference } from "../../domain/experiment/dataIdentity.ts"
import { decaysOver } from "../../domain/experiment/decaysOver.ts"
import { ExperimentSettings, misfit, SettingsError, totalUpdates } from "../../domain/experiment/ExperimentSettings.ts"
import { decodeRunDescription, encodeRunDescription, incompatibility } from "../../domain/experiment/RunDescription.ts"
import { onShards } from "../../domain/experiment/TrainingSettings.ts"
import type { ImageFormat } from "../../domain/model/GenerativeModel.ts"
import { modelOf } from "../../domain/model/modelOf.ts"
import type { TrainableModel } from "../../domain/model/TrainableModel.ts"
import { shardsFor } from "../../domain/tensor/Sharding.ts"
import { TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { type Checkpoint, CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { thisEnvironment } from "../../layers/machine/thisEnvironment.ts"
import { libraryVersion } from "../libraryVersion.ts"
import type { Describe } from "./Training.ts"
import type { TrainingStart } from "./trainModel.ts"
import { initialState } from "./trainModel.ts"

/** An experiment ready to be trained: new, or where its last checkpoint stands. */
export interface OpenRun {
  readonly settings: ExperimentSettings
  readonly model: TrainableModel
  readonly updatesPerEpoch: number
  readonly totalUpdates: number
  readonly start: TrainingStart
  /** What its checkpoints say of themselves. */
  readonly describe: Describe
}

/**
 * Fits settings to the `Dataset` and the backend, and goes on from the newest checkpoint of the `CheckpointStore`, if there is one.
 * Fails with a `SettingsError` if the settings do not fit the images or are not those that the checkpoint was made with.
 */
export const openRun = Effect.fn("openRun")(function* (given: ExperimentSettings) {
  const dataset = yield* Dataset
  const store = yield* CheckpointStore
  const { channels, height, width, count } = dataset.training
  const format: ImageFormat = { channels, height, width }
  const problem = misfit(given, format, count)
  if (problem !== undefined) return yield* problem
  const found = yield* store.latest
  const perEpoch = updatesPerEpoch(count, given.training.batchSize)
  const updates = totalUpdates(given, perEpoch)
  const settings = yield* completed(given, updates, found)
  const model = modelOf(settings.model, format)
  if (Option.isSome(found)) yield* requireSameRun(found.value, { settings, format }, store.location)
  const start = Option.match(found, {
    onNone: () =>
      Effect.map(initialState(model, { ...settings.training, seed: settings.seed }), (state) => ({ update: 0, state })),
    onSome: ({ description, tensors }) => Effect.succeed({ update: description.update, state: tensors })
  })
  const { name: backend } = yield* TensorBackend
  const environment = yield* thisEnvironment(backend, settings.training.shards ?? 1)
  const describe: Describe = ({ update, metrics }) =>
    Effect.map(DateTime.now, (now) => ({
      library: { name: "fovea", version: libraryVersion },
      model: model.name,
      update,
      seed: settings.seed,
      settings: encodeRunDescription({ settings, format }),
      backend,
      environment,
      dataset: { name: dataset.name, digests: dataset.digests },
      metrics,
      createdAt: DateTime.formatIso(now)
    }))
  const run: OpenRun = {
    settings,
    model,
    updatesPerEpoch: perEpoch,
    totalUpdates: updates,
    start: yield* start,
    describe
  }
  return run
})

/**
 * Settings in which nothing is left open: decays that say no length go over the whole training, and where the settings do not say on how
 * many shards an update is computed, they are as many as in the checkpoint that the run goes on from, or as the backend runs at the same time.
 */
const completed = Effect.fnUntraced(function* (
  settings: ExperimentSettings,
  updates: number,
  found: Option.Option<Checkpoint>
) {
  const training = decaysOver(settings.training, updates)
  const sharded = (shards: number) => new ExperimentSettings({ ...settings, training: onShards(training, shards) })
  if (training.shards !== undefined) return sharded(training.shards)
  const { parallelism = 1 } = yield* TensorBackend
  return sharded(
    Option.isNone(found)
      ? shardsFor(training.batchSize, parallelism)
      : ((yield* Effect.fromResult(decodeRunDescription(found.value.description.settings))).settings.training.shards ??
          1)
  )
})

const requireSameRun = Effect.fnUntraced(function* (
  { description }: Checkpoint,
  requested: { readonly settings: ExperimentSettings; readonly format: ImageFormat },
  location: string
) {
  const recorded = yield* Effect.fromResult(decodeRunDescription(description.settings))
  const difference = incompatibility(recorded, requested)
  if (difference !== undefined) {
    return yield* new SettingsError({ field: difference.field, problem: `${difference.problem} (${location})` })
  }
  yield* requireSameData(description)
})

/**
 * Fails with a `SettingsError` that names both digests unless the `Dataset` is the one that a checkpoint was trained on, by its
 * digests: not by its name, nor by where it lies.
 */
export const requireSameData = Effect.fnUntraced(function* ({ dataset }: Pick<CheckpointDescription, "dataset">) {
  const { digests } = yield* Dataset
  const difference = dataDifference(dataset.digests, digests)
  if (difference === undefined) return
  const problem = `not the data that the checkpoint was trained on: ${difference}`
  return yield* new SettingsError({ field: "dataset", problem })
})
