import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { gatherImages } from "../domain/dataset/Images.ts"
import { grid } from "../domain/figure/grid.ts"
import { enlarge, type Picture, picturesOf } from "../domain/figure/Picture.ts"
import { trajectoryFigure } from "../domain/figure/trajectoryFigure.ts"
import type { TensorData } from "../domain/tensor/TensorData.ts"
import { Dataset } from "../layers/dataset/Dataset.ts"
import { learningCurves, trainingPanels } from "../layers/figure/learningCurves.ts"
import { Pictures } from "../layers/figure/Pictures.ts"
import { readJsonLines } from "../layers/log/readJsonLines.ts"
import type { OpenRun } from "./openRun.ts"
import { samplePictures, sampleTrajectories } from "./Sampling.ts"
import type { Snapshot } from "./Training.ts"

const samples = 100
const followed = 10

/** 100 pictures in ten rows of ten, as the paper shows them. `images` is `[n, channels, B, A]`. */
export const sampleSheet = (images: TensorData, columns = 10): Picture =>
  grid(
    picturesOf(images).map((picture) => enlarge(picture, 3)),
    { columns, gap: 3 }
  )

/** Figure 3: 100 training images. */
export const writeFigure3 = Effect.fn("writeFigure3")(function* (path: string) {
  const { training } = yield* Dataset
  const pictures = yield* Pictures
  const shown = Array.from({ length: Math.min(samples, training.count) }, (_, i) => i)
  yield* pictures.writePng(path, sampleSheet(gatherImages(training, shown)))
})

/** Figures 4, 5 and 7: 100 samples of the model as it stands. */
export const writeSamples = Effect.fn("writeSamples")(function* (
  { model, settings }: OpenRun,
  snapshot: Snapshot,
  path: string
) {
  const pictures = yield* Pictures
  const images = yield* samplePictures(model, snapshot.tensors, { count: samples, seed: settings.seed })
  yield* pictures.writePng(path, sampleSheet(images))
})

/**
 * Figure 6: the first ten samples of figure 4, step by step from c_0, with the window of each step in red. `filters` is N,
 * the filters per axis of the windows.
 */
export const writeFigure6 = Effect.fn("writeFigure6")(function* (
  { model, settings: { seed } }: OpenRun,
  filters: number,
  snapshot: Snapshot,
  path: string
) {
  const pictures = yield* Pictures
  const { canvases, windows } = yield* sampleTrajectories(model, snapshot.tensors, { count: followed, seed })
  const [start, ...drawn] = canvases
  const figure = trajectoryFigure({ canvases: drawn, windows, ...(start === undefined ? {} : { start }) }, { filters })
  yield* pictures.writePng(path, figure)
})

/** The learning curves of a run, from its log: `learning-curves.svg` and `.png` in the folder. */
export const writeLearningCurves = Effect.fn("writeLearningCurves")(function* (log: string, folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const pictures = yield* Pictures
  if (!(yield* Effect.orElseSucceed(fs.exists(log), () => false))) return
  const { records } = yield* readJsonLines(log)
  const progress = records.flatMap(({ event }) => (event._tag === "Progress" ? [event] : []))
  const svg = learningCurves(progress, trainingPanels)
  yield* pictures.writeSvg(path.join(folder, "learning-curves.svg"), svg)
  yield* pictures.writeSvgAsPng(path.join(folder, "learning-curves.png"), svg)
})
