// The generator that draws through a window against the discriminator of DCGAN, beside both models that the two are of: three
// trainings on the same batches, and the Frechet distance of each.
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import {
  AdamSettings,
  adversarialPreset,
  adversarialProgram,
  Data,
  Datasets,
  Evaluation,
  Program,
  Sampling,
  Training
} from "fovea"

const format = { channels: 1, height: 28, width: 28 }
const attention = adversarialPreset("modern", format, { units: 64, glimpses: 4, latentSize: 32 })
const dcgan = adversarialPreset("dcgan", format, { generatorChannels: [32, 16], discriminatorChannels: [16, 32] })
const models = { attention, dcgan, crossed: { ...attention, discriminator: dcgan.discriminator } }

const adam = new AdamSettings({ learningRate: 1e-3, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 })
const optimizers = { generatorOptimizer: adam, discriminatorOptimizer: adam }
const options = { ...optimizers, batchSize: 32, sharedNoise: true, averageDecay: 0.99, gradientPenalty: 5 }
const program = Program.together("attention-against-dcgan", {
  attention: adversarialProgram(models.attention, options),
  dcgan: adversarialProgram(models.dcgan, options),
  crossed: adversarialProgram(models.crossed, options)
})

const show = Effect.fnUntraced(function* ({ tensors }: Training.Trained) {
  for (const [name, model] of Object.entries(models)) {
    const images = yield* Sampling.images(model, Program.partOf(tensors, name), { count: 2000, seed: 1 })
    const { frechetDistance } = yield* Evaluation.measure(images, { dataset: Datasets.mnist })
    yield* Console.log(`${name}: Frechet distance ${frechetDistance}`)
  }
})

export default Training.recipe({ program, data: Data.imagesFrom(Datasets.mnist), updates: 1500, seed: 1, show })
