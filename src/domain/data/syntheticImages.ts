import { uniform } from "../random/noise.ts"
import { type ImageSet, imageSet } from "./Images.ts"

/** The classes of the synthetic images; an image's label is the index of its class. */
export const SYNTHETIC_CLASSES = ["blob", "horizontal bar", "vertical bar"] as const

/** How many images, and of what size; `seed` and `stream` choose them. */
export interface SyntheticSettings {
  readonly count: number
  readonly channels: number
  readonly height: number
  readonly width: number
  readonly seed: number
  /** Images of different streams are different draws, such as training and test. */
  readonly stream: string
}

/** Uniform numbers spent on an image: class, centre (2), thickness, brightness. */
const DRAWS = 5

/**
 * Images that are quickly made, for tests and first trials: one bright thing with soft edges on black, a Gaussian
 * blob or a bar across the image, at a random place, of random thickness and brightness, the same in every channel.
 * A pure function of the settings, and image `i` does not depend on `count`.
 * Throws a `RangeError` if a size is not a positive integer, or for a seed that is not a non-negative safe integer.
 */
export const syntheticImages = (settings: SyntheticSettings): ImageSet => {
  const { count, channels, height, width, seed, stream } = settings
  for (const [name, size] of Object.entries({ count, channels, height, width })) {
    if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(`${name} must be a positive integer, not ${size}`)
  }
  const draws = uniform({ seed, stream, step: 0 }, count * DRAWS)
  const area = height * width
  const pixels = new Uint8Array(count * channels * area)
  const labels = new Uint8Array(count)
  for (let n = 0; n < count; n++) {
    const draw = (i: number): number => draws[n * DRAWS + i] ?? 0
    const label = Math.floor(draw(0) * SYNTHETIC_CLASSES.length)
    const row = draw(1) * (height - 1)
    const column = draw(2) * (width - 1)
    const deviation = Math.min(height, width) * (0.1 + 0.1 * draw(3))
    const brightness = 128 + 127 * draw(4)
    const first = n * channels * area
    for (let b = 0; b < height; b++) {
      for (let a = 0; a < width; a++) {
        // A bar is a Gaussian in the one direction and endless in the other.
        const rows = label === 2 ? 0 : (b - row) / deviation
        const columns = label === 1 ? 0 : (a - column) / deviation
        pixels[first + b * width + a] = Math.round(brightness * Math.exp(-(rows * rows + columns * columns) / 2))
      }
    }
    for (let channel = 1; channel < channels; channel++) {
      pixels.copyWithin(first + channel * area, first, first + area)
    }
    labels[n] = label
  }
  return imageSet({ count, channels, height, width, pixels, labels })
}
