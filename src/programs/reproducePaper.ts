import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import type { ExperimentSettings } from "../domain/experiment/ExperimentSettings.ts"
import type { OpenRun } from "./openRun.ts"
import { writeFigure3, writeFigure4, writeFigure6, writeLearningCurves } from "./paperFigures.ts"
import { runExperiment } from "./runExperiment.ts"
import type { Snapshot } from "./Training.ts"

/** Where the reproduction puts its pictures, and where the run's log of JSON lines is. */
export interface ReproductionFiles {
  readonly figures: string
  readonly log: string
}

/**
 * The paper's main experiment (section 3): trains the attention GAN and draws figures 3, 4 and 6 and the learning curves,
 * every few epochs (under `epoch-NNN/`) and at the end. Goes on from the run's last checkpoint.
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
    const [figure4, figure6] = [path.join(folder, "figure-4.png"), path.join(folder, "figure-6.png")]
    yield* writeFigure4(run, snapshot, figure4)
    yield* writeFigure6(run, snapshot, figure6)
    yield* writeLearningCurves(log, figures)
    return [figure4, figure6]
  })
  yield* writeFigure3(figure3)
  return yield* runExperiment(settings, draw)
})
