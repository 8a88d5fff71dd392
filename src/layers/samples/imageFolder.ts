import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { ImageFormat } from "../../domain/model/GenerativeModel.ts"
import { type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import { isLeftBehind } from "../../domain/text/fileNames.ts"
import { explain } from "../file/atomicWrite.ts"
import { decodingConcurrency } from "../image/askDecoder.ts"
import { decodeImage } from "../image/decodeImage.ts"
import { openImage } from "../image/openImage.ts"
import { SamplesError } from "./SamplesError.ts"

/** More than the largest image that a training is likely to be of; with the images decoded at once it bounds the memory. */
const MAX_IMAGE_BYTES = 16_000_000

/** Numbers in all images together: 2 GiB. */
const MAX_NUMBERS = 2 ** 29

/**
 * Every image of a folder, in the order of the files' names (by UTF-16 code units: 10.png comes before 9.png):
 * `[N, channels, B, A]` in [0, 1]: the bytes that a data set of the same files has (`decodeImage`), divided by 255. What systems
 * leave behind (`isLeftBehind`) is passed over.
 *
 * Fails with a `SamplesError` for an empty folder, anything in it that is no image, or an image of another size.
 */
export const readImageFolder = Effect.fn("readImageFolder")(function* (
  folder: string,
  format: ImageFormat
): Effect.fn.Return<TensorData, SamplesError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const names = (yield* fs
    .readDirectory(folder)
    .pipe(
      Effect.mapError((error) => new SamplesError({ file: folder, problem: `it cannot be read: ${explain(error)}` }))
    ))
    .filter((name) => !isLeftBehind(name))
    .sort()
  if (names.length === 0) return yield* new SamplesError({ file: folder, problem: "the folder holds no images" })
  const { channels, height, width } = format
  const size = channels * height * width
  if (names.length * size > MAX_NUMBERS) {
    const problem = `the folder holds ${names.length} files; at most ${Math.floor(MAX_NUMBERS / size)} images of this size are read at once`
    return yield* new SamplesError({ file: folder, problem })
  }
  const values = new Float32Array(names.length * size)
  yield* Effect.forEach(
    names,
    (name, n) =>
      Effect.map(readImage(join(folder, name), format), (pixels) => {
        for (const [i, value] of pixels.entries()) values[n * size + i] = value / 255
      }),
    { concurrency: decodingConcurrency, discard: true }
  )
  return tensorData([names.length, channels, height, width], values)
})

/** One image, `[channels, B, A]`. */
const readImage = Effect.fnUntraced(
  function* (file: string, { channels, height, width }: ImageFormat) {
    // Its size is compared before anything is decoded, so that a small file cannot become a huge image.
    const opened = yield* openImage(file, { bytes: MAX_IMAGE_BYTES, pixels: Number.POSITIVE_INFINITY })
    if (opened.width !== width || opened.height !== height) {
      const size = `${opened.width} wide and ${opened.height} high`
      return yield* Effect.fail(`the image is ${size}; expected ${width} and ${height} as in the data set`)
    }
    return yield* decodeImage(opened, channels)
  },
  (effect, file) => Effect.mapError(effect, (problem) => new SamplesError({ file, problem }))
)
