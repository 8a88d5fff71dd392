import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import type * as Tracer from "effect/Tracer"
import { updatesPerEpoch } from "../../domain/data/epochOrder.ts"
import { held, own } from "../../domain/record/own.ts"
import { firstNotFinite } from "../../domain/tensor/notFinite.ts"
import { type Program, ProgramError } from "../../domain/tensor/Program.ts"
import { formatShape, sameShape } from "../../domain/tensor/Shape.ts"
import { wholeShape } from "../../domain/tensor/Sharding.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../domain/tensor/Tree.ts"
import { type BackendError, type Executable, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import type { Batch, BatchSizeError, BatchSource } from "../../layers/dataset/BatchSource.ts"
import { DivergedError } from "./DivergedError.ts"
import type { RunIdentity, Snapshot, TrainingProgress } from "./Training.ts"

/** What a run needs besides its program: where it stands, what it learns from, and how far it goes. */
export interface TrainingPlan<Metric extends string, Input extends string = string, E = never, R = never> {
  /** One update: inputs `[batchSize, ...]` by the names of the data's arrays; every output a scalar, `[]`. */
  readonly program: Program<Input, Metric>
  /** Updates done so far, and the state they made. */
  readonly start: { readonly update: number; readonly state: NamedTensors }
  /** Has at least the arrays that the program's inputs name. */
  readonly data: BatchSource<Input, E, R>
  readonly batchSize: number
  readonly seed: number
  readonly totalUpdates: number
  /** What is done about a metric that is not finite: `fail` (if left out), or `pass` it on, for `watchNumbers`. */
  readonly notFinite?: "fail" | "pass" | undefined
}

/**
 * Runs a training program over batches, one element an update. A pure function of the plan: the same plan gives
 * the same numbers, and a plan that starts from a snapshot goes on exactly as the run that it came from.
 *
 * An update is never cut short: an interruption takes effect after it. Fails with a `DivergedError` if the state to start
 * from is not finite, and at the first update whose metrics are not, unless they are to be passed on. Throws a `ProgramError`
 * if an output of the program is not a scalar, or the data lack an input or have it in another shape.
 *
 * The span `Training.run` lasts as long as the stream, `Training.epoch` within it as long as an epoch's updates.
 */
export const trainingSteps = <Metric extends string, Input extends string, E = never, R = never>(
  plan: TrainingPlan<Metric, Input, E, R>
): Stream.Stream<TrainingProgress<Metric>, BackendError | BatchSizeError | DivergedError | E, TensorBackend | R> => {
  requireScalars(plan.program)
  requireInputs(plan)
  return Stream.unwrap(
    Effect.gen(function* () {
      const backend = yield* TensorBackend
      yield* requireFiniteState(plan.start.update, plan.start.state)
      const executable = yield* backend.compile(plan.program, plan.start.state)
      const { program, data, batchSize, seed, totalUpdates, start } = plan
      const run: RunIdentity = {
        program: program.name,
        seed,
        batchSize,
        shards: program.shards?.count ?? 1,
        backend: backend.name,
        data: { name: data.name, digests: data.digests }
      }
      yield* Effect.annotateCurrentSpan(attributesOf(run, start.update, totalUpdates))
      const position: Position<Metric> = { update: start.update, metrics: undefined, last: undefined, epoch: undefined }
      yield* Effect.addFinalizer((exit) => endEpoch(position, exit))
      // An interruption closes the executable before the operators downstream can ask for a snapshot.
      yield* Effect.addFinalizer(() =>
        Effect.ignore(
          Effect.map(executable.readState, (state) => {
            position.last = state
          })
        )
      )
      return data.batches({ batchSize, seed, firstUpdate: start.update }).pipe(
        Stream.take(Math.max(totalUpdates - start.update, 0)),
        Stream.mapEffect((batch) => oneUpdate(plan, run, executable, position, batch))
      )
    })
  ).pipe(Stream.withSpan("Training.run"))
}

const attributesOf = ({ program, seed, batchSize, shards, backend, data }: RunIdentity, from: number, to: number) => ({
  "fovea.program": program,
  "fovea.seed": seed,
  "fovea.batchSize": batchSize,
  "fovea.shards": shards,
  "fovea.backend": backend,
  "fovea.data": data.name,
  "fovea.update": from,
  "fovea.totalUpdates": to
})

/** Throws a `ProgramError` naming an output that is not a scalar. */
export const requireScalars = ({ name: program, outputs }: Program): void => {
  for (const [name, { shape }] of Object.entries(outputs)) {
    if (shape.length === 0) continue
    throw new ProgramError(
      `${program}: the output "${name}" has shape ${formatShape(shape)}; what a training measures is a scalar, such as a mean or a sum`
    )
  }
}

/** What a program is to be given: by the data, in the shape of whole batches. Throws a `ProgramError` naming both shapes otherwise. */
export const requireInputs = <E, R>({
  program,
  data,
  batchSize
}: Pick<TrainingPlan<string, string, E, R>, "program" | "data" | "batchSize">): void => {
  for (const [name, input] of Object.entries(program.inputs)) {
    const shape = own(data.shapes, name)
    const wanted = wholeShape(program.shards, name, input)
    if (shape === undefined) {
      const known = Object.entries(data.shapes).map(([array, of]) => `"${array}" ${formatShape(of)}`)
      throw new ProgramError(
        `${program.name}: has the input "${name}" ${formatShape(wanted)}, and ` +
          (known.length === 0 ? "there are no data" : `the data (${data.name}) have ${known.join(", ")}`)
      )
    }
    const given = [batchSize, ...shape]
    if (sameShape(given, wanted)) continue
    throw new ProgramError(
      `${program.name}: has the input "${name}" ${formatShape(wanted)}, but a batch of the data (${data.name}) is ${formatShape(given)}`
    )
  }
}

/** The span of an epoch, from its first update to its last. */
interface OpenEpoch {
  /** From 0. */
  readonly number: number
  readonly span: Tracer.Span
}

const enterEpoch = Effect.fnUntraced(function* (position: Position<string>, number: number) {
  if (position.epoch?.number === number) return
  yield* endEpoch(position, Exit.void)
  const span = yield* Effect.makeSpan("Training.epoch", { attributes: { "fovea.epoch": number + 1 } })
  position.epoch = { number, span }
})

/** Ends the span of the epoch in hand, if there is one, with what its last update measured. */
const endEpoch = Effect.fnUntraced(function* (position: Position<string>, exit: Exit.Exit<unknown, unknown>) {
  const { epoch, update, metrics = {} } = position
  if (epoch === undefined) return
  for (const [name, value] of Object.entries({ ...metrics, update })) {
    epoch.span.attribute(`fovea.${name}`, Number.isFinite(value) ? value : String(value))
  }
  epoch.span.end(yield* Clock.currentTimeNanos, exit)
  position.epoch = undefined
})

/** How far the executable's state has come: the one mutable cell of a run, written together with the state. */
interface Position<Metric extends string> {
  update: number
  /** Undefined before the first update. */
  metrics: Readonly<Record<Metric, number>> | undefined
  /** The state at the end, once the executable is closed. */
  last: NamedTensors | undefined
  epoch: OpenEpoch | undefined
}

const oneUpdate = Effect.fnUntraced(function* <Metric extends string, Input extends string, E, R>(
  { program, seed, totalUpdates, data, batchSize, notFinite = "fail" }: TrainingPlan<Metric, Input, E, R>,
  run: RunIdentity,
  executable: Executable<Input, Metric>,
  position: Position<Metric>,
  batch: Batch<Input>
) {
  yield* enterEpoch(position, batch.epoch)
  const metrics = yield* Effect.uninterruptible(
    Effect.gen(function* () {
      const inputs = mapRecord(program.inputs, (_, name: Input) => held(batch.inputs, name))
      yield* executable.step({ inputs, noise: { seed, step: batch.update } })
      const outputs = yield* executable.readOutputs
      const metrics = mapRecord(outputs, ({ values }) => values[0] ?? Number.NaN)
      position.update = batch.update + 1
      position.metrics = metrics
      return metrics
    })
  )
  // Steps are synchronous inside: without this, timers and Ctrl-C would wait for the end of the run.
  yield* Effect.yieldNow
  const { update } = position
  if (notFinite === "fail") yield* requireFinite(update, Object.entries(metrics))
  const perEpoch = updatesPerEpoch(data.count, batchSize)
  if (update % perEpoch === 0) yield* endEpoch(position, Exit.void)
  const epoch = update / perEpoch
  const progress: TrainingProgress<Metric> = {
    run,
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
  executable: Pick<Executable, "readState">,
  position: Position<string>
): Effect.fn.Return<Snapshot, BackendError> {
  const { update, metrics = {}, last } = position
  return { update, tensors: last ?? (yield* executable.readState), metrics }
})

const snapshotOf = Effect.fnUntraced(function* (
  executable: Pick<Executable, "readState">,
  position: Position<string>
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
