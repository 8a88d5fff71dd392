// The adversarial game on points in the plane: eight Gaussians on a circle, of which a bad generator finds a few.
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import {
  Data,
  discriminatorLoss,
  Evaluation,
  generatorLoss,
  identity,
  type Mlp,
  mlp,
  mlpParameters,
  Optim,
  Program,
  Sampling,
  Training
} from "fovea"
import { size, type Tensor } from "fovea/tensor"

const deviation = 0.05
const centres = Array.from({ length: 8 }, (_, k) => [Math.cos((k * Math.PI) / 4), Math.sin((k * Math.PI) / 4)])
const data = Data.gaussianMixture({ centres, standardDeviation: deviation, count: 16384, seed: 1 })

const batch = 256
const network = (p: Mlp<Tensor>, x: Tensor) => mlp(p, "relu", x, identity)
const adam = Optim.adam(Optim.cosine(1e-3, 10000), { beta1: 0.5 })
const G = Program.learner(mlpParameters(8, [128, 128, 2]), adam)
const D = Program.learner(mlpParameters(2, [128, 128, 1]), adam)

const program = Program.make("plane-gan", {
  state: { G, D },
  inputs: { points: [batch, 2] },
  step: ({ G, D }, { points }, key) => {
    const fake = (p: Mlp<Tensor>) => network(p, key("z").normal([size(points, 0), 8]))
    const d = Program.descend(D, (p) => discriminatorLoss(network(p, points), network(p, fake(G.parameters))))
    const g = Program.descend(G, (p) => generatorLoss(network(d.next.parameters, fake(p))))
    return { next: { G: g.next, D: d.next }, outputs: { lossOfD: d.loss, lossOfG: g.loss } }
  }
})

const sampler = Program.sampler("plane-gan samples", { G }, ({ G }, count, key) => ({
  points: network(G.parameters, key("z").normal([count, 8]))
}))

const show = Effect.fnUntraced(function* ({ tensors, folder }: Training.Trained) {
  const { points } = yield* Sampling.run(sampler(500), tensors, { count: 2000, seed: 9 })
  yield* Sampling.writeScatter(`${folder}/points.png`, Data.whole(data).points, points)
  const { modes, share } = Evaluation.modeCoverage(points, centres, 3 * deviation)
  yield* Console.log(`${modes} modes, ${(100 * share).toFixed(1)}% of the samples on them`)
})

export default Training.recipe({ program, data: Data.shuffled(data), updates: 10000, seed: 3, sampler, show })
