import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Backends, Data, ImageWriters, identity, mlp, mlpParameters, Optim, Program, Sweep, Training } from "fovea"
import { mean, square, subtract } from "fovea/tensor"

// How does the step size matter to a small network that learns a sine, and how much of that is chance?
const angles = Float32Array.from({ length: 256 }, (_, i) => (2 * Math.PI * i) / 256 - Math.PI)
const waves = Data.examples({ x: Data.floats([1], angles), y: Data.floats([1], angles.map(Math.sin)) })

const recipe = ({ rate, units }: { readonly rate: number; readonly units: number }) =>
  Training.recipe({
    program: Program.make("sine", {
      state: { network: Program.learner(mlpParameters(1, [units, 1]), Optim.adam(rate)) },
      inputs: { x: [64, 1], y: [64, 1] },
      step: ({ network }, { x, y }) => {
        const { next, loss } = Program.descend(network, (p) => mean(square(subtract(mlp(p, "tanh", x, identity), y))))
        return { next: { network: next }, outputs: { loss } }
      }
    }),
    data: Data.shuffled(waves),
    updates: 200,
    seed: 0
  })

const sweep = Sweep.make("sine", {
  points: Sweep.grid({ rate: [0.003, 0.03, 300], units: [8, 16] }),
  seeds: [1, 2, 3],
  recipe,
  best: { measure: "loss", goal: "lowest" },
  stop: { bounds: [{ measure: "loss", update: 20, most: 10 }] }
})

const program = Effect.gen(function* () {
  const { combinations } = yield* Sweep.run(sweep, { workers: 2, keep: Sweep.inFolder("runs/sine") })
  for (const { values, points, standings, measures } of combinations) {
    const { mean: loss, deviation = 0 } = measures["loss"] ?? { mean: Number.NaN }
    console.log(
      `${JSON.stringify(values)}: ${standings["trained"] ?? 0} of ${points} trained, loss ${loss.toFixed(5)} ± ${deviation.toFixed(5)}`
    )
  }
})

// Named `sqlite:FILE` or `postgres://..` on the command line, the queue outlasts this program, and others may share it.
const [, , address] = process.argv
const queue = address === undefined ? Sweep.memory : Sweep.queueIn({ address })
const layers = Layer.provideMerge(Layer.mergeAll(queue, Backends.onnxRuntime, ImageWriters.sharp), NodeServices.layer)
await Effect.runPromise(Effect.provide(program, layers))
