import * as Effect from "effect/Effect"
import { Backends, TensorBackend } from "fovea"
import {
  gradient,
  makeProgram,
  matmul,
  mean,
  multiply,
  placeholder,
  pmean,
  square,
  subtract,
  tensorData
} from "fovea/tensor"

/** A step of gradient descent on y = X w, the four examples on one shard or shared out among several. */
const regression = (shards: number) => {
  const examples = 4 / shards
  const [w, x, y] = [placeholder("w", [2, 1]), placeholder("x", [examples, 2]), placeholder("y", [examples, 1])]
  const loss = mean(square(subtract(matmul(x, w), y)))
  return makeProgram({
    name: "regression",
    state: { w },
    inputs: { x, y },
    // Means over equal shards of their own means: the gradient and the loss of all examples.
    next: { w: subtract(w, multiply(pmean(gradient(loss, w)), 0.5)) },
    outputs: { loss: pmean(loss) },
    shards: { count: shards, examples, inputs: ["x", "y"] }
  })
}

const x = tensorData([4, 2], Float32Array.of(1, 0, 0, 1, 1, 1, 1, -1))
const y = tensorData([4, 1], Float32Array.of(2, -1, 1, 3))

/** The effect asks for some backend. */
const fitted = (shards: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const backend = yield* TensorBackend
      const executable = yield* backend.compile(regression(shards), { w: tensorData([2, 1], new Float32Array(2)) })
      for (let step = 0; step < 40; step++) yield* executable.step({ inputs: { x, y }, noise: { seed: 0, step } })
      const { w } = yield* executable.readState
      console.log(
        `${backend.name}, shards: ${shards}, w = ${Array.from(w?.values ?? [], (value) => value.toFixed(4)).join(" ")}`
      )
    })
  )

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
