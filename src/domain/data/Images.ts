import type { PixelMarginals } from "../nn/parameter.ts"
import { uniform } from "../random/noise.ts"
import { type TensorData, tensorData } from "../tensor/TensorData.ts"

/**
 * Images as bytes, all of one size, with or without a class for each. `height` is the paper's B, `width` its A. One may be made
 * by hand: whatever reads its images throws a `RangeError`, as `imageSet` does, where its bytes do not fit its sizes.
 */
export interface ImageSet {
  readonly count: number
  readonly channels: number
  readonly height: number
  readonly width: number
  /** `[count, channels, B, A]`, row-major; 0 is 0 and 255 is 1. */
  readonly pixels: Uint8Array
  /** `[count]`, or undefined where the images have no classes. */
  readonly labels: Uint8Array | undefined
}

/** Bytes of one image. */
export const imageSize = (set: ImageSet): number => set.channels * set.height * set.width

/**
 * The same set, its sizes checked against its bytes; `count` may be 0.
 * Throws a `RangeError` if `pixels` does not hold `[count, channels, B, A]` or `labels` not `[count]` (a programmer's
 * mistake).
 */
export const imageSet = (set: ImageSet): ImageSet => {
  const expected = set.count * imageSize(set)
  if (set.pixels.length !== expected) {
    throw new RangeError(
      `${set.pixels.length} bytes are not ${set.count} images of ${set.channels} channels, ${set.height} rows and ` +
        `${set.width} columns: those are ${expected}`
    )
  }
  if (set.labels !== undefined && set.labels.length !== set.count) {
    throw new RangeError(`${set.labels.length} labels do not fit ${set.count} images`)
  }
  return set
}

/**
 * The images with the given indices, in that order (an index may occur again): `[n, channels, B, A]`, float32 in [0,
 * 1].
 * Throws a `RangeError` for an index outside the set and for no index at all, since the language has no empty
 * tensors.
 */
export const gatherImages = (set: ImageSet, indices: ArrayLike<number>): TensorData => {
  if (indices.length === 0) throw new RangeError("No images were asked for, and there are no empty tensors")
  const size = imageSize(imageSet(set))
  const values = new Float32Array(indices.length * size)
  const { pixels } = set
  for (let n = 0; n < indices.length; n++) {
    const index = indices[n] ?? -1
    if (!Number.isInteger(index) || index < 0 || index >= set.count) {
      throw new RangeError(`There is no image ${index} in a set of ${set.count}`)
    }
    const from = index * size
    const to = n * size
    for (let i = 0; i < size; i++) values[to + i] = (pixels[from + i] ?? 0) / 255
  }
  return tensorData([indices.length, set.channels, set.height, set.width], values)
}

/** `count` images from `first` on, the last of the set again where there are none left; as `gatherImages` otherwise. */
export const gatherRows = (set: ImageSet, first: number, count: number): TensorData =>
  gatherImages(
    set,
    Uint32Array.from({ length: count }, (_, i) => Math.min(first + i, set.count - 1))
  )

/**
 * The mean of each pixel over the set: `[channels, B, A]`, float32 in [0, 1]. The paper's canvas begins at these
 * marginals (section 2.4), Goodfellow's output bias at their logits.
 * Throws a `RangeError` for an empty set.
 */
export const pixelMeans = (set: ImageSet): TensorData => {
  if (set.count === 0) throw new RangeError("An empty set of images has no means")
  const size = imageSize(imageSet(set))
  // Sums of bytes are exact in float64.
  const sums = new Float64Array(size)
  for (let n = 0, at = 0; n < set.count; n++) {
    for (let i = 0; i < size; i++, at++) sums[i] = (sums[i] ?? 0) + (set.pixels[at] ?? 0)
  }
  const scale = 255 * set.count
  return tensorData(
    [set.channels, set.height, set.width],
    Float32Array.from(sums, (sum) => sum / scale)
  )
}

/**
 * The images `from .. to - 1` as a set of its own; the bytes are shared, not copied.
 * Throws a `RangeError` unless `0 <= from <= to <= count`.
 */
export const takeImages = (set: ImageSet, from: number, to: number): ImageSet => {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to < from || to > set.count) {
    throw new RangeError(`Images ${from} to ${to} are not a part of a set of ${set.count}`)
  }
  const size = imageSize(imageSet(set))
  return {
    ...set,
    count: to - from,
    pixels: set.pixels.subarray(from * size, to * size),
    labels: set.labels?.subarray(from, to)
  }
}

/**
 * The images with the given indices as a set of its own, in that order; the bytes are copied. There may be none.
 * Throws a `RangeError` for an index outside the set.
 */
export const selectImages = (set: ImageSet, indices: Uint32Array): ImageSet => {
  const size = imageSize(imageSet(set))
  const pixels = new Uint8Array(indices.length * size)
  indices.forEach((index, n) => {
    if (index >= set.count) throw new RangeError(`There is no image ${index} in a set of ${set.count}`)
    pixels.set(set.pixels.subarray(index * size, (index + 1) * size), n * size)
  })
  return {
    ...set,
    count: indices.length,
    pixels,
    labels: set.labels && Uint8Array.from(indices, (i) => set.labels?.[i] ?? 0)
  }
}

/**
 * The images of several sets of one size, one set behind the other, in a set of its own. It has labels if all have.
 * Throws a `RangeError` for no set, and unless all have the same channels, rows and columns.
 */
export const joinImages = (sets: ReadonlyArray<ImageSet>): ImageSet => {
  const [first] = sets
  if (first === undefined) throw new RangeError("No sets of images cannot be joined")
  const { channels, height, width } = first
  const size = imageSize(first)
  const count = sets.reduce((total, set) => total + set.count, 0)
  const pixels = new Uint8Array(count * size)
  const labels = new Uint8Array(count)
  let at = 0
  for (const set of sets.map(imageSet)) {
    if (set.channels !== channels || set.height !== height || set.width !== width) {
      throw new RangeError("Only sets of images of one size can be joined")
    }
    pixels.set(set.pixels, at * size)
    labels.set(set.labels ?? [], at)
    at += set.count
  }
  const labelled = sets.every((set) => set.labels !== undefined)
  return { count, channels, height, width, pixels, labels: labelled ? labels : undefined }
}

/** The images, and behind them each of them mirrored, left for right: twice as many. */
export const withMirrored = (set: ImageSet): ImageSet => {
  const { width } = set
  const pixels = new Uint8Array(set.pixels.length)
  for (let row = 0; row < pixels.length; row += width) {
    for (let column = 0; column < width; column++) {
      pixels[row + column] = set.pixels[row + width - 1 - column] ?? 0
    }
  }
  return joinImages([set, { ...set, pixels }])
}

/**
 * What parameters may begin from (section 2.4: c_0 starts at "values sampled from the marginal distribution of the training
 * data"): the mean of each pixel, and each pixel's value in a training image drawn for it alone.
 */
export const pixelMarginals = (set: ImageSet, seed: number): PixelMarginals => {
  const size = imageSize(imageSet(set))
  const draws = uniform({ seed, stream: "data/marginals", step: 0 }, size)
  const sample = draws.map((u, i) => (set.pixels[Math.floor(u * set.count) * size + i] ?? 0) / 255)
  return { mean: pixelMeans(set), sample: tensorData([set.channels, set.height, set.width], sample) }
}
