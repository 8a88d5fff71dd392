import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import { type EmbeddedImage, imageFileFormat } from "../../domain/image/imageFile.ts"
import type { Chart } from "../../domain/page/charts.ts"
import { experimentGroups } from "../../domain/paper/report/experimentGroup.ts"
import { shownFigures, shownPaths } from "../../domain/paper/report/figuresSection.ts"
import type { Results } from "../../domain/paper/report/Results.ts"
import { reportPage } from "../../domain/paper/report/reportPage.ts"
import { encodeResults } from "../../domain/paper/report/resultsFile.ts"
import { explain, writeFileAtomically } from "../../layers/file/atomicWrite.ts"
import { readBounded } from "../../layers/file/readBounded.ts"
import { sha256 } from "../../layers/file/sha256.ts"
import { readJsonLines } from "../../layers/log/readJsonLines.ts"
import { chartDrawing } from "../../layers/paper/chartDrawing.ts"

/** Of a figure; it is in the page one and a third times as large. */
const MAX_IMAGE_BYTES = 64_000_000

/** Where a training's log is. */
export interface ExperimentLog {
  /** The experiment's name, as in its result. */
  readonly name: string
  readonly seed: number
  /** Of its JSON lines; a file that is not there is passed over. */
  readonly path: string
}

export interface ReportRequest {
  readonly results: Results
  /** Where `results.json` and `index.html` go; the paths of the figures start from here. */
  readonly folder: string
  readonly logs: ReadonlyArray<ExperimentLog>
}

export interface WrittenReport {
  /** Paths of the two files. */
  readonly page: string
  readonly results: string
  /** Figures that could not be put into the page, with the reason; in their places it says so. */
  readonly lost: ReadonlyArray<{ readonly path: string; readonly reason: string }>
}

/**
 * Writes the report of a reproduction: `results.json`, and `index.html`, one file that holds its images and charts. Both
 * appear whole or not at all. Figures are read from `folder`; an image that cannot be read does not stop the report.
 * Fails with a `FileWriteError`, or with a `TrainingLogError` for a log that is there but is none.
 */
export const writeReport = Effect.fn("writeReport")(function* ({ results, folder, logs }: ReportRequest) {
  const { join } = yield* Path.Path
  const paths = shownPaths(shownFigures(results))
  const read = yield* Effect.forEach(paths, (path) =>
    Effect.map(Effect.result(embeddedImage(join(folder, path))), (image) => ({ path, image }))
  )
  const images = new Map(
    read.flatMap(({ path, image }) => (Result.isSuccess(image) ? [[path, image.success] as const] : []))
  )
  const lost = read.flatMap(({ path, image }) => (Result.isFailure(image) ? [{ path, reason: image.failure }] : []))
  const { courseCharts } = yield* chartDrawing
  const learning = yield* learningCharts(results, logs)
  const page = reportPage({ results, images, courses: courseCharts(results), learning })
  const encoder = new TextEncoder()
  const written: WrittenReport = { page: join(folder, "index.html"), results: join(folder, "results.json"), lost }
  yield* writeFileAtomically(written.results, encoder.encode(encodeResults(results, sha256)))
  yield* writeFileAtomically(written.page, encoder.encode(page))
  return written
})

/** An image's file as a data URI; fails with the reason, in words. */
const embeddedImage = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const bytes = yield* Effect.mapError(readBounded(fs, path, MAX_IMAGE_BYTES), explain)
  const { mediaType, width, height } = yield* Effect.fromResult(imageFileFormat(bytes))
  const image: EmbeddedImage = { source: `data:${mediaType};base64,${Base64.encode(bytes)}`, width, height }
  return image
})

/** The learning curves of the training that is shown of each experiment, where there is a log of it. */
const learningCharts = Effect.fnUntraced(function* (results: Results, logs: ReadonlyArray<ExperimentLog>) {
  const fs = yield* FileSystem.FileSystem
  const { learningCurves, trainingPanels } = yield* chartDrawing
  const charts = yield* Effect.forEach(experimentGroups(results.experiments), ({ name, title, shown }, index) =>
    Effect.gen(function* () {
      const log = logs.find((one) => one.name === name && one.seed === shown.seed)
      if (log === undefined || !(yield* Effect.orElseSucceed(fs.exists(log.path), () => false))) return []
      const { records } = yield* readJsonLines(log.path)
      const progress = records.flatMap(({ event }) => (event._tag === "Progress" ? [event] : []))
      if (progress.length === 0) return []
      const size = { width: 480, panelHeight: 250, prefix: `learning-${index}` }
      const panels = trainingPanels(progress)
      const chart: Chart = {
        title: `${title}, seed ${shown.seed}`,
        description: `What its updates measured: ${panels.map((panel) => panel.title.toLowerCase()).join(", and ")}.`,
        svg: learningCurves(progress, panels, size)
      }
      return [chart]
    })
  )
  return charts.flat()
})
