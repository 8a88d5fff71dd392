import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Backends, Data, Optim, Program, TensorBackend, Training } from "fovea"
import { matmul, mean, square, subtract } from "fovea/tensor"

/** Gradient descent on y = X w, all four examples in every update. */
const program = Program.make("regression", {
  state: {
    w: Program.learner({ w: { shape: [2, 1], initialiser: { kind: "constant", value: 0 } } }, Optim.sgd(0.5))
  },
  inputs: { x: [4, 2], y: [4, 1] },
  step: ({ w }, { x, y }) => {
    const { next, loss } = Program.descend(w, (p) => mean(square(subtract(matmul(x, p.w), y))))
    return { next: { w: next }, outputs: { loss } }
  }
})
const x = Data.floats([2], Float32Array.of(1, 0, 0, 1, 1, 1, 1, -1))
const y = Data.floats([1], Float32Array.of(2, -1, 1, 3))
const data = Data.shuffled(Data.examples({ x, y }))

/** The effect asks for some backend. The examples are on one shard, or shared out among several. */
const fitted = Effect.fnUntraced(function* (shards: number) {
  const { name } = yield* TensorBackend
  const last = yield* Training.run(program, { data, updates: 40, seed: 0, shards }).pipe(Stream.runLast)
  const { tensors } = yield* (yield* Effect.fromOption(last)).snapshot
  const w = Array.from(tensors["w.parameters.w"]?.values ?? [], (value) => value.toFixed(4))
  console.log(`${name}, shards: ${shards}, w = ${w.join(" ")}`)
})

const choice = Effect.gen(function* () {
  // What is there? Each engine is tried in a process of its own; without `engines` all of them are.
  const found = yield* Backends.doctor({ engines: ["onnxruntime", "reference"] })
  console.log(Backends.doctorTable(found))
  // By name, as --backend does; "auto" takes the best that is there, as does Backends.auto.
  const [name = "reference"] = process.argv.slice(2)
  yield* Effect.provide(fitted(1), yield* Effect.fromResult(Backends.named(name)))
  // By what is wanted: the first provider of ONNX Runtime that can be had, none that is not in the list.
  yield* Effect.provide(fitted(2), Backends.onnxRuntimeWith({ providers: ["cpu"] }))
})
await Effect.runPromise(choice)
