import * as Effect from "effect/Effect"
import { gatherImages } from "../../domain/data/Images.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { sampleImages } from "../sampling/Sampling.ts"
import type { OpenRun } from "../training/openRun.ts"
import type { Snapshot } from "../training/Training.ts"
import { writeSampleFigure } from "./probeFigures.ts"

const samples = 100

/** The first 100 training images (figure 3). */
export const writeTrainingImages = Effect.fn("writeTrainingImages")(function* (path: string, title: string) {
  const { name, training } = yield* Dataset
  const shown = Array.from({ length: Math.min(samples, training.count) }, (_, i) => i)
  yield* writeSampleFigure(path, gatherImages(training, shown), {
    title,
    caption: `The first ${shown.length} training images of ${name}.`
  })
})

/** 100 samples of the model as it stands (figures 4, 5 and 7). */
export const writeSamples = Effect.fn("writeSamples")(function* (
  { model, settings, updatesPerEpoch }: OpenRun,
  snapshot: Snapshot,
  path: string,
  title: string
) {
  const images = yield* sampleImages(model, snapshot.tensors, { count: samples, seed: settings.seed })
  const epochs = snapshot.update / updatesPerEpoch
  const trained = Number.isInteger(epochs) ? `${epochs} epochs` : `${snapshot.update} updates`
  yield* writeSampleFigure(path, images, {
    title,
    caption: `${samples} samples of the experiment "${settings.name}" (seed ${settings.seed}) after ${trained}.`
  })
})
