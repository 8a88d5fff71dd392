import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { ExperimentSettings } from "../../domain/experiment/ExperimentSettings.ts"
import { settingsJson } from "../../domain/experiment/presets.ts"
import { samplingGenerator } from "../../domain/experiment/sampling.ts"
import { parametersOf } from "../../domain/model/TrainableModel.ts"
import { parameterCount } from "../../domain/nn/parameter.ts"
import { TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { Milestones } from "../../layers/checkpoint/Milestones.ts"
import { TrainingLog } from "../../layers/log/TrainingLog.ts"
import { sampleImages } from "../sampling/Sampling.ts"
import { examineCollapse } from "./examineCollapse.ts"
import { measureWithin, RunMeasuring } from "./measureWithin.ts"
import { obeyCommands } from "./obeyCommands.ts"
import { type OpenRun, openRun } from "./openRun.ts"
import { at, checkpointEvery, isDueNow, logEvery, type Snapshot } from "./Training.ts"
import { trainModel } from "./trainModel.ts"
import { watchCollapse } from "./watchCollapse.ts"
import { unlessDiverged, watchNumbers } from "./watchNumbers.ts"

/** Images to be made of a run as it stands; returns the paths of what was written. */
export type DrawImages<E, R> = (run: OpenRun, snapshot: Snapshot) => Effect.Effect<ReadonlyArray<string>, E, R>

/**
 * Trains an experiment to its end, from its last checkpoint on if there is one: metrics to the `TrainingLog`,
 * checkpoints to the `CheckpointStore`, generators to the `Milestones`, images by `draw` (every `drawEvery` updates, or as the settings say). Returns the run and the snapshot it ended with. Interrupted,
 * it checkpoints first.
 */
export const runExperiment = Effect.fn("runExperiment")(function* <E, R>(
  given: ExperimentSettings,
  draw: DrawImages<E, R>,
  drawEvery?: number
) {
  const log = yield* TrainingLog
  const backend = yield* TensorBackend
  const milestones = yield* Milestones
  const run = yield* openRun(given)
  const { settings, model, start, totalUpdates } = run
  const began = yield* Clock.currentTimeMillis
  yield* log.record({
    _tag: "Started",
    name: settings.name,
    settings: settingsJson(settings),
    update: start.update,
    totalUpdates,
    backend: backend.name,
    parameters: parameterCount(parametersOf(model))
  })
  const { logEveryUpdates, checkpointEveryEpochs, picturesEveryEpochs } = settings.reporting
  const drawAndRecord = Effect.fnUntraced(function* (snapshot: Snapshot) {
    for (const path of yield* draw(run, snapshot)) {
      yield* log.record({ _tag: "PictureWritten", update: snapshot.update, path })
    }
  })
  const keepGenerator = Effect.fnUntraced(function* (snapshot: Snapshot) {
    yield* milestones.save({ description: yield* run.describe(snapshot), tensors: samplingGenerator(snapshot.tensors) })
  })
  const milestoneUpdates = (settings.reporting.milestoneEpochs ?? []).map((epoch) => epoch * run.updatesPerEpoch)
  const atStart: Snapshot = { update: start.update, tensors: start.state, metrics: {} }
  const { onNotFinite = "stop", onCollapse = "warn" } = settings.reporting
  const skipping = unlessDiverged(onNotFinite)
  const everyUpdates = logEveryUpdates
  const training = { ...settings.training, seed: settings.seed, notFinite: "pass" } as const
  const steps = trainModel(model, training, start).pipe(
    obeyCommands,
    logEvery(logEveryUpdates, "15 seconds"),
    // Everything else that is done with a state is done after whole epochs, or looks at the state itself.
    watchNumbers({
      everyUpdates: [everyUpdates, run.updatesPerEpoch],
      onNotFinite,
      start: atStart,
      describe: run.describe
    })
  )
  const measuring = yield* RunMeasuring
  const measured =
    measuring === undefined
      ? steps
      : steps.pipe(
          measureWithin(measuring.share, ({ tensors }) =>
            sampleImages(model, tensors, { count: measuring.samples, seed: settings.seed }).pipe(
              Effect.flatMap(measuring.measure),
              // Images of which a distance cannot be taken are no reason to end a run.
              Effect.catchTag("MeasureError", ({ message }) => Effect.as(Effect.logWarning(message), undefined))
            )
          )
        )
  const watched =
    onCollapse === "ignore"
      ? measured
      : measured.pipe(watchCollapse({ everyUpdates, onCollapse, examine: examineCollapse(model, settings.seed) }))
  const last = yield* watched.pipe(
    // Before the checkpoint: a run that is killed between the two comes by here again.
    at(milestoneUpdates, ({ snapshot }) => skipping(Effect.flatMap(snapshot, keepGenerator))),
    checkpointEvery(checkpointEveryEpochs * run.updatesPerEpoch, run.describe, onNotFinite, "10 minutes"),
    Stream.tap((progress) =>
      skipping(Effect.flatMap(progress.snapshot, drawAndRecord)).pipe(
        Effect.when(isDueNow("images", drawEvery ?? picturesEveryEpochs * run.updatesPerEpoch)(progress))
      )
    ),
    Stream.runLast
  )
  // A run that was at its end, or beyond it, before it began still draws its images.
  if (Option.isNone(last)) yield* drawAndRecord(atStart)
  const snapshot = Option.isSome(last) ? yield* last.value.snapshot : atStart
  const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
  yield* log.record({ _tag: "Finished", update: snapshot.update, seconds })
  return { run, snapshot }
})
