import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import sharp, { type Metadata } from "sharp"
import type { ImageFormat } from "../../domain/model/GenerativeModel.ts"
import { type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import { explain } from "../file/atomicWrite.ts"
import { readBounded } from "../file/readBounded.ts"
import { SamplesError } from "./SamplesError.ts"

/** Files that are read and decoded at the same time. */
const concurrency = 8

/** More than the largest picture that a training is likely to be of; together with `concurrency` it bounds the memory. */
const MAX_PICTURE_BYTES = 16_000_000

/** Numbers in all pictures together: 2 GiB. */
const MAX_NUMBERS = 2 ** 29

/**
 * What files of the formats that are read begin with: PNG, JPEG, GIF, TIFF (both byte orders), WebP (from its ninth byte).
 * Nothing else is handed to sharp, which would also draw SVG and PDF: languages, with bombs of their own.
 */
const signatures: ReadonlyArray<{ readonly at: number; readonly bytes: string }> = [
  { at: 0, bytes: "\x89PNG\r\n\x1a\n" },
  { at: 0, bytes: "\xff\xd8\xff" },
  { at: 0, bytes: "GIF8" },
  { at: 0, bytes: "II*\0" },
  { at: 0, bytes: "MM\0*" },
  { at: 8, bytes: "WEBP" }
]

const isPicture = (file: Uint8Array): boolean =>
  signatures.some(({ at, bytes }) => Array.from(bytes).every((letter, i) => file[at + i] === letter.charCodeAt(0)))

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
  if (names.length * size > MAX_NUMBERS) {
    const problem = `the folder holds ${names.length} files; at most ${Math.floor(MAX_NUMBERS / size)} pictures of this size are read at once`
    return yield* new SamplesError({ file: folder, problem })
  }
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
  const bytes = yield* readBounded(fs, file, MAX_PICTURE_BYTES).pipe(
    Effect.mapError((error) => failed(`it cannot be read: ${explain(error)}`))
  )
  const unknown = "it is not a picture that can be read (PNG, JPEG, WebP, GIF or TIFF); take it out of the folder"
  if (!isPicture(bytes)) return yield* failed(unknown)
  const metadata = yield* Effect.tryPromise({ try: () => sharp(bytes).metadata(), catch: () => failed(unknown) })
  // Before anything is decoded, so that a small file cannot become a huge picture.
  if (metadata.width !== format.width || metadata.height !== format.height) {
    return yield* failed(
      `the picture is ${metadata.width} wide and ${metadata.height} high; expected ${format.width} and ${format.height} as in the data set`
    )
  }
  const pixels = yield* Effect.tryPromise({
    try: () => decode(bytes, metadata, format.width * format.height),
    catch: (cause) => failed(`the picture is damaged: ${cause instanceof Error ? cause.message : String(cause)}`)
  })
  return inChannels(pixels.values, pixels.channels, format.channels)
})

/** `[B, A, channels]` in [0, 1], one channel or three. */
const decode = async (bytes: Uint8Array, { hasAlpha, space, depth }: Metadata, limitInputPixels: number) => {
  const grey = space === "b-w" || space === "grey16"
  const given = sharp(bytes, { limitInputPixels })
  const image = hasAlpha ? given.flatten({ background: "black" }) : given
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
