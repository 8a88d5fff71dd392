import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CheckpointDescription } from "../../domain/checkpoint/Manifest.ts"
import { dataDifference } from "../../domain/experiment/dataIdentity.ts"
import { initialState, type Program } from "../../domain/program/Program.ts"
import { own } from "../../domain/record/own.ts"
import { formatShape, sameShape } from "../../domain/tensor/Shape.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { quotedText } from "../../domain/text/terminalText.ts"
import { requireMemory } from "../../layers/backend/requireMemory.ts"
import { type BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { type Checkpoint, type CheckpointError, CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { type BatchSizeError, type BatchSource, noData } from "../../layers/dataset/BatchSource.ts"
import { thisEnvironment } from "../../layers/machine/thisEnvironment.ts"
import { libraryVersion } from "../libraryVersion.ts"
import type { DivergedError } from "./DivergedError.ts"
import { checkpointEvery, type RunIdentity, type Snapshot, type TrainingProgress } from "./Training.ts"
import { trainingSteps } from "./trainingSteps.ts"

/** `RunOptions` of a program of which the compiler does not know whether it has inputs. */
export interface UncheckedRunOptions<Input extends string, E = never, R = never> {
  /** Has at least the arrays that the program's inputs name. */
  readonly data?: BatchSource<Input, E, R>
  /** Updates in all. */
  readonly updates: number
  readonly seed: number
  /** On how many shards of the batch an update is computed; those of the program if left out. */
  readonly shards?: number
  /** What is done about a metric that is not finite: `fail` (if left out), or `pass` it on. */
  readonly notFinite?: "fail" | "pass"
}

/** What a training learns from, for how long, and by which random numbers. `data` may be left out of a program without inputs. */
export type RunOptions<Input extends string, E = never, R = never> = UncheckedRunOptions<Input, E, R> & NeedsData<Input>

/** Something with `data`, unless there are no inputs. */
export type NeedsData<Input extends string> = [Input] extends [never] ? unknown : { readonly data: unknown }

/**
 * Trains a program from the beginning: a stream with one element an update, which the operators of `Training` make log,
 * checkpoint and stop. The metrics are the program's outputs, under their names. A pure function of program and options.
 *
 * Fails with a `DivergedError` at the first number that is not finite. Mistakes are defects of the stream, as they are of `resume` and
 * `Sampling.run`: a `ProgramError` if an output is not a scalar, or the data lack an input or have it in another shape; a `RangeError`
 * if the shards do not divide the batch.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 * import { Backends, Data, linear, linearParameters, Optim, Program, Training } from "fovea"
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
 * const training = Training.run(program, { data, updates: 200, seed: 1 }).pipe(Stream.runLast)
 * const ended = Effect.flatMap(training, Effect.fromOption)
 * const last = await Effect.runPromise(Effect.provide(ended, Backends.reference))
 * console.log(last.update, last.metrics.loss < 0.01) // 200 true
 * ```
 */
export const runProgram = <Input extends string, Metric extends string, E = never, R = never>(
  program: Program<Input, Metric>,
  options: RunOptions<NoInfer<Input>, E, R>
): Stream.Stream<TrainingProgress<Metric>, BackendError | BatchSizeError | DivergedError | E, TensorBackend | R> =>
  fromBeginning(program, options)

const fromBeginning = <Input extends string, Metric extends string, E, R>(
  program: Program<Input, Metric>,
  options: UncheckedRunOptions<Input, E, R>
) =>
  Stream.unwrap(
    Effect.gen(function* () {
      const { name: backend } = yield* TensorBackend
      // Before the state is made, which alone may be too large.
      const { name, state } = program
      yield* requireMemory({ backend, program: name }, { name, state, inputs: {}, next: state, outputs: {} })
      return trainFrom(
        program,
        options,
        0,
        initialState(program, options.seed, options.data?.marginals?.(options.seed))
      )
    })
  )

const trainFrom = <Input extends string, Metric extends string, E, R>(
  program: Program<Input, Metric>,
  { data = noData(), updates, seed, shards = shardCount(program), notFinite }: UncheckedRunOptions<Input, E, R>,
  update: number,
  state: NamedTensors
) =>
  trainingSteps({
    program: program.onShards(shards),
    start: { update, state },
    data,
    batchSize: program.batchSize ?? data.count,
    seed,
    totalUpdates: updates,
    notFinite
  })

/** On how many shards a program is computed as it stands. */
export const shardCount = ({ shards }: Pick<Program, "shards">): number => shards?.count ?? 1

/** A run cannot go on from the newest checkpoint of its store. */
export class ResumeError extends Schema.TaggedError<ResumeError>()("ResumeError", {
  location: Schema.String,
  update: Schema.Int,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.location}: the run cannot go on from its checkpoint of update ${this.update}: ${this.problem}`
  }
}

/**
 * `run` from where the `CheckpointStore`'s newest checkpoint stands, or from the beginning if it has none: the run that would have
 * been, bit for bit. Fails with a `ResumeError` if that checkpoint is of another program, seed, data, batch size or number of shards
 * (whose sums are rounded otherwise), or holds other tensors than the program's state: the message names the path and both shapes.
 * Mistakes are defects of the stream, those of `run`.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Stream from "effect/Stream"
 * import { Backends, Checkpoints, Data, linear, linearParameters, Logs, Optim, Program, Training } from "fovea"
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
 * const until = (updates: number) =>
 *   Training.resume(program, { data, updates, seed: 1 }).pipe(Training.checkpoints(10), Stream.runCollect)
 * const halves = Effect.gen(function* () {
 *   yield* until(10)
 *   return yield* until(20)
 * })
 * // In files: Checkpoints.fileSystem({ directory }).
 * const layers = Layer.mergeAll(Backends.reference, Checkpoints.memory, Logs.silent)
 * console.log((await Effect.runPromise(Effect.provide(halves, layers)))[0]?.update) // 11
 * ```
 */
export const resumeProgram = <Input extends string, Metric extends string, E = never, R = never>(
  program: Program<Input, Metric>,
  options: RunOptions<NoInfer<Input>, E, R>
): Stream.Stream<
  TrainingProgress<Metric>,
  BackendError | BatchSizeError | DivergedError | CheckpointError | ResumeError | E,
  TensorBackend | CheckpointStore | R
> => Stream.unwrap(Effect.map(checkpointFor(program, options), (found) => trainFromCheckpoint(program, options, found)))

/** The checkpoint that a training goes on from, if there is one. Fails with a `ResumeError` if it is of another training. */
export const checkpointFor = Effect.fnUntraced(function* <Input extends string, E, R>(
  program: Program<Input>,
  options: UncheckedRunOptions<Input, E, R>
) {
  const store = yield* CheckpointStore
  const found = yield* store.latest
  if (Option.isNone(found)) return found
  const problem = resumeProblem(found.value, program, options)
  if (problem === undefined) return found
  return yield* new ResumeError({ location: store.location, update: found.value.description.update, problem })
})

/** `resume` from what `checkpointFor` found, for options of which the compiler does not know whether they need data. */
export const trainFromCheckpoint = <Input extends string, Metric extends string, E, R>(
  program: Program<Input, Metric>,
  options: UncheckedRunOptions<Input, E, R>,
  found: Option.Option<Checkpoint>
) =>
  Option.isNone(found)
    ? fromBeginning(program, options)
    : trainFrom(program, options, found.value.description.update, found.value.tensors)

const resumeProblem = (
  { description, tensors }: Checkpoint,
  program: Program,
  {
    seed,
    data = noData(),
    shards = shardCount(program)
  }: { readonly seed: number; readonly data?: Pick<BatchSource, "digests" | "count">; readonly shards?: number }
): string | undefined => {
  const { model, dataset, environment, settings } = description
  if (model !== program.name) return `it is one of ${quotedText(model)}, and the program is ${quotedText(program.name)}`
  if (description.seed !== seed) return `it was made with the seed ${description.seed}, not ${seed}`
  const difference = dataDifference(dataset.digests, data.digests)
  if (difference !== undefined) return `it was trained on other data: ${difference}`
  // A checkpoint of another maker may not know these.
  const batchSize = program.batchSize ?? data.count
  const before = batchSizeIn(settings) ?? batchSize
  if (before !== batchSize) return `it was trained by batches of ${before}, not ${batchSize}`
  const shardsBefore = environment?.shards ?? shards
  if (shardsBefore !== shards)
    return `it was trained on ${shardsBefore} ${shardsBefore === 1 ? "shard" : "shards"}, not ${shards}`
  return stateDifference(program.specs, tensors)
}

/** What `describeRun` says of it. */
const batchSizeIn = (settings: unknown): unknown =>
  typeof settings === "object" && settings !== null && "batchSize" in settings ? settings.batchSize : undefined

/** In what tensors differ from a program's state, or `undefined` if they fit. */
export const stateDifference = (specs: Program["specs"], tensors: NamedTensors): string | undefined => {
  for (const [path, { shape }] of Object.entries(specs)) {
    const given = own(tensors, path)
    if (given === undefined)
      return `it has no ${quotedText(path)}, which the program's state has as ${formatShape(shape)}`
    if (sameShape(given.shape, shape)) continue
    return `it has ${quotedText(path)} ${formatShape(given.shape)}, and the program's state has it as ${formatShape(shape)}`
  }
  const unknown = Object.entries(tensors).find(([path]) => !Object.hasOwn(specs, path))
  if (unknown === undefined) return undefined
  return `it has ${quotedText(unknown[0])} ${formatShape(unknown[1].shape)}, which the program's state has not`
}

/**
 * Saves checkpoints of a program's training: every N updates, at the end, after ten minutes without one, and when the run is
 * interrupted, so that no finished update is lost. `resume` goes on from them, `Sampling` and `Exchange` open them.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Stream from "effect/Stream"
 * import { Backends, Checkpoints, CheckpointStore, Data, linear, linearParameters, Logs, Optim, Program, Training } from "fovea"
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
 * const saved = Effect.gen(function* () {
 *   yield* Training.run(program, { data, updates: 25, seed: 1 }).pipe(Training.checkpoints(10), Stream.runDrain)
 *   return yield* (yield* CheckpointStore).list
 * })
 * const layers = Layer.mergeAll(Backends.reference, Checkpoints.memory, Logs.silent)
 * console.log((await Effect.runPromise(Effect.provide(saved, layers))).at(-1)) // 25
 * ```
 */
export const checkpoints = (updates: number) => checkpointEvery(updates, describeRun, "stop", "10 minutes")

const describeRun = Effect.fnUntraced(function* (
  { update, metrics }: Snapshot,
  { program, seed, batchSize, shards, backend, data }: RunIdentity
) {
  const description: CheckpointDescription = {
    library: { name: "fovea", version: libraryVersion },
    model: program,
    update,
    seed,
    settings: { program, batchSize },
    backend,
    environment: yield* thisEnvironment(backend, shards),
    dataset: data,
    metrics,
    createdAt: DateTime.formatIso(yield* DateTime.now)
  }
  return description
})
