import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { TrainingEvent } from "../../domain/experiment/TrainingEvent.ts"
import { remedy } from "../file/atomicWrite.ts"

/** A training log could not be opened, written or read. */
export class TrainingLogError extends Schema.TaggedError<TrainingLogError>()("TrainingLogError", {
  /** The log's file, or `terminal`. */
  log: Schema.String,
  /** What was tried: `open`, `record Progress of update 500`, `read line 12`. */
  action: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    const way = /^E[A-Z]+:/.test(this.reason) ? `. ${remedy(this.reason)}` : ""
    return `The training log ${this.log} failed to ${this.action}: ${this.reason}${way}`
  }
}

/**
 * Takes what a training run reports, in the order it is reported.
 *
 * A record that cannot be kept is a typed failure, not a warning: whether a run should go on without its log is for
 * the program to say. `TrainingLog.warning` is the answer "go on, but tell".
 */
export class TrainingLog extends Context.Service<
  TrainingLog,
  {
    /** Succeeds when the event is where the log keeps it. Fibers that record at once never mix their records. */
    readonly record: (event: TrainingEvent) => Effect.Effect<void, TrainingLogError>
  }
>()("fovea/layers/TrainingLog") {
  /**
   * Several logs as one. Each event goes to all of them in turn, also when one fails; then the first failure is the
   * outcome. No logs at all make a silent one.
   */
  static readonly all = <E = never, R = never>(
    logs: ReadonlyArray<Layer.Layer<TrainingLog, E, R>>
  ): Layer.Layer<TrainingLog, E, R> =>
    Layer.effect(
      TrainingLog,
      Effect.gen(function* () {
        const services = yield* Effect.forEach(logs, (log) =>
          Effect.map(Layer.build(log), (context) => Context.get(context, TrainingLog))
        )
        const record = Effect.fnUntraced(function* (event: TrainingEvent) {
          const outcomes = yield* Effect.forEach(services, (log) => Effect.result(log.record(event)))
          const failed = outcomes.find(Result.isFailure)
          if (failed !== undefined) return yield* failed.failure
        })
        return TrainingLog.of({ record })
      })
    )

  /** The same log, whose failures to record become warnings of Effect's logger. Failing to open it still fails. */
  static readonly warning = <E, R>(log: Layer.Layer<TrainingLog, E, R>): Layer.Layer<TrainingLog, E, R> =>
    Layer.effect(
      TrainingLog,
      Effect.map(Layer.build(log), (context) => {
        const { record } = Context.get(context, TrainingLog)
        return TrainingLog.of({
          record: (event) => record(event).pipe(Effect.catch((error) => Effect.logWarning(error.message)))
        })
      })
    )
}
