import { formatShape } from "../tensor/Shape.ts"
import { requireFilled, type TensorData } from "../tensor/TensorData.ts"

/** Red, green and blue, each 0..255. */
export type Colour = readonly [red: number, green: number, blue: number]

export const white: Colour = [255, 255, 255]
export const black: Colour = [0, 0, 0]

/** A raster of bytes, rows from the top: grey (one channel) or RGB (three). */
export interface Raster {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  /** `[height, width, channels]`, row-major. */
  readonly pixels: Uint8Array
}

/** An image of one colour: grey where the three components are equal, RGB otherwise or if `channels` asks for it. */
export const plainRaster = (
  width: number,
  height: number,
  colour: Colour,
  channels: 1 | 3 = isGrey(colour) ? 1 : 3
): Raster => {
  const pixels = new Uint8Array(width * height * channels)
  for (let i = 0; i < pixels.length; i++) pixels[i] = colour[i % channels] ?? 0
  return { width, height, channels, pixels }
}

/** Whether a colour can be in a grey image. */
export const isGrey = ([red, green, blue]: Colour): boolean => red === green && green === blue

/**
 * The images of a batch `[n, channels, B, A]` with one or three channels, as `n` images `A` wide and `B` high.
 * Values in [0, 1] become the nearest of 0..255; values outside are clamped, and NaN is shown as 0.
 * Throws a `RangeError` for a tensor of another shape.
 */
export const rastersOf = (images: TensorData): ReadonlyArray<Raster> => {
  const [count = 0, channels, height = 0, width = 0] = images.shape
  if (images.shape.length !== 4 || (channels !== 1 && channels !== 3)) {
    throw new RangeError(
      `rasters are made from images [n, channels, B, A] with 1 or 3 channels, not from ${formatShape(images.shape)}`
    )
  }
  requireFilled(images)
  const area = height * width
  return Array.from({ length: count }, (_, n) => {
    const pixels = new Uint8Array(area * channels)
    for (let channel = 0; channel < channels; channel++) {
      const start = (n * channels + channel) * area
      for (let i = 0; i < area; i++) {
        const value = images.values[start + i] ?? 0
        // A Uint8Array wraps numbers out of its range around (and turns NaN to 0), so clamping comes first.
        pixels[i * channels + channel] = Math.round(Math.min(1, Math.max(0, value)) * 255)
      }
    }
    return { width, height, channels, pixels }
  })
}

/**
 * Every pixel repeated in a block of `factor` by `factor`: nearest neighbour, so edges stay crisp.
 * Throws a `RangeError` unless `factor` is a positive integer.
 */
export const enlarge = (raster: Raster, factor: number): Raster => {
  if (!Number.isInteger(factor) || factor < 1) {
    throw new RangeError(`an image is enlarged by a positive whole number, not by ${factor}`)
  }
  const { channels } = raster
  const width = raster.width * factor
  const height = raster.height * factor
  const pixels = new Uint8Array(width * height * channels)
  for (let row = 0; row < height; row++) {
    const from = Math.floor(row / factor) * raster.width
    for (let column = 0; column < width; column++) {
      const source = (from + Math.floor(column / factor)) * channels
      const target = (row * width + column) * channels
      for (let channel = 0; channel < channels; channel++) {
        pixels[target + channel] = raster.pixels[source + channel] ?? 0
      }
    }
  }
  return { width, height, channels, pixels }
}

/** The same image with three channels; an image that has them already is returned as it is. */
export const toRgb = (raster: Raster): Raster => {
  if (raster.channels === 3) return raster
  const pixels = new Uint8Array(raster.pixels.length * 3)
  for (let i = 0; i < pixels.length; i++) pixels[i] = raster.pixels[Math.floor(i / 3)] ?? 0
  return { width: raster.width, height: raster.height, channels: 3, pixels }
}
