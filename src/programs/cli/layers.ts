import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { updatesPerEpoch } from "../../domain/data/epochOrder.ts"
import type { DatasetSettings } from "../../domain/experiment/DatasetSettings.ts"
import { type ExperimentSettings, retentionOf, SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { layerClassifier } from "../../layers/checkpoint/ClassifierStore.ts"
import { layerDivergedStates } from "../../layers/checkpoint/DivergedStates.ts"
import { layerFileSystem } from "../../layers/checkpoint/fileSystem.ts"
import { layerMilestones } from "../../layers/checkpoint/Milestones.ts"
import type { OnDamage } from "../../layers/checkpoint/newest.ts"
import { layerCifar10 } from "../../layers/dataset/cifar10.ts"
import { Dataset, DatasetError } from "../../layers/dataset/Dataset.ts"
import { layerFashionMnist } from "../../layers/dataset/fashionMnist.ts"
import { layerIdxFolder } from "../../layers/dataset/idxFolder.ts"
import { layerMnist } from "../../layers/dataset/mnist.ts"
import { layerSeveralDigits } from "../../layers/dataset/severalDigits.ts"
import { layerSynthetic } from "../../layers/dataset/synthetic.ts"
import { layerJsonLines } from "../../layers/log/jsonLines.ts"
import { layerOpenTelemetry } from "../../layers/log/openTelemetry.ts"
import { TrainingLog, type TrainingLogError } from "../../layers/log/TrainingLog.ts"
import { layerTerminal } from "../../layers/log/terminal.ts"
import { layerWarnings } from "../../layers/log/warnings.ts"
import { layerImageFolder, layerSharp, layerTensorBoard } from "../../layers/onDemand.ts"
import type { RunFolder } from "../checkpoint/RunFolder.ts"
import { datasetOver } from "./datasetChoice.ts"
import { environmentVariable } from "./environment.ts"
import type { Logging } from "./loggingFlags.ts"
import { homePath } from "./paths.ts"

/** A path that settings name, as the system takes it. */
const pathIn = (field: string, path: string): Effect.Effect<string, SettingsError> =>
  Effect.mapError(
    homePath(path),
    (expected) => new SettingsError({ field, problem: `found ${JSON.stringify(path)}; expected ${expected}` })
  )

/** The variable of the environment for the folder where images that were decoded from a folder are kept. */
const cacheVariable = "FOVEA_CACHE"

const cacheFolder = Effect.flatMap(
  environmentVariable(cacheVariable),
  Option.match({ onNone: () => Effect.succeed("runs/cache"), onSome: (path) => pathIn(cacheVariable, path) })
)

/**
 * The data set that settings name; `keep`: whether images decoded from a folder are kept for the next time. Fails with a `SettingsError` too, where a path in them begins with `~` and cannot be found.
 */
export const datasetLayer = (settings: DatasetSettings, keep = true) =>
  Layer.unwrap(
    "directory" in settings
      ? Effect.map(pathIn("dataset.directory", settings.directory), (directory) =>
          datasetLayerOf({ ...settings, directory }, keep)
        )
      : Effect.succeed(datasetLayerOf(settings, keep))
  )

/** The data set of a run or checkpoint: where a `--dataset` says that it lies now, or else where it was recorded to lie. */
export const recordedDataLayer = (recorded: DatasetSettings, dataset: Option.Option<string>) => {
  const load = Effect.flatMap(datasetOver(recorded, dataset), (settings) =>
    Effect.provide(Dataset, datasetLayer(settings), { local: true })
  )
  return Layer.effect(Dataset, Option.isSome(dataset) ? load : Effect.mapError(load, withAdvice))
}

const withAdvice = <E>(error: E): E | DatasetError => {
  if (!(error instanceof DatasetError && error.reason === "Missing")) return error
  const { reason, file, detail } = error
  const advice = "if the data lie elsewhere now than recorded, say where by --dataset"
  return new DatasetError({ reason, file, detail: `${detail}; ${advice}`, cause: error })
}

const datasetLayerOf = (settings: DatasetSettings, keep: boolean) => {
  switch (settings.kind) {
    case "mnist":
      return layerMnist
    case "idx":
      return layerIdxFolder({ directory: settings.directory })
    case "fashion-mnist":
      return layerFashionMnist(settings.directory)
    case "cifar10":
      return layerCifar10(settings.directory)
    case "folder":
      return Layer.unwrap(
        Effect.map(cacheFolder, (cache) => layerImageFolder({ ...settings, cache: keep ? cache : undefined }))
      )
    case "several-digits": {
      const { digits = 2, height = 60, width = 60, overlap = "maximum", count = 50_000, placementSeed = 0 } = settings
      const options = { digits, height, width, overlap, count, seed: placementSeed }
      return Layer.provide(layerSeveralDigits(options), layerMnist)
    }
    case "synthetic":
      return layerSynthetic({ ...settings, channels: 1, seed: 0 })
  }
}

/**
 * What a run keeps in its folder beside its log: checkpoints, as many of them as its settings say, milestones, and the states
 * around numbers that went wrong. `onDamage`: what to do about a damaged newest checkpoint.
 */
export const storesLayer = (folder: RunFolder, onDamage: OnDamage, settings?: ExperimentSettings) =>
  Layer.mergeAll(
    checkpointsLayer(folder, onDamage, settings),
    layerMilestones({ directory: folder.milestones }),
    layerDivergedStates({ directory: folder.diverged })
  )

const checkpointsLayer = (
  { checkpoints: directory }: RunFolder,
  onDamage: OnDamage,
  settings: ExperimentSettings | undefined
) =>
  Layer.unwrap(
    Effect.map(Dataset, ({ training }) => {
      const rule = settings?.reporting.keepCheckpoints
      if (settings === undefined || rule === undefined) return layerFileSystem({ directory, onDamage })
      // A batch larger than the data makes no updates; the run says so before it saves anything.
      const perEpoch = Math.max(updatesPerEpoch(training.count, settings.training.batchSize), 1)
      return layerFileSystem({ directory, onDamage, keep: retentionOf(rule, perEpoch) })
    })
  )

type LogServices = Layer.Services<typeof layerTerminal> | Layer.Services<ReturnType<typeof layerJsonLines>>

/**
 * A run's log: in its folder, on the terminal, and where else it is asked for; and telemetry, if there is an endpoint. The terminal may
 * fail and never ends a run; of TensorBoard's event files only the opening may.
 */
export const logLayer = ({ folder, log }: RunFolder, { quiet, tensorBoard, telemetry }: Logging) =>
  Layer.merge(
    TrainingLog.withSpare<TrainingLogError, LogServices>(layerJsonLines(log), [
      quiet ? layerWarnings : layerTerminal,
      ...(tensorBoard ? [layerTensorBoard({ directory: folder })] : [])
    ]),
    layerOpenTelemetry(telemetry)
  )

/** Where programs run, as `backendOf` gives it. */
type BackendLayer = Layer.Layer<TensorBackend, BackendError>

/** What all runs on a data set share. */
export const workshopLayer = (dataset: DatasetSettings, backend: BackendLayer) =>
  Layer.mergeAll(datasetLayer(dataset), backend, layerSharp)

/** The classifier in a folder; its training is shown on the terminal, unless `quiet`. */
export const classifierLayer = (directory: string, { quiet }: Pick<Logging, "quiet">) =>
  Layer.merge(layerClassifier({ directory }), quiet ? layerWarnings : TrainingLog.warning(layerTerminal))
