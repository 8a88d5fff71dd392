import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import sharp, { type Sharp, type SharpOptions } from "sharp"
import { profileMeaning } from "../../domain/image/colourProfile.ts"
import { tidyJpeg } from "../../domain/image/tidyJpeg.ts"
import { askDecoder } from "./askDecoder.ts"
import type { OpenedImage } from "./openImage.ts"

/** Brings an image that is the right way up, without transparency, to another size. */
export type Resizing = (image: Sharp) => Sharp

/**
 * The bytes of an image, `[channels, B, A]`, one channel or three; everything that an image in a file means is decided here, and in
 * `docs/data.md`. It is turned as its orientation says; a colour profile is applied at 16 bits, to give sRGB; transparency is laid on
 * black; `resize` may crop and resize; colours become grey by the luma of ITU-R BT.709 on sRGB's values, so that equal channels
 * keep their value, and grey becomes three equal channels; 16 bits are rounded to the nearest of 256 levels, last of all.
 * Fails in words, to be put behind the file's name, if the image is damaged.
 */
export const decodeImage = (
  image: OpenedImage,
  channels: number,
  resize: Resizing = (image) => image
): Effect.Effect<Uint8Array, string> =>
  Effect.suspend(() => {
    const { metadata, colours } = image
    const meaning = metadata.icc === undefined ? "same" : profileMeaning(metadata.icc, colours)
    if (meaning === "tables") {
      return Effect.fail(
        "its colour profile is made of tables, which are not applied; convert the image to sRGB, or take the profile out"
      )
    }
    // A profile and transparency are applied to all samples before anything is resized.
    const whole = meaning !== "same" || metadata.hasAlpha
    const read = async (bytes: Uint8Array): Promise<Uint8Array> => {
      const deep = metadata.depth === "ushort"
      const upright = sharp(bytes, optionsOf(image)).autoOrient()
      if (!whole) return inChannels(await samplesOf(resize(upright), colours, deep), channels)
      // The decoder gives no transparency with grey of 8 bits.
      const raster = await samplesOf(upright, colours, deep || colours === 1)
      const samples = of16Bits(raster.samples)
      if (meaning !== "same") meaning(samples, raster.channels)
      const opaque = metadata.hasAlpha ? onBlack(samples, raster.channels) : samples
      const raw = { width: raster.width, height: raster.height, channels: colours }
      return inChannels(await samplesOf(resize(sharp(opaque, { raw })), colours, true), channels)
    }
    const decoded = askDecoder(() => read(image.bytes).catch((cause) => readTidied(image, read, cause))).pipe(
      Effect.mapError((words) => `the image is damaged: ${words}`)
    )
    return whole && image.height * image.width > largePixels ? oneLarge.withPermits(1)(decoded) : decoded
  })

/** Images of more pixels are decoded one at a time where all their samples are held at once. */
const largePixels = 2 ** 20

const oneLarge = Semaphore.makeUnsafe(1)

/**
 * A JPEG is decoded with every warning an error, since a garbled image is only a warning too; then without what causes harmless ones.
 */
const readTidied = async (
  { bytes, container }: OpenedImage,
  read: (bytes: Uint8Array) => Promise<Uint8Array>,
  cause: unknown
): Promise<Uint8Array> => {
  const tidied = container === "JPEG" ? tidyJpeg(bytes) : undefined
  if (tidied === undefined) throw cause
  return read(tidied)
}

const optionsOf = ({ container, height, width }: OpenedImage): SharpOptions => ({
  limitInputPixels: height * width,
  // Cameras' TIFF files have tags of their own, of which the decoder warns.
  failOn: container === "TIFF" ? "error" : "warning",
  ignoreIcc: true
})

/** Samples of an image in rows, the channels of each pixel in turn. */
interface Raster {
  readonly samples: Uint8Array | Uint16Array
  readonly channels: number
  readonly width: number
  readonly height: number
}

/** Samples of 8 or 16 (`deep`) bits. Without a space of that depth, 16 bits are cut to 8 and grey becomes colour. */
const samplesOf = async (image: Sharp, colours: 1 | 3, deep: boolean): Promise<Raster> => {
  const space = colours === 1 ? (deep ? "grey16" : "b-w") : deep ? "rgb16" : "srgb"
  const { data, info } = await image
    .toColourspace(space)
    .raw({ depth: deep ? "ushort" : "uchar" })
    .toBuffer({ resolveWithObject: true })
  const { channels, width, height } = info
  if (!deep) return { samples: data, channels, width, height }
  // In the machine's own order. Two bytes may not begin anywhere.
  const bytes = data.byteOffset % 2 === 0 ? data : Uint8Array.from(data)
  return { samples: new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2), channels, width, height }
}

const of16Bits = (samples: Uint8Array | Uint16Array): Uint16Array => {
  if (samples instanceof Uint16Array) return samples
  // Not by `from`, which makes a list of them first.
  const deep = new Uint16Array(samples.length)
  for (let i = 0; i < samples.length; i++) deep[i] = 257 * (samples[i] ?? 0)
  return deep
}

/** The colours of pixels whose last channel is how opaque they are, laid on black; in the same memory. */
const onBlack = (samples: Uint16Array, channels: number): Uint16Array => {
  let to = 0
  for (let from = 0; from < samples.length; from += channels) {
    const opacity = (samples[from + channels - 1] ?? 0) / 65_535
    for (let c = 0; c < channels - 1; c++) samples[to++] = Math.round((samples[from + c] ?? 0) * opacity)
  }
  return samples.subarray(0, to)
}

const inChannels = ({ samples, channels: given }: Raster, wanted: number): Uint8Array => {
  const scale = samples instanceof Uint16Array ? 257 : 1
  const pixels = samples.length / given
  const bytes = new Uint8Array(pixels * wanted)
  // Where there is one channel, it is each of the three.
  const [second, third] = given === 1 ? [0, 0] : [1, 2]
  for (let i = 0, at = 0; i < pixels; i++, at += given) {
    const red = (samples[at] ?? 0) / scale
    const green = (samples[at + second] ?? 0) / scale
    const blue = (samples[at + third] ?? 0) / scale
    if (wanted === 1) {
      // Written as differences, so that equal channels give exactly their value.
      bytes[i] = Math.round(green + 0.2126 * (red - green) + 0.0722 * (blue - green))
      continue
    }
    bytes[i] = Math.round(red)
    bytes[pixels + i] = Math.round(green)
    bytes[2 * pixels + i] = Math.round(blue)
  }
  return bytes
}
