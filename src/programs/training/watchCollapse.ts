import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type CollapseSignal, collapseSignal } from "../../domain/experiment/collapseSignal.ts"
import { TrainingLog, type TrainingLogError } from "../../layers/log/TrainingLog.ts"
import { isDue, type TrainingProgress } from "./Training.ts"

/** A run that was to end when a player collapses, and did. */
export class CollapsedError extends Schema.TaggedError<CollapsedError>()("CollapsedError", {
  update: Schema.Int,
  problem: Schema.String
}) {
  override get message(): string {
    return `Training collapsed: at update ${this.update}, ${this.problem}`
  }
}

/** The warning of a collapse. */
export const collapseMessage = (problem: string): string => `collapse: ${problem}`

/** The warning that takes it back. */
export const inPlayAgain = "The players are in play again."

/** How a run is watched for collapse. */
export interface WatchCollapseOptions<E, R> {
  /** Updates over which D's accuracies are averaged. */
  readonly everyUpdates: number
  readonly onCollapse: "warn" | "stop"
  /** What a signal means for this run, in a sentence; asked when one begins. `undefined` if nothing is wrong after all. */
  readonly examine: (signal: CollapseSignal, progress: TrainingProgress) => Effect.Effect<string | undefined, E, R>
}

interface Interval {
  readonly updates: number
  readonly real: number
  readonly generated: number
}
const empty: Interval = { updates: 0, real: 0, generated: 0 }

/**
 * Watches D's accuracies (metrics `realAccuracy` and `generatedAccuracy`), averaged over every N updates, for a
 * `collapseSignal`. Where one begins, it is examined and warned of in the `TrainingLog`, or ends the run with a
 * `CollapsedError`; where one ends, the log says that too. Runs without these metrics pass through.
 */
export const watchCollapse =
  <E2, R2>({ everyUpdates, onCollapse, examine }: WatchCollapseOptions<E2, R2>) =>
  <E, R>(
    training: Stream.Stream<TrainingProgress, E, R>
  ): Stream.Stream<TrainingProgress, E | E2 | CollapsedError | TrainingLogError, R | R2 | TrainingLog> =>
    Stream.unwrap(
      Effect.gen(function* () {
        const log = yield* TrainingLog
        const interval = yield* Ref.make(empty)
        const standing = yield* Ref.make<CollapseSignal | undefined>(undefined)
        const look = Effect.fnUntraced(function* (progress: TrainingProgress) {
          const { realAccuracy, generatedAccuracy } = progress.metrics
          if (realAccuracy === undefined || generatedAccuracy === undefined) return
          const { updates, real, generated } = yield* Ref.updateAndGet(interval, (sums) => ({
            updates: sums.updates + 1,
            real: sums.real + realAccuracy,
            generated: sums.generated + generatedAccuracy
          }))
          if (!isDue(progress, everyUpdates)) return
          yield* Ref.set(interval, empty)
          const signal = collapseSignal(real / updates, generated / updates)
          const before = yield* Ref.getAndSet(standing, signal)
          if (signal === before) return
          const { update } = progress
          if (signal === undefined) {
            yield* log.record({ _tag: "Warned", update, message: inPlayAgain })
            return
          }
          const problem = yield* examine(signal, progress)
          // Nothing was said, so nothing has to be taken back.
          if (problem === undefined) return yield* Ref.set(standing, undefined)
          if (onCollapse === "stop") return yield* new CollapsedError({ update, problem })
          yield* log.record({ _tag: "Warned", update, message: collapseMessage(problem) })
        })
        return Stream.tap(training, look)
      })
    )
