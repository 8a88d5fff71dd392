import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import type { ExperimentSettings } from "../../domain/experiment/ExperimentSettings.ts"
import { writeFiltersOf } from "../../domain/model/modelOf.ts"
import type { OpenRun } from "../training/openRun.ts"
import { runExperiment } from "../training/runExperiment.ts"
import type { Snapshot } from "../training/Training.ts"
import { sheetName, writeFigure3, writeLearningCurves, writeSamples } from "./paperFigures.ts"
import { writeFigure6, writeFigure6Animation, writeFigure8, writeFigure9, writeFigure10 } from "./probeFigures.ts"
import { writeReconstructions } from "./reconstructions.ts"

/** Where the reproduction puts its images, and where the run's log of JSON lines is. */
export interface RunFiles {
  readonly figures: string
  readonly log: string
}

/**
 * One of the paper's trainings (section 3): trains the model of the settings and draws figure 3, a sheet of samples (figure
 * 4, 5 or 7) and the learning curves, for a variational model reconstructions, and for the attention GAN figure 6; every few epochs (under `epoch-NNN/`) and at the
 * end, then also figure 6 as an animation and the latent probes of figures 8-10. Goes on from the run's last checkpoint.
 */
export const trainWithFigures = Effect.fn("trainWithFigures")(function* (
  settings: ExperimentSettings,
  { figures, log }: RunFiles
) {
  const path = yield* Path.Path
  const figure3 = path.join(figures, "figure-3.png")
  const draw = Effect.fnUntraced(function* (run: OpenRun, snapshot: Snapshot) {
    const isLast = snapshot.update === run.totalUpdates
    const epoch = String(Math.floor(snapshot.update / run.updatesPerEpoch)).padStart(3, "0")
    const folder = isLast ? figures : path.join(figures, `epoch-${epoch}`)
    const file = (name: string): string => path.join(folder, name)
    const sheet = file(`${sheetName(run.settings)}.png`)
    yield* writeSamples(run, snapshot, sheet)
    yield* writeLearningCurves(log, figures)
    const { model, seed } = run.settings
    const written = [sheet]
    if (run.model.objective === "variational") {
      const reconstructions = file("reconstructions.png")
      yield* writeReconstructions(run.model, { tensors: snapshot.tensors, seed }, reconstructions)
      written.push(reconstructions)
    }
    const drawn = { format: run.model.format, tensors: snapshot.tensors, seed }
    if (writeFiltersOf(model) !== undefined) {
      yield* writeFigure6({ ...drawn, settings: model }, file("figure-6.png"))
      written.push(file("figure-6.png"))
      if (!isLast) return written
      yield* writeFigure6Animation({ ...drawn, settings: model }, file("figure-6.webp"))
      written.push(file("figure-6.webp"))
    }
    if (model.kind !== "attention-gan" || !isLast) return written
    const trained = { ...drawn, settings: model }
    yield* writeFigure8(trained, file("figure-8.png"))
    yield* writeFigure9(trained, file("figure-9.png"))
    yield* writeFigure10(trained, file("figure-10.png"))
    return [...written, ...["8.png", "9.png", "10.png"].map((name) => file(`figure-${name}`))]
  })
  yield* writeFigure3(figure3)
  return yield* runExperiment(settings, draw)
})
