import { type ImageSet, imageSize, selectImages } from "../data/Images.ts"
import type { NoiseKey } from "../random/noise.ts"
import { permutation } from "../random/permutation.ts"
import { sizeOf } from "../tensor/Shape.ts"
import { type TensorData, tensorData } from "../tensor/TensorData.ts"

/** Samples one behind another, each of `width` numbers. */
interface Content {
  readonly count: number
  readonly width: number
  readonly values: Float32Array | Float64Array | Uint8Array
}

/**
 * A random order of samples that depends on what they are and on `key`, and not on where they are: whatever the order in which they are
 * given, the same samples come out in the same order. What chooses some of many samples, or deals them to groups, chooses by it, so that
 * no measure depends on the order of files. Equal samples are apart, as in any random order. Indices, `[count]`. Time: that
 * of reading all numbers twice.
 */
export const contentOrder = (samples: Content, key: NoiseKey): Uint32Array => {
  const sorted = sortedByContent(samples)
  return permutation(key, samples.count).map((place) => sorted[place] ?? 0)
}

/** Indices of the samples in an order of their contents, by a hash first, since the first numbers of images are often equal. */
const sortedByContent = ({ count, width, values }: Content): Uint32Array => {
  const hashes = new Uint32Array(count)
  const sample = new Float64Array(width)
  const words = new Uint32Array(sample.buffer)
  for (let n = 0; n < count; n++) {
    sample.set(values.subarray(n * width, (n + 1) * width))
    let hash = 0x811c9dc5
    for (const word of words) {
      hash = Math.imul(hash ^ word, 0x9e3779b1)
      hash ^= hash >>> 15
    }
    hashes[n] = hash
  }
  const byContent = (left: number, right: number): number => {
    for (let i = left * width, j = right * width; i < (left + 1) * width; i++, j++) {
      const difference = (values[i] ?? 0) - (values[j] ?? 0)
      if (difference !== 0) return difference
    }
    return 0
  }
  return Uint32Array.from({ length: count }, (_, n) => n).sort(
    (left, right) => (hashes[left] ?? 0) - (hashes[right] ?? 0) || byContent(left, right)
  )
}

/** Samples `[n, ..]` in their `contentOrder`. */
export const inContentOrder = ({ shape, values }: TensorData, key: NoiseKey): TensorData => {
  const [count = 0, ...rest] = shape
  const width = sizeOf(rest)
  const ordered = values.slice()
  contentOrder({ count, width, values }, key).forEach((from, to) => {
    ordered.set(values.subarray(from * width, (from + 1) * width), to * width)
  })
  return tensorData(shape, ordered)
}

/** Images in their `contentOrder`, each with its label. */
export const imagesInContentOrder = (set: ImageSet, key: NoiseKey): ImageSet =>
  selectImages(set, contentOrder({ count: set.count, width: imageSize(set), values: set.pixels }, key))
