import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import sharp, { type Metadata } from "sharp"
import type { ImageFormat } from "../../domain/model/AdversarialModel.ts"
import { type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import { explain } from "../file/atomicWrite.ts"
import { SamplesError } from "./SamplesError.ts"

/** Files that are read and decoded at the same time. */
const concurrency = 8

/** Raster formats; sharp would also draw SVG and PDF, which have no pixels of their own. */
const formats: ReadonlyArray<string> = ["png", "jpeg", "webp", "gif", "tiff"]

/**
 * Every picture of a folder, in the order of the files' names (by UTF-16 code units: 10.png comes before 9.png):
 * `[N, channels, B, A]` in [0, 1]. PNG, JPEG, WebP, GIF (the first frame) or TIFF, of 8 or 16 bits. Colours become grey
 * by the luma of ITU-R BT.709 on the values as they are stored, so that equal channels keep their value; grey becomes
 * three equal channels. Transparency is laid on black. Files whose names begin with a dot are passed over.
 *
 * Fails with a `SamplesError` for an empty folder, anything in it that is no picture, or a picture of another size.
 */
export const readPictureFolder = Effect.fn("readPictureFolder")(function* (
  folder: string,
  format: ImageFormat
): Effect.fn.Return<TensorData, SamplesError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const names = (yield* fs
    .readDirectory(folder)
    .pipe(
      Effect.mapError((error) => new SamplesError({ file: folder, problem: `it cannot be read: ${explain(error)}` }))
    ))
    .filter((name) => !name.startsWith("."))
    .sort()
  if (names.length === 0) return yield* new SamplesError({ file: folder, problem: "the folder holds no pictures" })
  const { channels, height, width } = format
  const size = channels * height * width
  const values = new Float32Array(names.length * size)
  yield* Effect.forEach(
    names,
    (name, n) =>
      Effect.map(readPicture(join(folder, name), format), (pixels) => {
        values.set(pixels, n * size)
      }),
    { concurrency, discard: true }
  )
  return tensorData([names.length, channels, height, width], values)
})

/** One picture, `[channels, B, A]`. */
const readPicture = Effect.fnUntraced(function* (file: string, format: ImageFormat) {
  const fs = yield* FileSystem.FileSystem
  const failed = (problem: string) => new SamplesError({ file, problem })
  const bytes = yield* fs
    .readFile(file)
    .pipe(Effect.mapError((error) => failed(`it cannot be read: ${explain(error)}`)))
  const metadata = yield* Effect.tryPromise({
    try: () => sharp(bytes).metadata(),
    catch: () =>
      failed("it is not a picture that can be read (PNG, JPEG, WebP, GIF or TIFF); take it out of the folder")
  })
  if (!formats.includes(metadata.format)) {
    return yield* failed(`it is ${metadata.format}; expected PNG, JPEG, WebP, GIF or TIFF`)
  }
  // Before anything is decoded, so that a small file cannot become a huge picture.
  if (metadata.width !== format.width || metadata.height !== format.height) {
    return yield* failed(
      `the picture is ${metadata.width} wide and ${metadata.height} high; expected ${format.width} and ${format.height} as in the data set`
    )
  }
  const pixels = yield* Effect.tryPromise({
    try: () => decode(bytes, metadata),
    catch: (cause) => failed(`the picture is damaged: ${cause instanceof Error ? cause.message : String(cause)}`)
  })
  return inChannels(pixels.values, pixels.channels, format.channels)
})

/** `[B, A, channels]` in [0, 1], one channel or three. */
const decode = async (bytes: Uint8Array, { hasAlpha, space, depth }: Metadata) => {
  const grey = space === "b-w" || space === "grey16"
  const image = hasAlpha ? sharp(bytes).flatten({ background: "black" }) : sharp(bytes)
  // Otherwise 16 bits are cut down to 8, and grey becomes colour.
  if (depth === "ushort") {
    const { data, info } = await image
      .toColourspace(grey ? "grey16" : "rgb16")
      .raw({ depth: "ushort" })
      .toBuffer({ resolveWithObject: true })
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    // In the machine's own order, which is little-endian wherever sharp has binaries.
    const values = Float32Array.from({ length: data.length / 2 }, (_, i) => view.getUint16(2 * i, true) / 65_535)
    return { values, channels: info.channels }
  }
  const { data, info } = await image
    .toColourspace(grey ? "b-w" : "srgb")
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { values: Float32Array.from(data, (byte) => byte / 255), channels: info.channels }
}

/** `[B, A, given]` as `[wanted, B, A]`. */
const inChannels = (values: Float32Array, given: number, wanted: number): Float32Array => {
  const pixels = values.length / given
  const found = new Float32Array(pixels * wanted)
  for (let i = 0; i < pixels; i++) {
    const [red = 0, green = red, blue = red] = values.subarray(i * given, (i + 1) * given)
    // Written as differences, so that equal channels give exactly their value.
    const luma = green + 0.2126 * (red - green) + 0.0722 * (blue - green)
    const colour = [red, green, blue]
    for (let c = 0; c < wanted; c++) found[c * pixels + i] = wanted === 1 ? luma : (colour[c] ?? 0)
  }
  return found
}
