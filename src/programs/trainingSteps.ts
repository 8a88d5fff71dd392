import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { updatesPerEpoch } from "../domain/dataset/epochOrder.ts"
import type { ImageSet } from "../domain/dataset/Images.ts"
import { isLabelled, type LabelledImages } from "../domain/dataset/LabelledImages.ts"
import { firstNotFinite } from "../domain/tensor/notFinite.ts"
import { type Program, ProgramError } from "../domain/tensor/Program.ts"
import { formatShape } from "../domain/tensor/Shape.ts"
import type { Tensor } from "../domain/tensor/Tensor.ts"
import type { NamedTensors, TensorData } from "../domain/tensor/TensorData.ts"
import { mapRecord } from "../domain/tensor/Tree.ts"
import { type BackendError, type Executable, TensorBackend } from "../layers/backend/TensorBackend.ts"
import {
  type Batch,
  type BatchSettings,
  type BatchSizeError,
  batches,
  type LabelledBatch,
  labelledBatches
} from "../layers/dataset/batches.ts"
import { DivergedError } from "./DivergedError.ts"
import type { Snapshot, TrainingProgress } from "./Training.ts"

/** What an update may be given of its batch. */
export type TrainingInput = "images" | "labels"

/** The pictures that a program with these inputs can be trained on. */
export type TrainingImages<Input extends TrainingInput> = "labels" extends Input ? LabelledImages : ImageSet

/** What a run needs besides its program: where it stands, what it learns from, and how far it goes. */
export interface TrainingPlan<Metric extends string, Input extends TrainingInput = "images"> {
  /**
   * One update: inputs `images`, `[batchSize, channels, B, A]`, and, where it learns from them, `labels`,
   * `[batchSize, classes]`, one-hot; every output a scalar, `[]`.
   */
  readonly program: Program<Input, Metric>
  /** Updates done so far, and the state they made. */
  readonly start: { readonly update: number; readonly state: NamedTensors }
  readonly images: TrainingImages<Input>
  readonly batchSize: number
  readonly seed: number
  readonly totalUpdates: number
  /** What is done about a metric that is not finite: `fail` (if left out), or `pass` it on, for `watchNumbers`. */
  readonly notFinite?: "fail" | "pass" | undefined
}

/**
 * Runs a training program over shuffled batches, one element an update. A pure function of the plan: the same plan gives
 * the same numbers, and a plan that starts from a snapshot goes on exactly as the run that it came from.
 *
 * An update is never cut short: an interruption takes effect after it. Fails with a `DivergedError` if the state to start
 * from is not finite, and at the first update whose metrics are not, unless they are to be passed on. Throws a `ProgramError`
 * if an output of the program is not a scalar.
 */
export const trainingSteps = <Metric extends string, Input extends TrainingInput = "images">(
  plan: TrainingPlan<Metric, Input>
): Stream.Stream<TrainingProgress, BackendError | BatchSizeError | DivergedError, TensorBackend> => {
  requireScalars(plan.program)
  return Stream.unwrap(
    Effect.gen(function* () {
      const backend = yield* TensorBackend
      yield* requireFiniteState(plan.start.update, plan.start.state)
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
      return batchesFor(plan.images, { batchSize, seed, firstUpdate: start.update }).pipe(
        Stream.take(Math.max(totalUpdates - start.update, 0)),
        Stream.mapEffect((batch) => oneUpdate(plan, executable, position, batch))
      )
    })
  )
}

const requireScalars = ({ name: program, outputs }: Program): void => {
  for (const [name, { shape }] of Object.entries(outputs)) {
    if (shape.length === 0) continue
    throw new ProgramError(
      `${program}: the output "${name}" has shape ${formatShape(shape)}; what a training measures is a scalar, such as a mean or a sum`
    )
  }
}

/** How far the executable's state has come: the one mutable cell of a run, written together with the state. */
interface Position {
  update: number
  metrics: Readonly<Record<string, number>>
  /** The state at the end, once the executable is closed. */
  last: NamedTensors | undefined
}

const batchesFor = (images: ImageSet, settings: BatchSettings): Stream.Stream<Batch | LabelledBatch, BatchSizeError> =>
  isLabelled(images) ? labelledBatches(images, settings) : batches(images, settings)

/** Throws a `ProgramError` where the plan's type was got round: a program that needs labels, and pictures without. */
const inputsOf = <Input extends TrainingInput>(
  { name: program, inputs }: Program<Input>,
  batch: Batch | LabelledBatch
): Readonly<Record<Input, TensorData>> =>
  mapRecord<Input, Tensor, TensorData>(inputs, (_, name) => {
    if (name === "images") return batch.images
    if ("labels" in batch) return batch.labels
    throw new ProgramError(`${program}: has the input "${name}"; give it pictures made by labelledImages`)
  })

const oneUpdate = Effect.fnUntraced(function* <Metric extends string, Input extends TrainingInput>(
  { program, seed, totalUpdates, images, batchSize, notFinite = "fail" }: TrainingPlan<Metric, Input>,
  executable: Executable<Input, Metric>,
  position: Position,
  batch: Batch | LabelledBatch
) {
  yield* Effect.uninterruptible(
    Effect.gen(function* () {
      yield* executable.step({ inputs: inputsOf(program, batch), noise: { seed, step: batch.update } })
      const outputs = yield* executable.readOutputs
      position.update = batch.update + 1
      position.metrics = mapRecord(outputs, ({ values }) => values[0] ?? Number.NaN)
    })
  )
  // Steps are synchronous inside: without this, timers and Ctrl-C would wait for the end of the run.
  yield* Effect.yieldNow
  const { update, metrics } = position
  if (notFinite === "fail") yield* requireFinite(update, Object.entries(metrics))
  const epoch = update / updatesPerEpoch(images.count, batchSize)
  const progress: TrainingProgress = {
    update,
    totalUpdates,
    epoch,
    metrics,
    snapshot: snapshotOf(executable, position),
    state: stateOf(executable, position)
  }
  return progress
})

const stateOf = Effect.fnUntraced(function* (
  executable: Executable,
  position: Position
): Effect.fn.Return<Snapshot, BackendError> {
  const { update, metrics, last } = position
  return { update, tensors: last ?? (yield* executable.readState), metrics }
})

const snapshotOf = Effect.fnUntraced(function* (
  executable: Executable,
  position: Position
): Effect.fn.Return<Snapshot, BackendError | DivergedError> {
  const snapshot = yield* stateOf(executable, position)
  yield* requireFinite(snapshot.update, Object.entries(snapshot.metrics))
  yield* requireFiniteState(snapshot.update, snapshot.tensors)
  return snapshot
})

const requireFiniteState = (update: number, tensors: NamedTensors): Effect.Effect<void, DivergedError> => {
  const broken = firstNotFinite(tensors)
  return broken === undefined ? Effect.void : requireFinite(update, [[broken.path, broken.value]])
}

const requireFinite = (
  update: number,
  values: ReadonlyArray<readonly [name: string, value: number]>
): Effect.Effect<void, DivergedError> => {
  const broken = values.find(([, value]) => !Number.isFinite(value))
  return broken === undefined
    ? Effect.void
    : Effect.fail(new DivergedError({ update, quantity: broken[0], value: broken[1] }))
}
