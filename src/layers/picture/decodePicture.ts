import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import sharp, { type Metadata, type Sharp } from "sharp"
import { explain } from "../file/atomicWrite.ts"
import { readBounded } from "../file/readBounded.ts"

/** Files that are read and decoded at the same time. */
export const decodingConcurrency = 8

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

const unknown = "it is not a picture that can be read (PNG, JPEG, WebP, GIF or TIFF); take it out of the folder"

/** A picture file whose header was read, and nothing decoded. */
export interface OpenedPicture {
  readonly bytes: Uint8Array
  readonly metadata: Metadata
}

/** A picture file of at most `most` bytes. Fails in words: what is wrong with it. */
export const openPicture = Effect.fnUntraced(function* (
  file: string,
  most: number
): Effect.fn.Return<OpenedPicture, string, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const bytes = yield* readBounded(fs, file, most).pipe(
    Effect.mapError((error) => `it cannot be read: ${explain(error)}`)
  )
  if (!isPicture(bytes)) return yield* Effect.fail(unknown)
  const metadata = yield* Effect.tryPromise({ try: () => sharp(bytes).metadata(), catch: () => unknown })
  return { bytes, metadata }
})

/** How many channels a picture has once its transparency is laid on black: one if it is grey, else three. */
export const channelsOf = ({ space }: Metadata): 1 | 3 => (space === "b-w" || space === "grey16" ? 1 : 3)

/** Numbers of a picture as it was decoded. */
export interface DecodedPicture {
  /** `[B, A, channels]` in [0, 1]. */
  readonly values: Float32Array
  readonly channels: number
}

/**
 * Decodes a picture of at most `mostPixels` pixels, of 8 or 16 bits, its transparency on black; `prepare` may crop and resize it.
 * Fails in words if it is damaged.
 */
export const decodePicture = (
  { bytes, metadata }: OpenedPicture,
  mostPixels: number,
  prepare: (image: Sharp) => Sharp = (image) => image
): Effect.Effect<DecodedPicture, string> =>
  Effect.tryPromise({
    try: () => decode(bytes, metadata, mostPixels, prepare),
    catch: (cause) => `the picture is damaged: ${cause instanceof Error ? cause.message : String(cause)}`
  })

const decode = async (
  bytes: Uint8Array,
  metadata: Metadata,
  limitInputPixels: number,
  prepare: (image: Sharp) => Sharp
): Promise<DecodedPicture> => {
  const grey = channelsOf(metadata) === 1
  const given = sharp(bytes, { limitInputPixels })
  const image = prepare(metadata.hasAlpha ? given.flatten({ background: "black" }) : given)
  // Otherwise 16 bits are cut down to 8, and grey becomes colour.
  if (metadata.depth === "ushort") {
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
  const values = new Float32Array(data.length)
  for (let i = 0; i < data.length; i++) values[i] = (data[i] ?? 0) / 255
  return { values, channels: info.channels }
}

/**
 * A decoded picture as `[wanted, B, A]` in [0, 1], one channel or three. Colours become grey by the luma of ITU-R BT.709 on the
 * values as they are stored, so that equal channels keep their value; grey becomes three equal channels.
 */
export const inChannels = ({ values, channels: given }: DecodedPicture, wanted: number): Float32Array => {
  const pixels = values.length / given
  const found = new Float32Array(pixels * wanted)
  // Where there is one channel, it is each of the three.
  const [second, third] = given === 1 ? [0, 0] : [1, 2]
  for (let i = 0, at = 0; i < pixels; i++, at += given) {
    const red = values[at] ?? 0
    const green = values[at + second] ?? 0
    const blue = values[at + third] ?? 0
    if (wanted === 1) {
      // Written as differences, so that equal channels give exactly their value.
      found[i] = green + 0.2126 * (red - green) + 0.0722 * (blue - green)
      continue
    }
    found[i] = red
    found[pixels + i] = green
    found[2 * pixels + i] = blue
  }
  return found
}
