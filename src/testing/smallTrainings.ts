import * as Effect from "effect/Effect"
import { gatherImages, type ImageSet, imageSet, pixelMarginals } from "../domain/data/Images.ts"
import { SYNTHETIC_CLASSES, syntheticImages } from "../domain/data/syntheticImages.ts"
import { classifierProgram, classifierState } from "../domain/experiment/classifierTraining.ts"
import { trainingProgram, trainingState } from "../domain/experiment/trainingProgram.ts"
import { AttentionGanSettings } from "../domain/model/attention-gan/AttentionGanSettings.ts"
import { classifierModel } from "../domain/model/classifier/Classifier.ts"
import { ClassifierSettings } from "../domain/model/classifier/ClassifierSettings.ts"
import { DcganSettings } from "../domain/model/dcgan/DcganSettings.ts"
import { DrawSettings } from "../domain/model/draw/DrawSettings.ts"
import type { ImageFormat } from "../domain/model/GenerativeModel.ts"
import { GoodfellowGanSettings } from "../domain/model/gan/GoodfellowGanSettings.ts"
import { type ModelSettings, modelOf } from "../domain/model/modelOf.ts"
import { VaeSettings } from "../domain/model/vae/VaeSettings.ts"
import { initialise } from "../domain/nn/parameter.ts"
import type { OptimizerSettings } from "../domain/optim/OptimizerSettings.ts"
import { AdamSettings, MomentumSettings } from "../domain/optim/OptimizerSettings.ts"
import { uniform } from "../domain/random/noise.ts"
import type { Program } from "../domain/tensor/Program.ts"
import { type NamedTensors, tensorData } from "../domain/tensor/TensorData.ts"
import { type StepCall, TensorBackend } from "../layers/backend/TensorBackend.ts"

/** A training as backends see it: a program, its first state, and what each update is given. */
export interface SmallTraining {
  readonly program: Program
  readonly first: NamedTensors
  readonly call: (update: number) => StepCall
}

/** Section 3.2's settings of the optimiser. */
const optimizer = new AdamSettings({ learningRate: 3.75e-4, beta1: 0.75, beta2: 0.999, epsilon: 1e-8 })

/** Momentum with all that it can be set to: schedules that move within ten updates, and columns that reach their bound. */
export const boundedMomentum = new MomentumSettings({
  kind: "momentum",
  learningRate: 0.1,
  decayFactor: 1.05,
  leastLearningRate: 0.07,
  initialMomentum: 0.5,
  finalMomentum: 0.7,
  rampUpdates: 6,
  maxColumnNorm: 0.5
})

const count = 240

const stream = "conformance"

const imagesOf = (format: ImageFormat): ImageSet => syntheticImages({ ...format, count, seed: 1, stream })

/** Images of which every pixel is drawn by itself: no gradient of a model on them is nearly zero. */
export const snow = (format: ImageFormat): ImageSet => {
  const pixels = uniform({ seed: 1, stream, step: 0 }, count * format.channels * format.height * format.width)
  return imageSet({ ...format, count, pixels: Uint8Array.from(pixels, (u) => 256 * u), labels: undefined })
}

const batchAt = (update: number, batch: number) => Array.from({ length: batch }, (_, i) => (update * batch + i) % count)

/** Training of a model by its objective, on synthetic images if no others are given. */
export const modelTraining = (
  settings: ModelSettings,
  format: ImageFormat,
  {
    batch,
    learningRate = optimizer.learningRate,
    chosen = new AdamSettings({ ...optimizer, learningRate }),
    images = imagesOf(format)
  }: {
    readonly batch: number
    /** Of Adam, if no other optimizer is chosen. */
    readonly learningRate?: number
    readonly chosen?: OptimizerSettings
    readonly images?: ImageSet
  }
): SmallTraining => {
  const model = modelOf(settings, format)
  const options =
    model.objective === "adversarial"
      ? {
          generatorOptimizer: chosen,
          discriminatorOptimizer: chosen,
          batchSize: batch,
          sharedNoise: settings.kind === "goodfellow-gan"
        }
      : { optimizer: chosen, batchSize: batch, binarise: true }
  return {
    program: trainingProgram(model, options),
    first: initialise(trainingState(model, options), 0, pixelMarginals(images, 0)),
    call: (update) => ({
      inputs: { images: gatherImages(images, batchAt(update, batch)) },
      noise: { seed: 7, step: update }
    })
  }
}

