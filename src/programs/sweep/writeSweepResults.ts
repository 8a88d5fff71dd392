import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import { imageFileFormat } from "../../domain/image/imageFile.ts"
import type { PointResult } from "../../domain/sweep/PointResult.ts"
import { type ImagesAt, mostUpdates } from "../../domain/sweep/page/imagesByUpdate.ts"
import { sweepPage } from "../../domain/sweep/page/sweepPage.ts"
import { pointText } from "../../domain/sweep/page/valueText.ts"
import { decodeSweepPlan } from "../../domain/sweep/SweepPlan.ts"
import { encodeSweepResults } from "../../domain/sweep/SweepResults.ts"
import { sweepCsv } from "../../domain/sweep/sweepCsv.ts"
import { writeFileAtomically } from "../../layers/file/atomicWrite.ts"
import { sha256 } from "../../layers/file/sha256.ts"
import type { GatheredSweep } from "./sweepResults.ts"

// The charting library's 600 modules, and the codecs, take longer to load than all else that a command needs together.
const charts = Effect.promise(() =>
  Promise.all([import("../../layers/chart/sweepCurves.ts"), import("../../layers/chart/parallelCoordinates.ts")])
)
const montages = Effect.promise(() => import("../../layers/image/montage.ts"))

/** Points whose image grids are shown each by itself; of more, the first samples of all are one picture. */
const mostSingle = 60

/**
 * Writes what came of a sweep into a folder: the page `index.html`, `results.json` and `results.csv`, each whole or not at all. Returns their paths.
 */
export const writeSweepResults = Effect.fn("Sweep.writeResults")(function* (gathered: GatheredSweep, folder: string) {
  const { results, courses } = gathered
  const { join } = yield* Path.Path
  const encoder = new TextEncoder()
  const [{ sweepCurves }, { parallelCoordinates }] = yield* charts
  const isMontage = results.points.length > mostSingle
  const page = sweepPage({
    results,
    ...(results.best !== undefined && {
      parallel: {
        title: "Points as lines",
        description: `Each line is a point, through its settings to its ${results.best.measure}. Dark: the best; dashed grey: not trained to its end.`,
        svg: parallelCoordinates(results.points, results.best)
      }
    }),
    curves: sweepCurves(results, courses),
    images: yield* isMontage ? montagesAt(gathered) : Effect.succeed(singleImages(gathered)),
    isMontage
  })
  const written = {
    page: join(folder, "index.html"),
    results: join(folder, "results.json"),
    csv: join(folder, "results.csv")
  }
  yield* writeFileAtomically(written.results, encoder.encode(encodeSweepResults(results, sha256)))
  yield* writeFileAtomically(written.csv, encoder.encode(sweepCsv(results.points)))
  yield* writeFileAtomically(written.page, encoder.encode(page))
  return written
})

/** The updates at which most points have drawn, the last of them where there are many. */
const updatesOf = ({ images }: GatheredSweep): ReadonlyArray<number> =>
  [...new Set([...images.values()].flatMap((grids) => grids.map(({ update }) => update)))]
    .toSorted((a, b) => a - b)
    .slice(-mostUpdates)

const gridAt = (grids: PointResult["images"] | undefined, update: number) =>
  grids?.find((grid) => grid.update === update)

const singleImages = (gathered: GatheredSweep): ReadonlyArray<ImagesAt> =>
  updatesOf(gathered).map((update) => ({
    update,
    images: gathered.results.points.flatMap(({ id, values, seed }) => {
      const grid = gridAt(gathered.images.get(id), update)
      if (grid === undefined) return []
      return [
        {
          caption: pointText({ values, seed }),
          source: `data:${grid.mediaType};base64,${grid.base64}`
        }
      ]
    })
  }))

/** One picture an update: of each point its first sample, in the order of the table of points in `results.csv`. */
const montagesAt = Effect.fnUntraced(function* (gathered: GatheredSweep) {
  const { images, results } = gathered
  const { montage } = yield* montages
  const samples = Result.getOrUndefined(decodeSweepPlan(results.plan))?.images?.samples ?? 9
  const across = Math.ceil(Math.sqrt(samples))
  const down = Math.ceil(samples / across)
  const count = results.points.length
  const columns = Math.ceil(Math.sqrt(count))
  return yield* Effect.forEach(updatesOf(gathered), (update) =>
    Effect.gen(function* () {
      const grids = results.points.map(({ id }) => {
        const grid = gridAt(images.get(id), update)
        return grid === undefined ? undefined : Result.getOrUndefined(Base64.decode(grid.base64))
      })
      const first = grids.find((bytes) => bytes !== undefined)
      const size = first === undefined ? undefined : Result.getOrUndefined(imageFileFormat(first))
      if (size === undefined) return { update, images: [] }
      // A grid has a pixel around and between its samples.
      const [width, height] = [(size.width - 1) / across - 1, (size.height - 1) / down - 1].map(Math.floor)
      const picture = yield* montage(grids, { width: width ?? 1, height: height ?? 1, columns })
      const caption = `The first sample of each of the ${count} points, row by row in the order of results.csv, ${columns} in a row; white where a point had ended.`
      const at: ImagesAt = { update, images: [{ caption, source: `data:image/png;base64,${Base64.encode(picture)}` }] }
      return at
    })
  )
})
