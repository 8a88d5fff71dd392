// Wasserstein GAN with a gradient penalty (Gulrajani 2017): five updates of the critic, then one of the generator.
import * as Effect from "effect/Effect"
import {
  Data,
  Datasets,
  energyDistance,
  identity,
  Logs,
  leakyRelu,
  type Mlp,
  mlp,
  mlpParameters,
  Optim,
  Program,
  Sampling,
  Training
} from "fovea"
import type { Tensor } from "fovea/tensor"
import {
  add,
  chunks,
  gradient,
  mean,
  multiply,
  negate,
  reshape,
  scalar,
  sqrt,
  square,
  subtract,
  sum
} from "fovea/tensor"

const batch = 32
const adam = Optim.adam(5e-4, { beta1: 0.5, beta2: 0.9 })
const G = Program.learner(mlpParameters(64, [128, 256, 784]), adam)
const D = Program.learner(mlpParameters(784, [128, 64, 1]), adam)
const generate = (p: Mlp<Tensor>, z: Tensor) => mlp(p, "relu", z, "sigmoid")
const judge = (p: Mlp<Tensor>, x: Tensor) => mlp(p, (h) => leakyRelu(h, 0.2), x, identity)

const program = Program.make("wgan-gp", {
  state: { G, D },
  inputs: { images: [5 * batch, 1, 28, 28] },
  step: ({ G, D }, { images }, key) => {
    const real = reshape(images, [5 * batch, 784])
    const critic = chunks(real, 0, 5).reduce(
      ({ next }, x, i) => {
        const fake = generate(G.parameters, key(`z ${i}`).normal([batch, 64]))
        const share = key(`share ${i}`).uniform([batch, 1])
        const between = add(multiply(share, x), multiply(subtract(1, share), fake))
        return Program.descend(next, (p) => {
          const slopes = gradient(sum(judge(p, between)), { between }).between
          const steepness = sqrt(add(sum(square(slopes), [1]), 1e-12))
          const penalty = multiply(10, mean(square(subtract(steepness, 1))))
          return add(penalty, subtract(mean(judge(p, fake)), mean(judge(p, x))))
        })
      },
      { next: D, loss: scalar(0) }
    )
    const fake = (p: Mlp<Tensor>) => generate(p, key("z").normal([5 * batch, 64]))
    const g = Program.descend(G, (p) => negate(mean(judge(critic.next.parameters, fake(p)))))
    const quality = energyDistance(real, fake(G.parameters))
    return { next: { G: g.next, D: critic.next }, outputs: { criticLoss: critic.loss, energyDistance: quality } }
  }
})

const sampler = Program.sampler("wgan-gp samples", { G }, ({ G }, count, key) => ({
  images: reshape(generate(G.parameters, key("z").normal([count, 64])), [count, 1, 28, 28])
}))

const show = Effect.fnUntraced(function* (trained: Training.Trained) {
  yield* Sampling.showGrid(sampler)(trained)
  yield* Logs.writeCurves(trained.folder, { Critic: ["criticLoss"], "Sample quality": ["energyDistance"] })
})

const data = Data.imagesFrom(Datasets.mnist)
export default Training.recipe({ program, data, updates: 2500, seed: 1, logEvery: 20, sampler, show })
