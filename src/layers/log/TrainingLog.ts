import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { TrainingEvent } from "../../domain/experiment/TrainingEvent.ts"
import { remedy } from "../file/atomicWrite.ts"

/** What a log is called that is no file. */
export const standardOutput = "standard output"

/** A training log could not be opened, written or read. */
export class TrainingLogError extends Schema.TaggedError<TrainingLogError>()("TrainingLogError", {
  /** The log's file, or `standardOutput`. */
  log: Schema.String,
  /** What was tried: `open`, `record Progress of update 500`, `read line 12`. */
  action: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    const way = this.log !== standardOutput && /^E[A-Z]+:/.test(this.reason) ? `. ${remedy(this.reason)}` : ""
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

  /**
   * A log that a run needs, and others that it can do without: `record` fails as the first does. When another fails, the first
   * is given a `Warned` event that says so, and Effect's logger a warning: once, until it works again. Each event is
   * tried with all. Failing to open any of them still fails.
   */
  static readonly withSpare = <E = never, R = never>(
    needed: Layer.Layer<TrainingLog, E, R>,
    spare: ReadonlyArray<Layer.Layer<TrainingLog, E, R>>
  ): Layer.Layer<TrainingLog, E, R> =>
    Layer.effect(
      TrainingLog,
      Effect.gen(function* () {
        const main = Context.get(yield* Layer.build(needed), TrainingLog)
        const others = yield* Effect.forEach(spare, (log) =>
          Effect.map(Layer.build(log), (context) => ({ log: Context.get(context, TrainingLog), works: true }))
        )
        const record = Effect.fnUntraced(function* (event: TrainingEvent) {
          const outcome = yield* Effect.exit(main.record(event))
          for (const other of others) {
            const result = yield* Effect.result(other.log.record(event))
            const worked = other.works
            other.works = Result.isSuccess(result)
            if (Result.isSuccess(result) || !worked) continue
            const message = `${result.failure.message.replace(/\.$/, "")}. The run goes on without it.`
            yield* Effect.logWarning(message)
            if (Exit.isSuccess(outcome)) yield* main.record({ _tag: "Warned", update: event.update, message })
          }
          yield* outcome
        })
        return TrainingLog.of({ record })
      })
    )

  /** The same log, whose failures to record become warnings of Effect's logger, as in `withSpare`. */
  static readonly warning = <E, R>(log: Layer.Layer<TrainingLog, E, R>): Layer.Layer<TrainingLog, E, R> =>
    TrainingLog.withSpare<E, R>(TrainingLog.all([]), [log])
}

/** Keeps nothing. */
export const layerSilent: Layer.Layer<TrainingLog> = Layer.succeed(TrainingLog, { record: () => Effect.void })

/** Appends every event to `events`, where a test or a program can look at them. */
export const layerMemory = (events: Ref.Ref<ReadonlyArray<TrainingEvent>>): Layer.Layer<TrainingLog> =>
  Layer.succeed(TrainingLog, { record: (event) => Ref.update(events, (earlier) => [...earlier, event]) })
