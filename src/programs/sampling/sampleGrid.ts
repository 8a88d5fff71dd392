import * as Effect from "effect/Effect"
import { grid } from "../../domain/image/grid.ts"
import { enlarge, type Raster, rastersOf } from "../../domain/image/Raster.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import { ImageWriter } from "../../layers/image/ImageWriter.ts"

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
