// A generator with latents that can be read from its images. The class is learnt from labels, as in the ACGAN of A. Odena et al. 2017; of the
// number nobody says what it turns: G must write it so that a network Q reads it, as in the InfoGAN of X. Chen et al. 2016.
import * as Effect from "effect/Effect"
import {
  crossEntropy,
  Data,
  Datasets,
  discriminatorLoss,
  generatorLoss,
  gradientPenalty,
  identity,
  leakyRelu,
  type Mlp,
  mlp,
  mlpParameters,
  Optim,
  Program,
  Sampling,
  Training
} from "fovea"
import {
  add,
  addAll,
  concatenate,
  mean,
  multiply,
  oneHot,
  reshape,
  sigmoid,
  size,
  split,
  square,
  subtract,
  type Tensor,
  tensorData
} from "fovea/tensor"

const [batch, noise, classes] = [64, 30, 10]
const data = Data.labelledImagesFrom(Datasets.mnist)
const adam = Optim.adam(1e-3, { beta1: 0.5 })
const G = Program.learner(mlpParameters(noise + classes + 1, [256, 256, 784]), adam)
const D = Program.learner(mlpParameters(784, [256, 256, 1 + classes + 1]), adam)
const average = Program.ema(G.specs.parameters, 0.999)
const leaky = (x: Tensor) => leakyRelu(x, 0.2)

const generate = (p: Mlp<Tensor>, z: Tensor, labels: Tensor, turn: Tensor) =>
  reshape(mlp(p, "relu", concatenate([z, labels, turn], 1), sigmoid), [size(z, 0), 1, 28, 28])

// The logit of being real, and what Q reads: the classes' logits and the number. One network with three outputs.
const read = (p: Mlp<Tensor>, x: Tensor) =>
  split(mlp(p, leaky, reshape(x, [size(x, 0), 784]), identity), 1, [1, classes, 1])

const program = Program.make("info-gan", {
  state: { G, average, D },
  inputs: { images: [batch, 1, 28, 28], labels: [batch, classes] },
  step: ({ G, average, D }, { images, labels }, key) => {
    const turn = subtract(multiply(2, key("turn").uniform([batch, 1])), 1)
    const z = key("z").normal([batch, noise])
    const judge = (d: Mlp<Tensor>, g: Mlp<Tensor>) => {
      const [fake, shown, number] = read(d, generate(g, z, labels, turn))
      return { fake, lossOfQ: add(crossEntropy(shown, labels), mean(square(subtract(number, turn)))) }
    }
    const d = Program.descend(D, (p) => {
      const [real, shown] = read(p, images)
      const { fake, lossOfQ } = judge(p, G.parameters)
      const penalty = multiply(gradientPenalty(real, images), 0.4)
      return addAll([discriminatorLoss(real, fake), crossEntropy(shown, labels), lossOfQ, penalty])
    })
    const { fake, lossOfQ } = judge(d.next.parameters, G.parameters)
    const g = Program.descend(G, () => add(generatorLoss(fake), lossOfQ))
    const next = { G: g.next, average: Program.follow(average, g.next.parameters), D: d.next }
    return { next, outputs: { lossOfD: d.loss, lossOfG: g.loss, lossOfQ } }
  }
})

const sampler = (count: number) =>
  Program.make("digits by class and number", {
    state: { average },
    inputs: { z: [count, noise], labels: [count], turn: [count, 1] },
    step: ({ average }, { z, labels, turn }) => ({
      outputs: { images: generate(average.parameters, z, oneHot(labels, classes), turn) }
    })
  })

const show = Effect.fnUntraced(function* ({ tensors, folder }: Training.Trained) {
  const z = tensorData([100, noise], new Float32Array(100 * noise))
  const rows = Float32Array.from({ length: 100 }, (_, i) => Math.floor(i / 10))
  const columns = Float32Array.from({ length: 100 }, (_, i) => (i % 10) / 4.5 - 1)
  const inputs = { z, labels: tensorData([100], rows), turn: tensorData([100, 1], columns) }
  const { images } = yield* Sampling.run(sampler(100), tensors, { count: 100, seed: 1, inputs })
  yield* Sampling.writeGrid(`${folder}/digits.png`, images)
})

export default Training.recipe({ program, data, updates: 4000, seed: 1, sampler, show })