/** Training of the classifier on synthetic images and their classes. */
export const classifierTraining = (settings: ClassifierSettings, format: ImageFormat, batch: number): SmallTraining => {
  const classes = SYNTHETIC_CLASSES.length
  const model = classifierModel(settings, format, classes)
  const images = imagesOf(format)
  const oneHot = (index: number) =>
    Array.from({ length: classes }, (_, label) => (images.labels?.[index] === label ? 1 : 0))
  return {
    program: classifierProgram(model, { batchSize: batch, shift: 1, optimizer, averageDecay: 0.9 }),
    first: initialise(classifierState(model, optimizer), 0, pixelMarginals(images, 0)),
    call: (update) => {
      const indices = batchAt(update, batch)
      return {
        inputs: {
          images: gatherImages(images, indices),
          labels: tensorData([batch, classes], Float32Array.from(indices.flatMap(oneHot)))
        },
        noise: { seed: 7, step: update }
      }
    }
  }
}

/** The state and the outputs after some updates, and the numbers that each update put out, on the backend in the context. */
export const trainFor = ({ program, first, call }: SmallTraining, updates: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const executable = yield* (yield* TensorBackend).compile(program, first)
      const course: Array<NamedTensors> = []
      for (let update = 0; update < updates; update++) {
        yield* executable.step(call(update))
        course.push(yield* executable.readOutputs)
      }
      return { state: yield* executable.readState, course }
    })
  )

const attention = (changes: Partial<ConstructorParameters<typeof AttentionGanSettings>[0]>): AttentionGanSettings =>
  new AttentionGanSettings({
    kind: "attention-gan",
    filters: 3,
    glimpses: 3,
    units: 16,
    latentSize: 8,
    activation: { generator: "tanh", discriminator: "tanh" },
    canvas: "sigmoid",
    canvasStart: "marginals",
    windowScale: 0.1,
    initialHiddenDeviation: 0.1,
    ...changes
  })

/** The paper's model, small. */
export const smallAttentionGan = attention({})

/** The paper's model, small, with what it can be set to otherwise. */
export const otherAttentionGan = attention({
  filters: 2,
  glimpses: 2,
  activation: { generator: "relu", discriminator: "sigmoid" },
  canvas: "linear",
  canvasStart: "sampled-marginals"
})

/** The paper's model at its own size (section 3.2). */
export const paperAttentionGan = attention({ filters: 5, glimpses: 6, units: 256, latentSize: 100 })

/** The baseline, small. */
export const smallGoodfellowGan = new GoodfellowGanSettings({
  kind: "goodfellow-gan",
  latentSize: 6,
  generatorUnits: 12,
  discriminatorUnits: 6,
  pieces: 3,
  keepInputs: 0.8,
  keepHidden: 0.5,
  generatorBound: 0.3,
  discriminatorBound: 0.3
})

/** The variational autoencoder, small. */
export const smallVae = new VaeSettings({ kind: "vae", latentSize: 4, units: [12, 8], activation: "tanh" })

/** The DCGAN, small. */
export const smallDcgan = new DcganSettings({
  kind: "dcgan",
  latentSize: 6,
  generatorChannels: [4, 3, 2],
  discriminatorChannels: [3, 2, 4],
  kernelSize: 4,
  leak: 0.2,
  weightDeviation: 0.3
})

/** DRAW, small. */
export const smallDraw = new DrawSettings({
  kind: "draw",
  attention: true,
  readFilters: 2,
  writeFilters: 3,
  glimpses: 3,
  units: 10,
  latentSize: 4,
  windowScale: 0.1,
  readingStart: { logVariance: 1, logStride: -0.5 }
})

/** The classifier, small. */
export const smallClassifier = new ClassifierSettings({ kernels: [3, 4], kernelSize: 3, features: 10 })
