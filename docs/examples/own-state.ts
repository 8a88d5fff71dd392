import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Backends, Data, linear, linearParameters, Optim, type ParameterSpec, Program, Training } from "fovea"
import { add, mean, multiply, pmean, relu, square, subtract, type Tensor } from "fovea/tensor"

// A buffer is a parameter that no gradient moves: here the mean of the inputs.
const inputMean: ParameterSpec = { shape: [1, 2], initialiser: { kind: "constant", value: 0 }, trained: false }
const parameters = { inputMean, features: linearParameters(2, 16), head: linearParameters(16, 1) }

// The features stay as they began, and have no moments in the optimiser's state.
const network = Program.learner(parameters, Optim.freeze(["features"], Optim.adam(1e-2)))
const average = Program.ema(network, 0.99)

const predict = (p: Program.BoundState<typeof parameters>, x: Tensor) =>
  linear(p.head, relu(linear(p.features, subtract(x, p.inputMean))))

const program = Program.make("fine tuning", {
  state: { network, average, updates: Program.counter },
  inputs: { x: [50, 2], y: [50, 1] },
  step: ({ network, average, updates }, { x, y }) => {
    const { next, loss } = Program.descend(network, (p) => mean(square(subtract(predict(p, x), y))))
    // `pmean`, so that shards of the batch agree about it.
    const seen = pmean(mean(x, [0], true))
    const followed = add(multiply(network.parameters.inputMean, 0.9), multiply(seen, 0.1))
    const moved = Program.withBuffers(next, { inputMean: followed })
    return {
      next: { network: moved, average: Program.follow(average, moved.parameters), updates: add(updates, 1) },
      outputs: { loss, lossOfAverage: mean(square(subtract(predict(average.parameters, x), y))) }
    }
  }
})

const x = Float32Array.from({ length: 400 }, (_, i) => Math.sin(i * i) + 2)
const y = Float32Array.from({ length: 200 }, (_, n) => (x[2 * n] ?? 0) * (x[2 * n + 1] ?? 0))
const data = Data.shuffled(Data.examples({ x: Data.floats([2], x), y: Data.floats([1], y) }))

const training = Effect.gen(function* () {
  const before = Program.initialState(program, 1)
  const last = yield* Effect.fromOption(
    yield* Training.run(program, { data, updates: 1000, seed: 1 }).pipe(Stream.runLast)
  )
  const { tensors } = yield* last.snapshot
  console.log(`loss ${last.metrics.loss.toFixed(4)}, of the average ${last.metrics.lossOfAverage.toFixed(4)}`)
  for (const path of Object.keys(tensors).filter((name) => name.startsWith("network.parameters"))) {
    const moved = tensors[path]?.values.some((value, i) => value !== before[path]?.values[i])
    console.log(`${path} ${moved ? "moved" : "stayed"}`)
  }
})
await Effect.runPromise(Effect.provide(training, Backends.onnxRuntime))
