import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { BackendError } from "../../layers/backend/TensorBackend.ts"
import { DivergedStates } from "../../layers/checkpoint/DivergedStates.ts"
import { TrainingLog, type TrainingLogError } from "../../layers/log/TrainingLog.ts"
import { DivergedError } from "./DivergedError.ts"
import { type Describe, isDue, type Snapshot, type TrainingProgress } from "./Training.ts"

/** How a run's numbers are watched. */
export interface WatchNumbersOptions {
  /**
   * Updates between two looks at the whole state, for each of these numbers: those after which the state is used, so that
   * it is looked at before. Metrics are looked at after every update.
   */
  readonly everyUpdates: ReadonlyArray<number>
  /** Whether a number that is not finite ends the run or is only warned of. */
  readonly onNotFinite: "stop" | "warn"
  /** The state that the run begins with. */
  readonly start: Snapshot
  /** What the states that are kept say of themselves. */
  readonly describe: Describe
}

/**
 * Notices NaN and infinities: in a metric at once, in a parameter or in Adam's moments (where a gradient that was not finite
 * stays) at the next of every N updates and at the end, also while the losses are still finite. The last state that was
 * found sound and the one that is not are put into the `DivergedStates`. Then the run fails with a `DivergedError`, or goes on
 * with a warning in the `TrainingLog`, and with another one when all is finite again.
 *
 * It belongs before the operators that save or draw, on steps that pass what is not finite (`notFinite: "pass"`).
 */
export const watchNumbers =
  ({ everyUpdates, onNotFinite, start, describe }: WatchNumbersOptions) =>
  <E, R>(
    training: Stream.Stream<TrainingProgress, E, R>
  ): Stream.Stream<
    TrainingProgress,
    E | BackendError | DivergedError | TrainingLogError,
    R | DivergedStates | TrainingLog
  > =>
    Stream.unwrap(
      Effect.gen(function* () {
        const store = yield* DivergedStates
        const log = yield* TrainingLog
        const sound = yield* Ref.make(start)
        const broken = yield* Ref.make(false)

        const keep = Effect.fnUntraced(function* (snapshot: Snapshot) {
          // A manifest holds finite metrics only; the log has the others.
          const finite = Object.entries(snapshot.metrics).filter(([, value]) => Number.isFinite(value))
          const described = yield* describe({ ...snapshot, metrics: Object.fromEntries(finite) })
          yield* store.save({ description: described, tensors: snapshot.tensors })
        })

        const breakDown = Effect.fnUntraced(function* (
          { update, quantity, value }: DivergedError,
          progress: TrainingProgress
        ) {
          const kept = yield* Effect.result(
            Effect.andThen(keep(yield* Ref.get(sound)), Effect.flatMap(progress.state, keep))
          )
          if (Result.isFailure(kept)) yield* Effect.logWarning(kept.failure.message)
          const where = Result.isSuccess(kept) ? { kept: store.location } : {}
          const error = new DivergedError({ update, quantity, value, ...where })
          if (onNotFinite === "stop") return yield* error
          yield* Ref.set(broken, true)
          const message = `${error.message} The run goes on; nothing is saved of it until all is finite.`
          yield* log.record({ _tag: "Warned", update, message })
        })

        const look = Effect.fnUntraced(function* (progress: TrainingProgress) {
          const wasBroken = yield* Ref.get(broken)
          if (!everyUpdates.some((updates) => isDue(progress, updates)) && (wasBroken || areFinite(progress.metrics)))
            return
          const looked = yield* Effect.result(progress.snapshot)
          if (Result.isFailure(looked)) {
            if (!(looked.failure instanceof DivergedError)) return yield* looked.failure
            if (!wasBroken) yield* breakDown(looked.failure, progress)
            return
          }
          yield* Ref.set(sound, looked.success)
          if (!wasBroken) return
          yield* Ref.set(broken, false)
          yield* log.record({ _tag: "Warned", update: progress.update, message: "All numbers are finite again." })
        })
        return Stream.tap(training, look)
      })
    )

const areFinite = (metrics: TrainingProgress["metrics"]): boolean =>
  Object.values(metrics).every((value) => Number.isFinite(value))

/** Skips what cannot be done with a state that is not finite, where that is not to end the run. */
export const unlessDiverged =
  (onNotFinite: WatchNumbersOptions["onNotFinite"]) =>
  <A, E, R>(act: Effect.Effect<A, E | DivergedError, R>): Effect.Effect<A | undefined, E | DivergedError, R> =>
    onNotFinite === "stop"
      ? act
      : Effect.catchIf(
          act,
          (error) => error instanceof DivergedError,
          () => Effect.undefined
        )
