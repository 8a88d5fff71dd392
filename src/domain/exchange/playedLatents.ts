import type { LatentStep } from "../model/latentPlan.ts"
import { noiseNumbers } from "../random/noiseSource.ts"
import { sizeOf } from "../tensor/Shape.ts"
import { noise } from "../tensor/source.ts"
import type { Distribution } from "../tensor/Tensor.ts"
import type { PlayedLatent } from "./Playable.ts"

/** Samples are drawn in batches of this many, so that sample i of a seed is one and the same wherever it is drawn. */
const batch = 100

/**
 * The random numbers of the first `count` samples of a seed, `[count, ...sizes]`: those that `fovea sample --seed` draws them from.
 * Throws a `RangeError` unless `count` divides 100.
 */
export const latentsOfSeed = (
  { stream, batchAxis, sizes, distribution }: PlayedLatent,
  { seed, count }: { readonly seed: number; readonly count: number }
): Float32Array => {
  if (batch % count !== 0) throw new RangeError(`a page shows a number of samples that divides ${batch}, not ${count}`)
  const source = noise(stream, distribution, sizes.toSpliced(batchAxis, 0, count), batchAxis)
  if (source.op !== "noise") throw new Error("internal: noise is no noise")
  const drawn = noiseNumbers(source, { seed, step: 0 }, { index: 0, count: batch / count, examples: count })
  const [outer, inner] = [sizeOf(sizes.slice(0, batchAxis)), sizeOf(sizes.slice(batchAxis))]
  const rows = new Float32Array(drawn.length)
  for (let o = 0; o < outer; o++) {
    for (let row = 0; row < count; row++) {
      const from = (o * count + row) * inner
      rows.set(drawn.subarray(from, from + inner), (row * outer + o) * inner)
    }
  }
  return rows
}

/** The middle of a distribution: what a random number is where it is not to be random. */
const middleOf = (distribution: Distribution): number => (distribution.kind === "normal" ? 0 : 0.5)

/**
 * Random numbers with another mean and spread: moved by `mean` and `deviation` times as far from the middle of their
 * distribution. With 0 and 1 they are what they were, bit for bit. Masks of zeros and ones stay as they are.
 */
export const movedLatents = (
  distribution: Distribution,
  values: Float32Array,
  { mean, deviation }: LatentStep
): Float32Array => {
  if (distribution.kind === "bernoulli" || (mean === 0 && deviation === 1)) return values
  const middle = middleOf(distribution)
  return values.map((value) => middle + mean + deviation * (value - middle))
}

/**
 * The random numbers at `share` (0 to 1) of the way from `a` to `b`: normal ones along the arc between them, so that all
 * on the way are as long as random ones are; uniform ones along the line; of masks the nearer.
 */
export const latentsBetween = (
  distribution: Distribution,
  a: Float32Array,
  b: Float32Array,
  share: number
): Float32Array => {
  if (share === 0 || share === 1) return share === 0 ? a : b
  if (distribution.kind === "bernoulli") return share < 0.5 ? a : b
  const angle = distribution.kind === "normal" ? angleBetween(a, b) : 0
  // Along one direction the arc is a line.
  const [ofA, ofB] =
    Math.sin(angle) < 1e-6
      ? [1 - share, share]
      : [Math.sin((1 - share) * angle) / Math.sin(angle), Math.sin(share * angle) / Math.sin(angle)]
  return a.map((value, i) => ofA * value + ofB * (b[i] ?? 0))
}

const angleBetween = (a: Float32Array, b: Float32Array): number => {
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((total, value, i) => total + value * (y[i] ?? 0), 0)
  const lengths = Math.sqrt(dot(a, a) * dot(b, b))
  return lengths === 0 ? 0 : Math.acos(Math.min(1, Math.max(-1, dot(a, b) / lengths)))
}
