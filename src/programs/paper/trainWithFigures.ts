import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import { type ExperimentSettings, misfit } from "../../domain/experiment/ExperimentSettings.ts"
import { writeFiltersOf } from "../../domain/model/modelOf.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import type { OpenRun } from "../training/openRun.ts"
import { runExperiment } from "../training/runExperiment.ts"
import type { Snapshot } from "../training/Training.ts"
import { writeLearningCurves } from "../training/writeCurves.ts"
import { type FigureKind, type FigureNames, plainNames } from "./figureNames.ts"
import {
  writeRandomAndFixedLatents,
  writeSingleLatents,
  writeSteps,
  writeStepsAnimation,
  writeWildLatents
} from "./probeFigures.ts"
import { writeReconstructions } from "./reconstructions.ts"
import { writeSamples, writeTrainingImages } from "./sampleFigures.ts"

/** Where a training puts its images, and where the run's log of JSON lines is. */
export interface RunFiles {
  readonly figures: string
  readonly log: string
}

/**
 * Trains the model of the settings and draws it (section 3 of the paper): the training images at its beginning; a sheet of
 * samples, the learning curves, for a variational model reconstructions, and for one that draws through windows its steps, every
 * few epochs (under `epoch-NNN/`) and at the end; then also the steps as an animation and, of the attention GAN, what
 * its latents do. `names` says what the files are called. Goes on from the run's last checkpoint.
 */
export const trainWithFigures = Effect.fn("trainWithFigures")(function* (
  settings: ExperimentSettings,
  { figures, log }: RunFiles,
  names: FigureNames = plainNames
) {
  const path = yield* Path.Path
  const named = names(settings)
  const draw = Effect.fnUntraced(function* (run: OpenRun, snapshot: Snapshot) {
    const isLast = snapshot.update === run.totalUpdates
    const folder = isLast ? figures : path.join(figures, drawnAt(snapshot.update, run.updatesPerEpoch))
    const written: Array<string> = []
    const file = (name: string): string => {
      written.push(path.join(folder, name))
      return path.join(folder, name)
    }
    const png = (kind: FigureKind): string => file(`${named[kind].file}.png`)
    yield* writeSamples(run, snapshot, png("samples"), named.samples.title)
    yield* writeLearningCurves(log, figures)
    const { model, seed } = run.settings
    if (run.model.objective === "variational") {
      yield* writeReconstructions(run.model, { tensors: snapshot.tensors, seed }, file("reconstructions.png"))
    }
    const drawn = { format: run.model.format, tensors: snapshot.tensors, seed }
    if (writeFiltersOf(model) !== undefined) {
      const { title } = named.steps
      yield* writeSteps({ ...drawn, settings: model }, png("steps"), { title })
      if (!isLast) return written
      yield* writeStepsAnimation({ ...drawn, settings: model }, file(`${named.steps.file}.webp`))
    }
    if (model.kind !== "attention-gan" || !isLast) return written
    const trained = { ...drawn, settings: model }
    yield* writeRandomAndFixedLatents(trained, png("randomAndFixedLatents"), named.randomAndFixedLatents.title)
    yield* writeSingleLatents(trained, png("singleLatents"), named.singleLatents.title)
    yield* writeWildLatents(trained, png("wildLatents"), named.wildLatents.title)
    return written
  })
  // Before anything is drawn: a training that is refused leaves nothing.
  const { training } = yield* Dataset
  const problem = misfit(settings, training, training.count)
  if (problem !== undefined) return yield* problem
  const { file, title } = named.trainingImages
  yield* writeTrainingImages(path.join(figures, `${file}.png`), title)
  return yield* runExperiment(settings, draw)
})

/** The folder of what is drawn after this many updates: by epochs as planned, by updates where the run was told otherwise. */
const drawnAt = (update: number, perEpoch: number): string =>
  update % perEpoch === 0
    ? `epoch-${String(update / perEpoch).padStart(3, "0")}`
    : `update-${String(update).padStart(6, "0")}`
