import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import {
  Backends,
  Checkpoints,
  Data,
  identity,
  Logs,
  mlp,
  mlpParameters,
  Optim,
  Program,
  Training,
  type TrainingProgress
} from "fovea"
import { mean, square, subtract, tensorData } from "fovea/tensor"

const program = Program.make("waves", {
  state: { network: Program.learner(mlpParameters(1, [16, 1]), Optim.adam(1e-2)) },
  inputs: { time: [20, 1], height: [20, 1] },
  step: ({ network }, { time, height }) => {
    const { next, loss } = Program.descend(network, (p) =>
      mean(square(subtract(mlp(p, "tanh", time, identity), height)))
    )
    return { next: { network: next }, outputs: { loss } }
  }
})

const times = Float32Array.from({ length: 1000 }, (_, n) => (6 * n) / 1000 - 3)

// 1. In memory: arrays by name, as many examples in each. Every epoch has a random order of its own.
const inMemory = Data.shuffled(
  Data.examples({ time: Data.floats([1], times), height: Data.floats([1], times.map(Math.sin)) })
)

// 2. More than fits in memory: a stream of pieces of any size, here made on the spot where a program of one's own reads files.
// The order of an epoch is the stream's: it must be the same whenever that epoch is asked for.
const pieces = 10
const readPiece = (epoch: number, piece: number) =>
  Effect.sync(() => {
    const rows = times.filter((_, n) => (n + epoch) % pieces === piece)
    return { time: tensorData([rows.length, 1], rows), height: tensorData([rows.length, 1], rows.map(Math.sin)) }
  })
const streamed = Data.streamed({
  name: "waves read piece by piece",
  shapes: { time: [1], height: [1] },
  count: times.length,
  epoch: (epoch) => Stream.range(0, pieces - 1).pipe(Stream.mapEffect((piece) => readPiece(epoch, piece)))
})

// An epoch is 50 batches. This run is cut off after update 73; the next one goes on from the checkpoint of update 70, within the
// second epoch, and ends at the same numbers as one that was left alone.
const compared = Effect.fnUntraced(function* (data: Data.BatchSource<"time" | "height">) {
  const options = { data, updates: 120, seed: 1 }
  const stateAtEnd = Effect.fnUntraced(function* <P extends TrainingProgress, E, R>(run: Stream.Stream<P, E, R>) {
    const last = yield* Effect.fromOption(yield* Stream.runLast(run))
    return (yield* last.snapshot).tensors
  })
  const undisturbed = yield* stateAtEnd(Training.run(program, options))
  const resumed = yield* Effect.gen(function* () {
    yield* Training.resume(program, options).pipe(Training.checkpoints(10), Stream.take(73), Stream.runDrain)
    return yield* stateAtEnd(Training.resume(program, options).pipe(Training.checkpoints(10)))
  }).pipe(Effect.provide(Layer.mergeAll(Checkpoints.memory, Logs.silent)))
  assert.deepEqual(resumed, undisturbed)
  console.log(`${data.name}: resumed within an epoch, the same to the bit`)
})

await Effect.runPromise(
  Effect.andThen(compared(inMemory), compared(streamed)).pipe(Effect.provide(Backends.onnxRuntime))
)
