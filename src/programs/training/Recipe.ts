import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as Stream from "effect/Stream"
import { parameterCount } from "../../domain/nn/parameter.ts"
import type { Program } from "../../domain/program/Program.ts"
import { own } from "../../domain/record/own.ts"
import { ProgramError } from "../../domain/tensor/Program.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { TensorBackend } from "../../layers/backend/TensorBackend.ts"
import type { BatchSource } from "../../layers/dataset/BatchSource.ts"
import type { ImageWriter } from "../../layers/image/ImageWriter.ts"
import { TrainingLog } from "../../layers/log/TrainingLog.ts"
import { obeyCommands } from "./obeyCommands.ts"
import { checkpointFor, checkpoints, type NeedsData, shardCount, trainFromCheckpoint } from "./runProgram.ts"
import { isDueNow, logEvery, type Snapshot, type TrainingProgress } from "./Training.ts"

/** What a recipe's data and result may ask for. */
export type RecipeServices = TensorBackend | TrainingLog | ImageWriter | FileSystem.FileSystem | Path.Path

/** What a finished training shows itself by. */
export interface Trained {
  /** The state after the last update, by path. */
  readonly tensors: NamedTensors
  /** Updates in all: the recipe's, or as many as the command line asked for. */
  readonly updates: number
  /** The run's folder, for images and the like. */
  readonly folder: string
}

type RecipeData<Input extends string> = BatchSource<Input> | Effect.Effect<BatchSource<Input>, Error, RecipeServices>

/**
 * A training as a value: program, data, length, and what shows its result. A module that exports one by default is known to the
 * command line: `fovea train ./mine.ts`, `fovea sample --module ./mine.ts`.
 */
export interface Recipe<Input extends string = string, Metric extends string = string> {
  readonly program: Program<Input, Metric>
  /** May be left out where the program has no inputs. */
  readonly data?: RecipeData<Input> | undefined
  /** Updates in all. */
  readonly updates: number
  readonly seed: number
  /** As in `RunOptions`. */
  readonly shards?: number
  /** Updates between lines of the log, and between checkpoints; a fiftieth and a tenth of all if left out. */
  readonly logEvery?: number
  readonly checkpointEvery?: number
  /** What `fovea sample` and `fovea export` draw by: a program of this batch size, whose state is a part of the training's. */
  readonly sampler?: (batch: number) => Program
  /** Done after the last update: the final image or number. */
  readonly show?: (trained: Trained) => Effect.Effect<unknown, Error, RecipeServices>
}

/**
 * The same value, its parts checked against one another by their types. Throws a `ProgramError` if the program's step leaves its whole
 * state as it is.
 *
 * @example
 * ```ts
 * import { Data, linear, linearParameters, Optim, Program, Training } from "fovea"
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
 * // As a module's default export it is known to the command line: fovea train ./mine.ts
 * const mine = Training.recipe({ program, data, updates: 200, seed: 1 })
 * console.log(mine.program.name, mine.updates) // twice x 200
 * ```
 */
export const recipe = <Input extends string, Metric extends string>(
  of: Recipe<Input, Metric> & NeedsData<Input>
): Recipe<Input, Metric> => {
  const { name, next, state } = of.program
  if (Object.entries(next).some(([path, tensor]) => tensor !== own(state, path))) return of
  throw new ProgramError(`${name}: its step moves nothing, so that nothing is learnt: return { next, outputs }`)
}

/** Images to be made of a recipe's training as it stands, and how often; `draw` returns the paths of what was written. */
export interface RecipeImages<E, R> {
  readonly everyUpdates: number
  readonly draw: (snapshot: Snapshot) => Effect.Effect<ReadonlyArray<string>, E, R>
}

/**
 * Trains by a recipe, from the newest checkpoint of the `CheckpointStore` if it has one, with log and checkpoints (and `images`, if given), then shows the result;
 * returns the state at the end, by path, in the shapes of the program's specs. Fails as `Training.resume` does, and with what the recipe's own parts fail with.
 */
export const trainRecipe = Effect.fn("Training.trainRecipe")(function* <
  Input extends string,
  Metric extends string,
  E = never,
  R = never
>(
  { program, data, updates, seed, shards = shardCount(program), show, ...often }: Recipe<Input, Metric>,
  folder: string,
  images?: RecipeImages<E, R>
) {
  const source = Effect.isEffect(data) ? yield* data : data
  const options = { ...(source === undefined ? {} : { data: source }), updates, seed, shards }
  const log = yield* TrainingLog
  const { name: backend } = yield* TensorBackend
  const found = yield* checkpointFor(program, options)
  const update = Option.match(found, { onNone: () => 0, onSome: ({ description }) => description.update })
  const began = yield* Clock.currentTimeMillis
  yield* log.record({
    _tag: "Started",
    name: program.name,
    settings: { program: program.name, seed, updates, shards },
    update,
    totalUpdates: updates,
    backend,
    parameters: parameterCount(program.specs)
  })
  const last = yield* trainFromCheckpoint(program, options, found).pipe(
    obeyCommands,
    logEvery(often.logEvery ?? Math.ceil(updates / 50), "15 seconds"),
    checkpoints(often.checkpointEvery ?? Math.ceil(updates / 10)),
    Stream.tap((progress) =>
      images === undefined
        ? Effect.void
        : Effect.when(drawAndRecord(progress, images), isDueNow("images", images.everyUpdates)(progress))
    ),
    Stream.runLast
  )
  const tensors: NamedTensors = Option.isSome(last)
    ? (yield* last.value.snapshot).tensors
    : Option.match(found, { onNone: () => ({}), onSome: (checkpoint) => checkpoint.tensors })
  const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
  yield* log.record({ _tag: "Finished", update: Math.max(update, updates), seconds })
  if (show !== undefined) yield* show({ tensors, updates, folder })
  return tensors
})

const drawAndRecord = Effect.fnUntraced(function* <E, R>({ snapshot }: TrainingProgress, { draw }: RecipeImages<E, R>) {
  const log = yield* TrainingLog
  const taken = yield* snapshot
  for (const path of yield* draw(taken)) yield* log.record({ _tag: "PictureWritten", update: taken.update, path })
})
