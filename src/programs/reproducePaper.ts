import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import type { ExperimentSettings } from "../domain/experiment/ExperimentSettings.ts"
import type { OpenRun } from "./openRun.ts"
import { writeFigure3, writeFigure6, writeLearningCurves, writeSamples } from "./paperFigures.ts"
import { runExperiment } from "./runExperiment.ts"
import type { Snapshot } from "./Training.ts"

/** Where the reproduction puts its pictures, and where the run's log of JSON lines is. */
export interface ReproductionFiles {
  readonly figures: string
  readonly log: string
}

/**
 * One of the paper's trainings (section 3): trains the model of the settings and draws figure 3, a sheet of samples (figure
 * 4, 5 or 7), figure 6 for models that draw step by step, and the learning curves; every few epochs (under `epoch-NNN/`)
 * and at the end. Goes on from the run's last checkpoint.
 */
export const reproducePaper = Effect.fn("reproducePaper")(function* (
  settings: ExperimentSettings,
  { figures, log }: ReproductionFiles
) {
  const path = yield* Path.Path
  const figure3 = path.join(figures, "figure-3.png")
  const draw = Effect.fnUntraced(function* (run: OpenRun, snapshot: Snapshot) {
    const isLast = snapshot.update === run.totalUpdates
    const epoch = String(Math.floor(snapshot.update / run.updatesPerEpoch)).padStart(3, "0")
    const folder = isLast ? figures : path.join(figures, `epoch-${epoch}`)
    const { model, reporting } = run.settings
    const sheet = path.join(folder, `${reporting.sampleSheet ?? "figure-4"}.png`)
    yield* writeSamples(run, snapshot, sheet)
    yield* writeLearningCurves(log, figures)
    if (model.kind !== "attention-gan") return [sheet]
    const figure6 = path.join(folder, "figure-6.png")
    yield* writeFigure6(run, model.filters, snapshot, figure6)
    return [sheet, figure6]
  })
  yield* writeFigure3(figure3)
  return yield* runExperiment(settings, draw)
})
