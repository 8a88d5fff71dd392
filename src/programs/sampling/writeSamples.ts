import * as Effect from "effect/Effect"
import { grid } from "../../domain/image/grid.ts"
import { enlarge, type Raster, rastersOf } from "../../domain/image/Raster.ts"
import { scatterPlot } from "../../domain/image/scatterPlot.ts"
import type { Program } from "../../domain/program/Program.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import { ImageWriter } from "../../layers/image/ImageWriter.ts"
import type { Trained } from "../training/Recipe.ts"
import { runSampler } from "./runSampler.ts"

/**
 * Images in rows of `columns`, ten if left out, each enlarged threefold: as the paper shows samples. `images` is `[n, channels, B, A]`
 * in [0, 1]. Throws a `RangeError` for a tensor of another shape or columns that are not a positive whole number.
 */
export const sampleGrid = (images: TensorData, columns = 10): Raster =>
  grid(
    rastersOf(images).map((raster) => enlarge(raster, 3)),
    { columns, gap: 3 }
  )

/** Writes images `[n, channels, B, A]` as PNG, in rows as `grid` puts them. Fails with an `ImageWriteError` if it cannot be written. */
export const writeSampleGrid = Effect.fn("Sampling.writeGrid")(function* (
  path: string,
  images: TensorData,
  columns?: number
) {
  const { writePng } = yield* ImageWriter
  yield* writePng(path, sampleGrid(images, columns))
})

/**
 * What a recipe shows where its sampler draws images: 100 of them, in `samples.png` of the run's folder.
 *
 *     export default Training.recipe({ program, data, updates, seed, sampler, show: Sampling.showGrid(sampler) })
 */
export const showGrid = (sampler: (batch: number) => Program<never, "images">) =>
  Effect.fn("Sampling.showGrid")(function* ({ tensors, folder }: Trained) {
    const { images } = yield* runSampler(sampler, tensors, { count: shown, seed: 0 })
    yield* writeSampleGrid(`${folder}/samples.png`, images)
  })

const shown = 100

/** Writes sets of points in the plane, `[n, 2]` each, as PNG (see `scatterPlot`). Fails with an `ImageWriteError` if it cannot be written. */
export const writeScatter = Effect.fn("Sampling.writeScatter")(function* (
  path: string,
  ...sets: ReadonlyArray<TensorData>
) {
  const { writeSvgAsPng } = yield* ImageWriter
  yield* writeSvgAsPng(path, scatterPlot(sets))
})
