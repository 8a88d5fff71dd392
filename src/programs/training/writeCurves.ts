import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { CurvePanel } from "../../layers/chart/learningCurves.ts"
import { ImageWriter } from "../../layers/image/ImageWriter.ts"
import { readJsonLines } from "../../layers/log/readJsonLines.ts"
import { runFolder } from "../checkpoint/RunFolder.ts"

// The charting library's 600 modules take longer to load than all else that a command needs together.
const charts = Effect.promise(() => import("../../layers/chart/learningCurves.ts"))

/**
 * The learning curves of a run, from its log: `learning-curves.svg` and `.png` in the folder. The panels are those of the bundled
 * systems' metrics if they are left out. Without a log there are no curves, and nothing is written.
 */
export const writeLearningCurves = Effect.fn("writeLearningCurves")(function* (
  log: string,
  folder: string,
  panels?: ReadonlyArray<CurvePanel>
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const rasters = yield* ImageWriter
  if (!(yield* Effect.orElseSucceed(fs.exists(log), () => false))) return
  const { records } = yield* readJsonLines(log)
  const progress = records.flatMap(({ event }) => (event._tag === "Progress" ? [event] : []))
  const { learningCurves, trainingPanels } = yield* charts
  const svg = learningCurves(progress, panels ?? trainingPanels(progress))
  yield* rasters.writeSvg(path.join(folder, "learning-curves.svg"), svg)
  yield* rasters.writeSvgAsPng(path.join(folder, "learning-curves.png"), svg)
})

/**
 * What a recipe shows of its metrics: a panel for each list of their names, over the epochs, in `learning-curves.svg` and `.png` of the
 * run's folder. Nothing is written for a run without a log.
 *
 *     yield* Logs.writeCurves(folder, { Losses: ["lossOfD", "lossOfG"] })
 */
export const writeCurves = (folder: string, panels: Readonly<Record<string, ReadonlyArray<string>>>) =>
  writeLearningCurves(
    runFolder(folder).log,
    folder,
    Object.entries(panels).map(([title, metrics]) => ({
      title,
      axis: metrics.length === 1 ? (metrics[0] ?? "") : "value",
      curves: metrics.map((metric) => ({ metric, label: metric }))
    }))
  ).pipe(Effect.withSpan("Logs.writeCurves"))
