// A GAN whose digits are asked for by class. Its discriminator is that of T. Miyato and M. Koyama 2018 (cGANs with projection
// discriminator): the logit of an image x of class y is the product of its features with a vector of the class, <w + v_y, phi(x)>.
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import {
  Data,
  Datasets,
  discriminatorLoss,
  Evaluation,
  generatorLoss,
  gradientPenalty,
  leakyRelu,
  linear,
  linearParameters,
  type Mlp,
  mlp,
  mlpParameters,
  Optim,
  Program,
  Sampling,
  Training
} from "fovea"
import { add, concatenate, multiply, oneHot, reshape, sigmoid, size, sum, type Tensor, tensorData } from "fovea/tensor"

const [batch, classes, latents] = [64, 10, 64]
const data = Data.labelledImagesFrom(Datasets.mnist)
const adam = Optim.adam(5e-4, { beta1: 0.5 })
const G = Program.learner(mlpParameters(latents + classes, [256, 512, 784]), adam)
const D = Program.learner({ features: mlpParameters(784, [512, 256]), projection: linearParameters(10, 256) }, adam)
const average = Program.ema(G.specs.parameters, 0.999)

const leaky = (x: Tensor) => leakyRelu(x, 0.2)

const generate = (p: Mlp<Tensor>, labels: Tensor, key: Program.Key) => {
  const z = key("z").normal([size(labels, 0), latents])
  return reshape(mlp(p, "relu", concatenate([z, labels], 1), sigmoid), [size(labels, 0), 1, 28, 28])
}

const program = Program.make("conditional", {
  state: { G, average, D },
  inputs: { images: [batch, 1, 28, 28], labels: [batch, classes] },
  step: ({ G, average, D }, { images, labels }, key) => {
    const logits = (p: typeof D.parameters, x: Tensor) =>
      sum(multiply(linear(p.projection, labels), mlp(p.features, leaky, reshape(x, [size(x, 0), 784]))), [1])
    const d = Program.descend(D, (p) => {
      const real = logits(p, images)
      const loss = discriminatorLoss(real, logits(p, generate(G.parameters, labels, key)))
      return add(loss, multiply(gradientPenalty(real, images), 0.4))
    })
    const g = Program.descend(G, (p) => generatorLoss(logits(d.next.parameters, generate(p, labels, key))))
    const next = { G: g.next, average: Program.follow(average, g.next.parameters), D: d.next }
    return { next, outputs: { lossOfD: d.loss, lossOfG: g.loss } }
  }
})

const sampler = (count: number) =>
  Program.make("digits of a class", {
    state: { average },
    inputs: { labels: [count] },
    step: ({ average }, { labels }, key) => ({
      outputs: { images: generate(average.parameters, oneHot(labels, classes), key) }
    })
  })

const show = Effect.fnUntraced(function* ({ tensors, folder }: Training.Trained) {
  const labels = Float32Array.from({ length: 1000 }, (_, i) => Math.floor(i / 10) % classes)
  const inputs = { labels: tensorData([1000], labels) }
  const { images } = yield* Sampling.run(sampler(100), tensors, { count: 1000, seed: 1, inputs })
  const rows = tensorData([100, 1, 28, 28], images.values.subarray(0, 78_400))
  yield* Sampling.writeGrid(`${folder}/digits.png`, rows)
  const asked = yield* Evaluation.measureLabels(images, labels, { dataset: Datasets.mnist })
  yield* Console.log(`class as asked ${asked.accuracy}, confidence ${asked.confidence.mean}`)
})

export default Training.recipe({ program, data, updates: 6000, seed: 1, sampler, show })
