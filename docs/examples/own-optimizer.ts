import * as Effect from "effect/Effect"
import * as Record from "effect/Record"
import * as Stream from "effect/Stream"
import { Backends, Data, linear, linearParameters, Optim, Program, Training } from "fovea"
import { add, divide, mean, multiply, pow, sqrt, square, subtract } from "fovea/tensor"

// 1. A transformation without a state, f(update, parameter, path): each column of a weight's gradient has mean zero (gradient
// centralisation, Yong 2020).
const centralised = Optim.stateless((gradient) =>
  gradient.shape.length === 2 ? subtract(gradient, mean(gradient, [0], true)) : gradient
)

// 2. One with a state: gradients over the root of the sum of their squares (AdaGrad, Duchi 2011).
const scaleByAdagrad = (epsilon = 1e-8): Optim.Optimizer<{ readonly squares: Optim.NamedSpecs }> => ({
  init: (parameters) => ({ squares: Optim.zerosLike(parameters) }),
  update: (gradients, state) => {
    const squares = Record.map(gradients, (g, path) => add(Optim.leafAt(state.squares, path), square(g)))
    const updates = Record.map(gradients, (g, path) => divide(g, add(sqrt(Optim.leafAt(squares, path)), epsilon)))
    return { updates, state: { squares } }
  }
})

// 3. A schedule: from the count of updates done, a tensor [], to a tensor [].
const slower: Optim.Schedule = (count) => multiply(0.5, pow(add(count, 1), -0.25))

const optimizer = Optim.chain(
  centralised,
  scaleByAdagrad(),
  Optim.masked((path) => path.endsWith("weight"), Optim.addDecayedWeights(1e-3)),
  Optim.scaleByLearningRate(slower)
)

const program = Program.make("a line", {
  state: { line: Program.learner(linearParameters(2, 1), optimizer) },
  inputs: { x: [32, 2], y: [32, 1] },
  step: ({ line }, { x, y }) => {
    const { next, loss, gradients } = Program.descend(line, (p) => mean(square(subtract(linear(p, x), y))))
    return { next: { line: next }, outputs: { loss, gradientNorm: Optim.globalNorm(gradients) } }
  }
})

// y = x1 - x2 + 3 at 256 points.
const coordinates = Float32Array.from({ length: 512 }, (_, i) => Math.sin(i * i))
const heights = Float32Array.from(
  { length: 256 },
  (_, n) => (coordinates[2 * n] ?? 0) - (coordinates[2 * n + 1] ?? 0) + 3
)
const points = Data.examples({ x: Data.floats([2], coordinates), y: Data.floats([1], heights) })

const training = Training.run(program, { data: Data.shuffled(points), updates: 200, seed: 1 }).pipe(
  Training.every(50, ({ update, metrics: { loss, gradientNorm } }) =>
    Effect.sync(() => console.log(`update ${update}: loss ${loss.toFixed(5)}, |gradient| ${gradientNorm.toFixed(4)}`))
  ),
  Stream.runDrain
)
await Effect.runPromise(Effect.provide(training, Backends.onnxRuntime))
