import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { updatesPerEpoch } from "../domain/dataset/epochOrder.ts"
import type { ImageSet } from "../domain/dataset/Images.ts"
import type { Program } from "../domain/tensor/Program.ts"
import type { NamedTensors } from "../domain/tensor/TensorData.ts"
import { mapRecord } from "../domain/tensor/Tree.ts"
import { type BackendError, type Executable, TensorBackend } from "../layers/backend/TensorBackend.ts"
import { type Batch, type BatchSizeError, batches } from "../layers/dataset/batches.ts"
import { DivergedError } from "./DivergedError.ts"
import type { Snapshot, TrainingProgress } from "./Training.ts"

/** What a run needs besides its program: where it stands, what it learns from, and how far it goes. */
export interface TrainingPlan<Metric extends string> {
  /** One update: input `images`, `[batchSize, channels, B, A]`; every output a scalar. */
  readonly program: Program<"images", Metric>
  /** Updates done so far, and the state they made. */
  readonly start: { readonly update: number; readonly state: NamedTensors }
  readonly images: ImageSet
  readonly batchSize: number
  readonly seed: number
  readonly totalUpdates: number
}

/**
 * Runs a training program over shuffled batches, one element an update. A pure function of the plan: the same plan gives
 * the same numbers, and a plan that starts from a snapshot goes on exactly as the run that it came from.
 *
 * An update is never cut short: an interruption takes effect after it. Fails with a `DivergedError` at the first update
 * whose metrics are not finite.
 */
export const trainingSteps = <Metric extends string>(
  plan: TrainingPlan<Metric>
): Stream.Stream<TrainingProgress, BackendError | BatchSizeError | DivergedError, TensorBackend> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const backend = yield* TensorBackend
      const executable = yield* backend.compile(plan.program, plan.start.state)
      const { batchSize, seed, totalUpdates, start } = plan
      const position: Position = { update: start.update, metrics: {}, last: undefined }
      // An interruption closes the executable before the operators downstream can ask for a snapshot.
      yield* Effect.addFinalizer(() =>
        Effect.ignore(
          Effect.map(executable.readState, (state) => {
            position.last = state
          })
        )
      )
      return batches(plan.images, { batchSize, seed, firstUpdate: start.update }).pipe(
        Stream.take(Math.max(totalUpdates - start.update, 0)),
        Stream.mapEffect((batch) => oneUpdate(plan, executable, position, batch))
      )
    })
  )

/** How far the executable's state has come: the one mutable cell of a run, written together with the state. */
interface Position {
  update: number
  metrics: Readonly<Record<string, number>>
  /** The state at the end, once the executable is closed. */
  last: NamedTensors | undefined
}

const oneUpdate = Effect.fnUntraced(function* <Metric extends string>(
  { seed, totalUpdates, images, batchSize }: TrainingPlan<Metric>,
  executable: Executable<"images", Metric>,
  position: Position,
  batch: Batch
) {
  yield* Effect.uninterruptible(
    Effect.gen(function* () {
      yield* executable.step({ inputs: { images: batch.images }, noise: { seed, step: batch.update } })
      const outputs = yield* executable.readOutputs
      position.update = batch.update + 1
      position.metrics = mapRecord(outputs, ({ values }) => values[0] ?? Number.NaN)
    })
  )
  // Steps are synchronous inside: without this, timers and Ctrl-C would wait for the end of the run.
  yield* Effect.yieldNow
  const { update, metrics } = position
  yield* requireFinite(update, Object.entries(metrics))
  const epoch = update / updatesPerEpoch(images.count, batchSize)
  const progress: TrainingProgress = {
    update,
    totalUpdates,
    epoch,
    metrics,
    snapshot: snapshotOf(executable, position)
  }
  return progress
})

const snapshotOf = Effect.fnUntraced(function* (
  executable: Executable,
  position: Position
): Effect.fn.Return<Snapshot, BackendError | DivergedError> {
  const { update, metrics, last } = position
  const tensors = last ?? (yield* executable.readState)
  for (const [path, { values }] of Object.entries(tensors)) {
    const broken = values.find((value) => !Number.isFinite(value))
    if (broken !== undefined) yield* requireFinite(update, [[path, broken]])
  }
  return { update, tensors, metrics }
})

const requireFinite = (
  update: number,
  values: ReadonlyArray<readonly [name: string, value: number]>
): Effect.Effect<void, DivergedError> => {
  const broken = values.find(([, value]) => !Number.isFinite(value))
  return broken === undefined
    ? Effect.void
    : Effect.fail(new DivergedError({ update, quantity: broken[0], value: broken[1] }))
}
