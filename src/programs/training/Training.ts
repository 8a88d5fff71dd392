import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import type { CheckpointDescription } from "../../domain/checkpoint/Manifest.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import type { CadenceOf } from "../../domain/watch/Command.ts"
import type { BackendError } from "../../layers/backend/TensorBackend.ts"
import { type CheckpointError, CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { gaugeProgress } from "../../layers/log/progressGauges.ts"
import { TrainingLog, type TrainingLogError } from "../../layers/log/TrainingLog.ts"
import { RunCommands } from "../../layers/watch/RunCommands.ts"
import { DivergedError } from "./DivergedError.ts"

/** A training run's state and measurements at one moment. */
export interface Snapshot {
  /** Updates done. */
  readonly update: number
  /** By path; what a checkpoint holds. */
  readonly tensors: NamedTensors
  readonly metrics: Readonly<Record<string, number>>
}

/** What a run is, apart from how far it has come. */
export interface RunIdentity {
  /** The program's name. */
  readonly program: string
  readonly seed: number
  readonly batchSize: number
  readonly shards: number
  /** Name of the backend that computes it. */
  readonly backend: string
  /** What it learns from, by name and digests. */
  readonly data: { readonly name: string; readonly digests: Readonly<Record<string, string>> }
}

/** Where a run stands after an update: the elements of a training stream. */
export interface TrainingProgress<Metric extends string = string> {
  readonly run: RunIdentity
  /** Updates done. */
  readonly update: number
  readonly totalUpdates: number
  /** Passes over the training data, fractional. */
  readonly epoch: number
  /** What the update measured: the program's outputs. */
  readonly metrics: Readonly<Record<Metric, number>>
  /**
   * The state as it stands when asked for, and the number of updates that made it: later than `update` only if the run
   * was interrupted after a further update. It may still be asked for when the run has ended.
   */
  readonly snapshot: Effect.Effect<Snapshot, BackendError | DivergedError>
  /** The same whatever its numbers are; `snapshot` fails with a `DivergedError` unless all are finite. */
  readonly state: Effect.Effect<Snapshot, BackendError>
}

/** Whether what is done every N updates, and after the last, is to be done now. */
export const isDue = (progress: TrainingProgress, everyUpdates: number): boolean =>
  progress.update % everyUpdates === 0 || progress.update === progress.totalUpdates

/** Whether that is due which the run may have been told to do at other updates than planned. */
export const isDueNow =
  (of: CadenceOf, planned: number) =>
  (progress: TrainingProgress): Effect.Effect<boolean> =>
    Effect.map(RunCommands, ({ orders }) => isDue(progress, orders.every.get(of) ?? planned))

/**
 * Tells for each update in turn whether something is due: every N updates (planned, or told), after the last, and where nothing was for as
 * long as `within`, so that slow updates are heard of as well. What is done by time must not change any number.
 */
const dueBy = (
  of: CadenceOf,
  updates: number,
  within: Duration.Input
): Effect.Effect<(progress: TrainingProgress) => Effect.Effect<boolean>> =>
  Effect.gen(function* () {
    const longest = Duration.toMillis(Duration.fromInputUnsafe(within))
    const last = yield* Ref.make(yield* Clock.currentTimeMillis)
    return Effect.fnUntraced(function* (progress: TrainingProgress) {
      const now = yield* Clock.currentTimeMillis
      const due = (yield* isDueNow(of, updates)(progress)) || now - (yield* Ref.get(last)) >= longest
      if (due) yield* Ref.set(last, now)
      return due
    })
  })

/** Does something after every N updates and after the last: the operator from which others are made. */
export const every =
  <P extends TrainingProgress, E2, R2>(updates: number, act: (progress: P) => Effect.Effect<unknown, E2, R2>) =>
  <E, R>(training: Stream.Stream<P, E, R>): Stream.Stream<P, E | E2, R | R2> =>
    Stream.tap(training, (progress) => (isDue(progress, updates) ? act(progress) : Effect.void))

/** Does something after each of these numbers of updates, and after the last. */
export const at =
  <P extends TrainingProgress, E2, R2>(
    updates: ReadonlyArray<number>,
    act: (progress: P) => Effect.Effect<unknown, E2, R2>
  ) =>
  <E, R>(training: Stream.Stream<P, E, R>): Stream.Stream<P, E | E2, R | R2> =>
    Stream.tap(training, (progress) =>
      updates.includes(progress.update) || progress.update === progress.totalUpdates ? act(progress) : Effect.void
    )

/**
 * Records the metrics in the `TrainingLog` every N updates, at the end, and at least once in as long as `within` (if
 * updates are slow), with the speed and the time left; and sets Effect's gauges `fovea.training.*` (`gaugeProgress`), which whatever
 * exports your program's metrics sends along.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Stream from "effect/Stream"
 * import { Backends, Data, linear, linearParameters, Optim, Program, Training, TrainingLog } from "fovea"
 * import { mean, square, subtract } from "fovea/tensor"
 *
 * const program = Program.make("twice x", {
 *   state: { line: Program.learner(linearParameters(1, 1), Optim.sgd(0.1)) },
 *   inputs: { x: [2, 1], y: [2, 1] },
 *   step: ({ line }, { x, y }) => {
 *     const { next, loss } = Program.descend(line, (p) => mean(square(subtract(linear(p, x), y))))
 *     return { next: { line: next }, outputs: { loss } }
 *   }
 * })
 * const numbers = { x: Data.floats([1], Float32Array.of(0, 1)), y: Data.floats([1], Float32Array.of(0, 2)) }
 * const data = Data.shuffled(Data.examples(numbers))
 * const log = Layer.succeed(TrainingLog, {
 *   record: (event) => Effect.sync(() => console.log(event._tag, event.update)) // Progress 20
 * })
 * const training = Training.run(program, { data, updates: 20, seed: 1 }).pipe(Training.logEvery(20), Stream.runDrain)
 * await Effect.runPromise(Effect.provide(training, Layer.merge(Backends.reference, log)))
 * ```
 */
export const logEvery =
  (updates: number, within: Duration.Input = Duration.infinity) =>
  <P extends TrainingProgress, E, R>(
    training: Stream.Stream<P, E, R>
  ): Stream.Stream<P, E | TrainingLogError, R | TrainingLog> =>
    Stream.unwrap(
      Effect.gen(function* () {
        const log = yield* TrainingLog
        const mark = yield* Ref.make(Option.none<{ readonly millis: number; readonly update: number }>())
        const latest = yield* Ref.make(Option.none<TrainingProgress>())
        const isLogDue = yield* dueBy("log", updates, within)
        const record = Effect.fnUntraced(function* (progress: TrainingProgress) {
          yield* Ref.set(latest, Option.some(progress))
          const { update, totalUpdates, epoch, metrics } = progress
          const millis = yield* Clock.currentTimeMillis
          const before = Option.getOrElse(yield* Ref.get(mark), () => ({ millis, update }))
          const due = yield* isLogDue(progress)
          if (before.update === update || due) yield* Ref.set(mark, Option.some({ millis, update }))
          if (!due) return
          const updatesPerSecond = ((update - before.update) * 1000) / Math.max(millis - before.millis, 1)
          const secondsLeft = update === totalUpdates ? 0 : (totalUpdates - update) / updatesPerSecond
          const event = {
            _tag: "Progress",
            update,
            totalUpdates,
            epoch,
            metrics,
            updatesPerSecond,
            secondsLeft
          } as const
          yield* gaugeProgress(progress.run.program, event)
          yield* log.record(event)
        })
        // An interruption lets the current update finish, but it is never emitted: a checkpoint holds it, so the log must as well.
        const recordUntold = Effect.gen(function* () {
          const told = yield* Ref.get(latest)
          if (Option.isNone(told)) return
          const { update, metrics } = yield* told.value.snapshot
          const epoch = (told.value.epoch * update) / told.value.update
          if (update > told.value.update) yield* record({ ...told.value, update, metrics, epoch })
        }).pipe(Effect.catch((error) => Effect.logError(error.message)))
        return training.pipe(
          Stream.tap(record),
          Stream.onExit((exit) => (Exit.hasInterrupts(exit) ? recordUntold : Effect.void))
        )
      })
    )

/** What a checkpoint says of itself besides the state. */
export type Describe = (snapshot: Snapshot) => Effect.Effect<CheckpointDescription>

/**
 * Saves a checkpoint every N updates, at the end, after as long as `within` without one, and when the run is interrupted, so
 * that no finished update is lost (unless it is interrupted within its first one since it began or went on). A run that diverges saves nothing, and
 * its error names the last checkpoint: its own, or the one that it went on from. With `onNotFinite` as `warn` a state that is
 * not finite is passed over instead, and the run goes on.
 */
export const checkpointEvery =
  (
    updates: number,
    describe: (snapshot: Snapshot, run: RunIdentity) => Effect.Effect<CheckpointDescription>,
    onNotFinite: "stop" | "warn" = "stop",
    within: Duration.Input = Duration.infinity
  ) =>
  <P extends TrainingProgress, E, R>(
    training: Stream.Stream<P, E, R>
  ): Stream.Stream<
    P,
    E | BackendError | DivergedError | CheckpointError | TrainingLogError,
    R | CheckpointStore | TrainingLog
  > =>
    Stream.unwrap(
      Effect.gen(function* () {
        const store = yield* CheckpointStore
        const log = yield* TrainingLog
        const latest = yield* Ref.make(Option.none<TrainingProgress>())
        const isSaveDue = yield* dueBy("checkpoints", updates, within)
        const { orders } = yield* RunCommands
        const isSaveAsked = Effect.sync(() => {
          const { checkpoint } = orders
          orders.checkpoint = false
          return checkpoint
        })
        const saved = yield* Ref.make(Option.none<{ readonly update: number; readonly path: string }>())
        const write = Effect.fn("Training.checkpoint")(function* (snapshot: Snapshot, run: RunIdentity) {
          yield* Effect.annotateCurrentSpan("fovea.update", snapshot.update)
          const description = yield* describe(snapshot, run)
          const { update, path } = yield* store.save({ description, tensors: snapshot.tensors })
          yield* Ref.set(saved, Option.some({ update, path }))
          yield* log.record({ _tag: "Checkpointed", update, path })
        })
        const save = Effect.fnUntraced(function* (progress: TrainingProgress) {
          const snapshot = yield* progress.snapshot
          if (Option.exists(yield* Ref.get(saved), ({ update }) => update === snapshot.update)) return
          yield* write(snapshot, progress.run)
        })
        const saveLatest = Effect.gen(function* () {
          const progress = yield* Ref.get(latest)
          if (Option.isNone(progress)) return
          yield* save(progress.value)
          const last = yield* Ref.get(saved)
          yield* log.record({
            _tag: "Interrupted",
            update: Option.match(last, { onNone: () => 0, onSome: ({ update }) => update })
          })
        }).pipe(Effect.catch((error) => Effect.logError(error.message)))
        const newestBefore = Effect.fnUntraced(function* (update: number) {
          const last = yield* Ref.get(saved)
          if (Option.isSome(last)) return last.value.path
          const held = yield* Effect.orElseSucceed(store.list, () => [])
          const newest = held.findLast((earlier) => earlier < update)
          return newest === undefined ? undefined : `that of update ${newest} in ${store.location}`
        })
        const withLastCheckpoint = Effect.fnUntraced(function* <E>(error: E) {
          if (!(error instanceof DivergedError)) return error
          const { update, quantity, value, kept } = error
          const lastCheckpoint = yield* newestBefore(update)
          if (lastCheckpoint === undefined) return error
          return new DivergedError({ update, quantity, value, lastCheckpoint, ...(kept !== undefined && { kept }) })
        })
        return training.pipe(
          Stream.tap((progress) => Ref.set(latest, Option.some(progress))),
          Stream.tap((progress) =>
            save(progress).pipe(
              Effect.catchIf(
                (error) => onNotFinite === "warn" && error instanceof DivergedError,
                () => Effect.void
              ),
              Effect.when(Effect.zipWith(isSaveAsked, isSaveDue(progress), (asked, due) => asked || due))
            )
          ),
          Stream.catch((error) => Stream.fromEffect(Effect.flatMap(withLastCheckpoint(error), Effect.fail))),
          Stream.onExit((exit) => (Exit.hasInterrupts(exit) ? saveLatest : Effect.void))
        )
      })
    )
