// Variational autoencoders that weigh their KL term by beta (I. Higgins et al. 2017), one for each beta, trained side by side.
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Record from "effect/Record"
import {
  bernoulliLogLikelihood,
  binarised,
  Data,
  Datasets,
  gaussianKl,
  identity,
  mlp,
  mlpParameters,
  Optim,
  Program,
  reparameterize,
  Training
} from "fovea"
import { add, chunks, mean, multiply, reshape, subtract } from "fovea/tensor"

const [batch, pixels, latents, warmUp] = [100, 784, 16, 1000]
const network = { encoder: mlpParameters(pixels, [200, 2 * latents]), decoder: mlpParameters(latents, [200, pixels]) }
const betas = { quarter: 0.25, one: 1, four: 4 }
const vaes = Record.map(betas, () => Program.learner(network, Optim.adam(1e-3)))

const program = Program.make("beta-vae", {
  state: { vaes, updates: Program.counter },
  inputs: { images: [batch, 1, 28, 28] },
  step: ({ vaes, updates }, { images }, key) => {
    const x = reshape(binarised(images, key("pixels")), [batch, pixels])
    const moved = Record.map(vaes, (vae, name) => {
      const { encoder, decoder } = vae.parameters
      const [mu, logVariance] = chunks(mlp(encoder, "relu", x, identity), 1, 2)
      const logits = mlp(decoder, "relu", reparameterize(mu, logVariance, key("z")), identity)
      const likelihood = mean(bernoulliLogLikelihood(logits, x))
      const divergence = mean(gaussianKl(mu, logVariance))
      const weight = Optim.valueAt(Optim.linear(0, betas[name], warmUp), updates)
      const { next } = Program.descend(vae, () => subtract(multiply(weight, divergence), likelihood))
      return { next, bound: subtract(likelihood, divergence) }
    })
    const next = { vaes: Record.map(moved, ({ next }) => next), updates: add(updates, 1) }
    return { next, outputs: Record.map(moved, ({ bound }) => bound) }
  }
})

const show = Effect.fnUntraced(function* ({ tensors }: Training.Trained) {
  const data = yield* Data.imagesFrom(Datasets.mnist, "test")
  const bounds = yield* Training.measure(program, tensors, { data, seed: 1 })
  yield* Console.log("bounds of the test images by beta, in nats:", bounds)
})

export default Training.recipe({ program, data: Data.imagesFrom(Datasets.mnist), updates: 3000, seed: 1, show })
