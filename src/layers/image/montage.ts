import * as Effect from "effect/Effect"
import sharp from "sharp"
import { grid } from "../../domain/image/grid.ts"
import type { Raster } from "../../domain/image/Raster.ts"
import { askDecoder, decodingConcurrency } from "./askDecoder.ts"

/**
 * The first images of many grids as one picture (PNG): of each grid the image of `width` x `height` pixels at its top left, a pixel from the edges, in rows of `columns`, in their order. Grids that cannot be
 * decoded, or are smaller, leave a white place.
 */
export const montage = Effect.fn("montage")(function* (
  grids: ReadonlyArray<Uint8Array | undefined>,
  { width, height, columns }: { readonly width: number; readonly height: number; readonly columns: number }
) {
  const tiles = yield* Effect.forEach(
    grids,
    (bytes) =>
      Effect.orElseSucceed(
        askDecoder(() => tileOf(bytes, width, height)),
        () => blank(width, height)
      ),
    { concurrency: decodingConcurrency }
  )
  const { pixels, channels, ...size } = grid(tiles, { columns, gap: 1 })
  return yield* Effect.promise(() =>
    sharp(pixels, { raw: { ...size, channels } })
      .png({ compressionLevel: 9 })
      .toBuffer()
  )
})

const blank = (width: number, height: number): Raster => ({
  width,
  height,
  channels: 3,
  pixels: new Uint8Array(3 * width * height).fill(255)
})

const tileOf = async (bytes: Uint8Array | undefined, width: number, height: number): Promise<Raster> => {
  if (bytes === undefined) return blank(width, height)
  const { data } = await sharp(bytes)
    .extract({ left: 1, top: 1, width, height })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width, height, channels: 3, pixels: data }
}
