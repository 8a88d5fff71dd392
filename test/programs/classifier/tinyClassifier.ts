import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ImageSet } from "../../../src/domain/data/Images.ts"
import { ClassifierExperiment, classifierPreset } from "../../../src/domain/experiment/ClassifierExperiment.ts"
import { AdamSettings } from "../../../src/domain/optim/OptimizerSettings.ts"
import { Dataset, type DatasetError } from "../../../src/layers/dataset/Dataset.ts"
import { layerSynthetic } from "../../../src/layers/dataset/synthetic.ts"

/** Fifteen updates of a small network on images of 7 x 6 of three classes. */
export const tinyExperiment = (changes: Partial<ClassifierExperiment> = {}): ClassifierExperiment =>
  new ClassifierExperiment({
    ...classifierPreset,
    epochs: 3,
    leastUpdates: 1,
    batchSize: 12,
    optimizer: new AdamSettings({ ...classifierPreset.optimizer, learningRate: 0.01 }),
    averageDecay: 0.8,
    model: { ...classifierPreset.model, kernels: [4, 6], kernelSize: 3, features: 5 },
    ...changes
  })

/** Updates of the tiny experiment. */
export const tinyUpdates = 15

/** Sixty training and ten test images. */
export const layerTinyData: Layer.Layer<Dataset, DatasetError> = layerSynthetic({
  count: 60,
  channels: 1,
  height: 7,
  width: 6,
  seed: 0
})

/** The tiny data with something changed. */
export const layerChangedData = (change: (data: Dataset["Service"]) => Partial<Dataset["Service"]>) =>
  Layer.effect(
    Dataset,
    Effect.map(Dataset, (data) => ({ ...data, ...change(data) }))
  ).pipe(Layer.provide(layerTinyData))

/** The same images without their classes. */
export const unlabelled = (set: ImageSet): ImageSet => ({ ...set, labels: undefined })
