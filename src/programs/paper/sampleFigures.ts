import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { gatherImages } from "../../domain/data/Images.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { ImageWriter } from "../../layers/image/ImageWriter.ts"
import { readJsonLines } from "../../layers/log/readJsonLines.ts"
import { chartDrawing } from "../../layers/paper/chartDrawing.ts"
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

/** The learning curves of a run, from its log: `learning-curves.svg` and `.png` in the folder. */
export const writeLearningCurves = Effect.fn("writeLearningCurves")(function* (log: string, folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const rasters = yield* ImageWriter
  if (!(yield* Effect.orElseSucceed(fs.exists(log), () => false))) return
  const { records } = yield* readJsonLines(log)
  const progress = records.flatMap(({ event }) => (event._tag === "Progress" ? [event] : []))
  const { learningCurves, trainingPanels } = yield* chartDrawing
  const svg = learningCurves(progress, trainingPanels(progress))
  yield* rasters.writeSvg(path.join(folder, "learning-curves.svg"), svg)
  yield* rasters.writeSvgAsPng(path.join(folder, "learning-curves.png"), svg)
})
