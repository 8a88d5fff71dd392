// The importance-weighted bound of a variational autoencoder (Y. Burda, R. Grosse and R. Salakhutdinov 2016).
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { binarised, Data, Datasets, identity, mlp, mlpParameters, Optim, Program, Training } from "fovea"
import {
  add,
  chunks,
  exp,
  logSumExp,
  mean,
  multiply,
  negate,
  reshape,
  softplus,
  square,
  subtract,
  sum,
  type Tensor
} from "fovea/tensor"

const [batch, pixels, latents, K] = [100, 784, 32, 5]
const network = { encoder: mlpParameters(pixels, [200, 2 * latents]), decoder: mlpParameters(latents, [200, pixels]) }
const vae = Program.learner(network, Optim.adam(1e-3))

/** `log 1/k sum_k p(x, z_k) / q(z_k | x)` of k draws for each image, its mean over images `[n, 1, pixels]`. */
const bound = (p: Program.BoundState<typeof network>, x: Tensor, key: Program.Key, k: number) => {
  const [mu, logVariance] = chunks(mlp(p.encoder, "relu", x, identity), 2, 2)
  const epsilon = key.normal([batch, k, latents])
  const z = add(mu, multiply(exp(multiply(logVariance, 0.5)), epsilon))
  const logits = mlp(p.decoder, "relu", z, identity)
  const likelihood = sum(subtract(multiply(x, logits), softplus(logits)), [2])
  // log p(z) - log q(z | x), in whose place the variational bound has its mean over q, the KL term
  const ratio = multiply(sum(subtract(add(square(epsilon), logVariance), square(z)), [2]), 0.5)
  return mean(subtract(logSumExp(add(likelihood, ratio)), Math.log(k)))
}

const program = Program.make("iwae", {
  state: { vae },
  inputs: { images: [batch, 1, 28, 28] },
  step: ({ vae }, { images }, key) => {
    const x = reshape(binarised(images, key("pixels")), [batch, 1, pixels])
    const { next, loss } = Program.descend(vae, (p) => negate(bound(p, x, key("weighted"), K)))
    const [elbo, weighted] = [bound(vae.parameters, x, key("elbo"), 1), negate(loss)]
    return { next: { vae: next }, outputs: { elbo, weighted } }
  }
})

const show = Effect.fnUntraced(function* ({ tensors }: Training.Trained) {
  const data = yield* Data.imagesFrom(Datasets.mnist, "test")
  const { elbo, weighted } = yield* Training.measure(program, tensors, { data, seed: 1 })
  yield* Console.log(`test images: bound ${elbo.toFixed(2)} nats, weighted by ${K} draws ${weighted.toFixed(2)}`)
})

export default Training.recipe({ program, data: Data.imagesFrom(Datasets.mnist), updates: 3000, seed: 1, show })
