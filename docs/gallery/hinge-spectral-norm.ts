// Hinge loss with spectral normalisation (Miyato 2018): every weight of D is divided by its greatest singular value.
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import {
  Data,
  Datasets,
  Evaluation,
  identity,
  leakyRelu,
  type Mlp,
  mlp,
  mlpParameters,
  Optim,
  Program,
  Sampling,
  spectralNorm,
  spectralVectors,
  Training
} from "fovea"
import { add, mean, negate, relu, reshape, stack, subtract, type Tensor } from "fovea/tensor"

const batch = 64
const G = Program.learner(mlpParameters(64, [128, 256, 784]), Optim.adam(Optim.cosine(2e-4, 6000), { beta1: 0.5 }))
const D = Program.learner(mlpParameters(784, [256, 128, 1]), Optim.adam(Optim.cosine(1e-3, 6000), { beta1: 0.5 }))
const u = spectralVectors(D.specs.parameters)
const generate = (p: Mlp<Tensor>, z: Tensor) => mlp(p, "relu", z, "sigmoid")
const judge = (p: Mlp<Tensor>, x: Tensor) => mlp(p, (h) => leakyRelu(h, 0.2), x, identity)

const program = Program.make("hinge-spectral-norm", {
  state: { G, D, u },
  inputs: { images: [batch, 1, 28, 28] },
  step: ({ G, D, u }, { images }, key) => {
    const real = reshape(images, [batch, 784])
    const fake = (p: Mlp<Tensor>) => generate(p, key("z").normal([batch, 64]))
    const d = Program.descend(D, (p) => {
      const normalised = spectralNorm(p, u).parameters
      const margin = (x: Tensor) => mean(relu(subtract(1, x)))
      return add(margin(judge(normalised, real)), margin(negate(judge(normalised, fake(G.parameters)))))
    })
    const after = spectralNorm(d.next.parameters, u)
    const g = Program.descend(G, (p) => negate(mean(judge(after.parameters, fake(p)))))
    return { next: { G: g.next, D: d.next, u: after.vectors }, outputs: { lossOfD: d.loss, lossOfG: g.loss } }
  }
})

const sampler = Program.sampler("hinge-spectral-norm samples", { G }, ({ G }, count, key) => ({
  images: reshape(generate(G.parameters, key("z").normal([count, 64])), [count, 1, 28, 28])
}))

const normalised = Program.sampler("weights of D", { D, u }, ({ D, u }) => {
  const layers = Object.entries(spectralNorm(D.parameters, u).parameters)
  return Object.fromEntries(layers.map(([layer, { weight }]) => [layer, stack([weight], 0)]))
})

const show = Effect.fnUntraced(function* (trained: Training.Trained) {
  yield* Sampling.showGrid(sampler)(trained)
  const weights = yield* Sampling.run(normalised(1), trained.tensors, { count: 1, seed: 0 })
  for (const [layer, { shape, values }] of Object.entries(weights)) {
    const [greatest] = Evaluation.singularValues({ shape: shape.slice(1), values })
    yield* Console.log(`the greatest singular value of ${layer} is ${greatest?.toFixed(4)}`)
  }
})

const data = Data.imagesFrom(Datasets.mnist)
export default Training.recipe({ program, data, updates: 6000, seed: 1, sampler, show })
