import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { dataDifference } from "../../domain/experiment/dataIdentity.ts"
import { type ExperimentSettings, SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import { decodeSettings } from "../../domain/experiment/presets.ts"
import { measuresVersion } from "../../domain/metrics/SampleMeasures.ts"
import { modelOf } from "../../domain/model/modelOf.ts"
import { decodePoint, type PlannedPoint } from "../../domain/sweep/PlannedPoint.ts"
import type { PointRow } from "../../domain/sweep/SweepResults.ts"
import { formatCount } from "../../domain/text/numbers.ts"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { TrainingQueue } from "../../layers/queue/TrainingQueue.ts"
import { openClassifier } from "../classifier/openClassifier.ts"
import { smallMeasurer } from "../evaluation/smallMeasures.ts"
import { libraryVersion } from "../libraryVersion.ts"
import { cached } from "../paper/cached.ts"
import { sampleImages } from "../sampling/Sampling.ts"
import { backendOf } from "./backendFlag.ts"
import { classifierFolder } from "./classifierFolder.ts"
import { classifierLayer, datasetLayer } from "./layers.ts"
import { keptRunOf } from "./pointPlace.ts"
import { runsFolder, storeAddress } from "./storeFlag.ts"

/** How the points of a sweep are measured, and where what was measured is kept. */
export interface PointMeasuring {
  readonly store: Option.Option<string>
  readonly runs: Option.Option<string>
  readonly backend: Option.Option<string>
  readonly classifier: Option.Option<string>
  readonly quiet: boolean
  /** Of the results. */
  readonly folder: string
}

const Measures = Schema.Record(Schema.String, Schema.Finite)
type Measures = typeof Measures.Type

/** A point that was trained to its end. */
interface Trained {
  readonly id: string
  readonly point: PlannedPoint
  readonly settings: ExperimentSettings
  /** Digest of its last state. */
  readonly state: string
}

/**
 * The Fréchet distance, the class entropy and the confidence of so many samples of every point that was trained to its end, by its id: of all by one
 * classifier, on this machine, so that they compare. What was measured before is read from the folder of the results.
 *
 * Fails with a `SettingsError` if this machine has other data than the points were trained on, and as the classifier and the stores do.
 */
export const measuredPoints = Effect.fnUntraced(function* (
  sweep: string,
  rows: ReadonlyArray<PointRow>,
  samples: number,
  { store, runs, backend, classifier, quiet, folder }: PointMeasuring
) {
  const trained = yield* trainedPoints(sweep, rows)
  const [first] = trained
  if (first === undefined) return new Map<string, Measures>()
  const address = yield* storeAddress(store)
  const directory = yield* classifierFolder(Option.getOrElse(classifier, () => "runs/classifier"))
  const measuring = Effect.gen(function* () {
    const { digests, training } = yield* Dataset
    const { name: engine } = yield* TensorBackend
    const format = { channels: training.channels, height: training.height, width: training.width }
    if (!quiet) yield* Console.log(terminalTable([`Measuring ${formatCount(trained.length)} points`]))
    const judge = yield* openClassifier()
    const measure = yield* Effect.cached(smallMeasurer(judge))
    const key = {
      ...{ library: libraryVersion, measures: measuresVersion, engine, samples, digests },
      ...{ epochs: judge.epochs, testAccuracy: judge.testAccuracy }
    }
    const measured = new Map<string, Measures>()
    for (const { id, point, settings, state } of trained) {
      const difference = dataDifference(point.data.digests, digests)
      if (difference !== undefined) {
        const problem = `points cannot be measured here, where other data are found than they were trained on: ${difference}`
        yield* new SettingsError({ field: "dataset", problem })
      }
      const compute = Effect.gen(function* () {
        const { checkpoints } = yield* keptRunOf(id, runsFolder(address, runs))
        const newest = yield* checkpoints.latest
        if (Option.isNone(newest)) return {}
        const drawn = { count: samples, seed: settings.seed }
        const images = yield* sampleImages(modelOf(settings.model, format), newest.value.tensors, drawn)
        const { metrics } = yield* Effect.flatMap(measure, (of) => of(images))
        return metrics
      }).pipe(
        // Images of which a distance cannot be taken, such as those that are all alike.
        Effect.catchTag("MeasureError", ({ message }) =>
          Effect.as(Effect.logWarning(`Point ${id} is not measured: ${message}`), {})
        )
      )
      const kept = { schema: Measures, key: { ...key, state } }
      measured.set(id, yield* cached(`${folder}/measures/${id}.json`, kept, compute))
    }
    return measured
  })
  const layer = Layer.mergeAll(
    datasetLayer(first.settings.dataset),
    yield* backendOf(backend),
    classifierLayer(directory, { quiet })
  )
  return yield* Effect.provide(measuring, layer, { local: true })
})

const trainedPoints = Effect.fnUntraced(function* (sweep: string, rows: ReadonlyArray<PointRow>) {
  const records = new Map((yield* (yield* TrainingQueue).results(sweep)).map(({ point }) => [point.id, point]))
  return rows.flatMap(({ id, standing, state }): ReadonlyArray<Trained> => {
    const point = Result.getOrUndefined(decodePoint(records.get(id)?.payload ?? ""))
    if (standing !== "trained" || state === undefined || point?.work.kind !== "settings") return []
    const settings = Result.getOrUndefined(decodeSettings(point.work.settings))
    return settings === undefined ? [] : [{ id, point, settings, state }]
  })
})
