import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Backends, Data, Exchange, linear, linearParameters, Optim, Program, Sampling, Training } from "fovea"
import { add, divide, exp, mean, multiply, oneHot, square, subtract, tensorData } from "fovea/tensor"

// Points of three classes, each a Gaussian of its own: p(x | class) = N(mean of the class, width of the class).
const [batch, classes] = [60, 3]
const parameters = { mean: linearParameters(classes, 2), logWidth: linearParameters(classes, 2) }
const density = Program.learner(parameters, Optim.adam(0.1))

const program = Program.make("points by class", {
  state: { density },
  inputs: { x: [batch, 2], label: [batch] },
  step: ({ density }, { x, label }) => {
    const given = oneHot(label, classes)
    // The negative log-likelihood, but for a constant.
    const { next, loss } = Program.descend(density, (p) => {
      const logWidth = linear(p.logWidth, given)
      return mean(add(multiply(0.5, square(divide(subtract(x, linear(p.mean, given)), exp(logWidth)))), logWidth))
    })
    return { next: { density: next }, outputs: { loss } }
  }
})

// A sampler is a program without a next state. What is to be drawn is an input; the random numbers are the key's.
const sampler = (count: number) =>
  Program.make("a point of a class", {
    state: { density },
    inputs: { label: [count] },
    step: ({ density }, { label }, key) => {
      const given = oneHot(label, classes)
      const spread = multiply(exp(linear(density.parameters.logWidth, given)), key("z").normal([count, 2]))
      return { outputs: { x: add(linear(density.parameters.mean, given), spread) } }
    }
  })

const labels = Uint8Array.from({ length: 300 }, (_, n) => n % classes)
const x = Float32Array.from({ length: 600 }, (_, i) => 4 * (labels[i >> 1] ?? 0) + Math.sin(i * i))
const data = Data.shuffled(Data.examples({ x: Data.floats([2], x), label: Data.integers([], labels) }))

const drawn = Effect.gen(function* () {
  const last = yield* Training.run(program, { data, updates: 500, seed: 1 }).pipe(Stream.runLast)
  const { tensors } = yield* (yield* Effect.fromOption(last)).snapshot
  // 1,000 points of class 2, in batches of 100. Those of the state's tensors are taken that the sampler names.
  const label = tensorData([1000], new Float32Array(1000).fill(2))
  const points = yield* Sampling.run(sampler(100), tensors, { count: 1000, seed: 5, inputs: { label } })
  const centre = Array.from(points.x.values).reduce((sum, value) => sum + value / 2000, 0)
  console.log(`points of class 2 are around ${centre.toFixed(1)}`)
  // The same for any batch, for ONNX Runtime anywhere: inputs `label` and `z`, output `x`.
  yield* Exchange.exportProgram(sampler, tensors, "points.onnx")
})
await Effect.runPromise(drawn.pipe(Effect.provide(Backends.onnxRuntime), Effect.provide(NodeServices.layer)))
