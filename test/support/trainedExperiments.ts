import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import type { ExperimentSettings } from "../../src/domain/experiment/ExperimentSettings.ts"
import { TrainingLog } from "../../src/layers/log/TrainingLog.ts"
import { runExperiment } from "../../src/programs/training/runExperiment.ts"
import { noEvents, tinyWorld } from "../programs/training/tinyExperiment.ts"

/** For trainings that draw no images. */
export const drawNothing = () => Effect.succeed([])

/** Runs to the end in memory; gives what it ended with and what was logged. */
export const trained = (settings: ExperimentSettings) =>
  Effect.gen(function* () {
    const events = yield* noEvents
    const { snapshot } = yield* Effect.provide(runExperiment(settings, drawNothing), tinyWorld(events), { local: true })
    return { snapshot, events: yield* Ref.get(events) }
  })

/** A training that is interrupted once an update has been logged. */
export const interruptedAt = <A, E, R>(update: number, training: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const log = yield* TrainingLog
    const watching = TrainingLog.of({
      record: (event) =>
        Effect.andThen(
          log.record(event),
          event._tag === "Progress" && event.update === update ? Effect.interrupt : Effect.void
        )
    })
    return yield* Effect.provideService(training, TrainingLog, watching)
  })

/** Runs until update `at` has been logged, and interrupts then. */
export const trainedUntil = (at: number, settings: ExperimentSettings) =>
  Effect.exit(interruptedAt(at, runExperiment(settings, drawNothing)))
