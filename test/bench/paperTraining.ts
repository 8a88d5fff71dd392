import { NodeServices } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { batchIndices, epochOrder, positionOfUpdate, updatesPerEpoch } from "../../src/domain/data/epochOrder.ts"
import { gatherImages, pixelMeans } from "../../src/domain/data/Images.ts"
import { decaysOver } from "../../src/domain/experiment/decaysOver.ts"
import { totalUpdates } from "../../src/domain/experiment/ExperimentSettings.ts"
import { type PresetName, type SettingsJson, settingsFrom } from "../../src/domain/experiment/presets.ts"
import { trainingProgram, trainingState } from "../../src/domain/experiment/trainingProgram.ts"
import { modelOf } from "../../src/domain/model/modelOf.ts"
import { initialise } from "../../src/domain/nn/parameter.ts"
import type { TensorData } from "../../src/domain/tensor/TensorData.ts"
import { Dataset } from "../../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../../src/layers/dataset/mnist.ts"
import { unclipped } from "../support/unclipped.ts"

/** A preset's experiment on MNIST, with changes laid over it, its updates numbered from 0. */
export const presetTraining = Effect.fnUntraced(
  function* (preset: PresetName, changes: SettingsJson = {}) {
    const settings = yield* Effect.fromResult(settingsFrom(preset, [changes]))
    const { seed } = settings
    const { batchSize } = settings.training
    const { training: set } = yield* Dataset
    const perEpoch = updatesPerEpoch(set.count, batchSize)
    const training = decaysOver(settings.training, totalUpdates(settings, perEpoch))
    const model = modelOf(settings.model, set)
    const mean = pixelMeans(set)
    let order: { readonly epoch: number; readonly indices: Uint32Array } = { epoch: -1, indices: new Uint32Array(0) }
    const indicesOf = (update: number): Uint32Array => {
      const { epoch, position } = positionOfUpdate(update, perEpoch)
      if (order.epoch !== epoch) order = { epoch, indices: epochOrder(seed, epoch, set.count) }
      return batchIndices(order.indices, position, batchSize)
    }
    return {
      seed,
      model,
      batchSize,
      /** Builds the program: differentiates and simplifies. */
      makeProgram: ({ shards = 1 } = {}) => trainingProgram(model, { ...training, shards }),
      initialState: initialise(trainingState(model, training), seed, { mean, sample: mean }),
      mean,
      /** The real images of an update, `[batch, 1, 28, 28]`. */
      imagesOf: (update: number): TensorData => gatherImages(set, indicesOf(update))
    }
  },
  Effect.provide(layerMnist.pipe(Layer.provide(NodeServices.layer)))
)

/**
 * What is measured: the paper's main experiment (batch 100) with gradients of any norm, as `peers/peer.py` and `peers/tfjsEager.ts` train it;
 * the `paper` of `systems.ts` clips them, as its peers do.
 */
export const paperTraining = presetTraining("paper", unclipped)
