import { uniform } from "../random/noise.ts"
import { type ImageSet, imageSet } from "./Images.ts"

/** Which images of several digits, and how many; `seed` and `stream` choose digits and places. */
export interface PlacementSettings {
  readonly count: number
  /** Digits in each image. */
  readonly digits: number
  /** Of the image; neither may be less than the digits'. */
  readonly height: number
  readonly width: number
  /** What is seen where digits overlap: the greater value, or the sum, at most 255. */
  readonly overlap: "maximum" | "sum"
  readonly seed: number
  /** Images of different streams are different draws. */
  readonly stream: string
}

/** Where a digit is in an image. */
export interface PlacedDigit {
  /** Index of the digit in the set it was taken from. */
  readonly index: number
  /** Row and column (from 0) of the upper left corner of the digit's own image. */
  readonly top: number
  readonly left: number
}

/** Images of several digits, and for each its digits in the order in which they were drawn. */
export interface SeveralDigits {
  readonly images: ImageSet
  /** `[count][digits]`. */
  readonly placed: ReadonlyArray<ReadonlyArray<PlacedDigit>>
}

/** Uniform numbers spent on a digit: which, row, column. */
const DRAWS = 3

/** Labels are bytes, and `C(k + 9, k)` classes of `k` digits are too many of them from `k = 4` on. */
const MOST_LABELLED = 3

/**
 * Images with several digits of a set at independent random places, each digit's own image lying whole within; they may
 * overlap. A pure function of its arguments, and image `i` does not depend on `count`.
 *
 * An image's label says which digits are in it, whatever their places: the rank of the sorted labels `l_1 <= .. <= l_k` among
 * all such, `sum_j C(l_j + j - 1, j)` (the combinatorial number system: Knuth, The Art of Computer Programming 4A, 7.2.1.3),
 * so 10 classes of one digit, 55 of two, 220 of three. There are no labels for more, and none if the digits have none or any
 * label above 9.
 *
 * Throws a `RangeError` if `count` or `digits` is not a positive integer, the set is empty, or its images are larger than
 * those asked for, or its bytes do not fit its sizes; and for a bad seed.
 */
export const severalDigits = (source: ImageSet, settings: PlacementSettings): SeveralDigits => {
  const { count, digits, height, width, overlap, seed, stream } = settings
  for (const [name, number] of Object.entries({ count, digits, "the digits' count": source.count })) {
    if (!Number.isSafeInteger(number) || number < 1) {
      throw new RangeError(`${name} must be a positive integer, not ${number}`)
    }
  }
  if (source.height > height || source.width > width) {
    const own = `${source.height} x ${source.width}`
    throw new RangeError(`Digits of ${own} pixels do not fit in images of ${height} x ${width}`)
  }
  imageSet(source)
  const draws = uniform({ seed, stream, step: 0 }, count * digits * DRAWS)
  const drawBelow = (at: number, choices: number): number => Math.floor((draws[at] ?? 0) * choices)
  const { channels } = source
  const pixels = new Uint8Array(count * channels * height * width)
  const placed = Array.from({ length: count }, (_, n) =>
    Array.from({ length: digits }, (_, k): PlacedDigit => {
      const at = (n * digits + k) * DRAWS
      return {
        index: drawBelow(at, source.count),
        top: drawBelow(at + 1, height - source.height + 1),
        left: drawBelow(at + 2, width - source.width + 1)
      }
    })
  )
  const size = channels * height * width
  placed.forEach((ofImage, n) => {
    const image = pixels.subarray(n * size, (n + 1) * size)
    for (const digit of ofImage) lay(image, { height, width }, source, digit, overlap)
  })
  const labels = labelsOf(source, placed, digits)
  return { images: imageSet({ count, channels, height, width, pixels, labels }), placed }
}

/** Lays a digit onto an image, in place: the image has just been made here. */
const lay = (
  image: Uint8Array,
  { height, width }: { readonly height: number; readonly width: number },
  source: ImageSet,
  { index, top, left }: PlacedDigit,
  overlap: "maximum" | "sum"
): void => {
  let from = index * source.channels * source.height * source.width
  for (let channel = 0; channel < source.channels; channel++) {
    for (let row = 0; row < source.height; row++) {
      const to = (channel * height + top + row) * width + left
      for (let column = 0; column < source.width; column++, from++) {
        const below = image[to + column] ?? 0
        const value = source.pixels[from] ?? 0
        image[to + column] = overlap === "maximum" ? Math.max(below, value) : Math.min(below + value, 255)
      }
    }
  }
}

const labelsOf = ({ labels }: ImageSet, placed: SeveralDigits["placed"], digits: number): Uint8Array | undefined => {
  if (labels === undefined || digits > MOST_LABELLED || labels.some((label) => label > 9)) return undefined
  return Uint8Array.from(placed, (ofImage) =>
    ofImage
      .map(({ index }) => labels[index] ?? 0)
      .sort((a, b) => a - b)
      .reduce((rank, label, j) => rank + chosen(label + j, j + 1), 0)
  )
}

/** `C(n, k)` for small numbers. */
const chosen = (n: number, k: number): number => {
  let ways = 1
  for (let i = 0; i < k; i++) ways = (ways * (n - i)) / (i + 1)
  return ways
}
