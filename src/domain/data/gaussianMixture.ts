import { standardNormal, uniform } from "../random/noise.ts"
import { type Examples, examples, floats } from "./Examples.ts"

/** Which mixture, and how many points are drawn from it. */
export interface GaussianMixture {
  /** The means of the Gaussians, which are equally probable: `d` numbers each. */
  readonly centres: ReadonlyArray<ReadonlyArray<number>>
  /** Of each Gaussian, in every direction. */
  readonly standardDeviation: number
  readonly count: number
  readonly seed: number
}

/**
 * Points of a mixture of Gaussians, a toy on which one sees what a generator misses: the array `points`, `[d]` each. A pure function
 * of its settings; point `i` does not depend on `count`. Throws a `RangeError` for centres that are none or differ in length, a
 * deviation that is negative or not finite, or a count that is not a positive integer.
 */
export const gaussianMixture = ({ centres, standardDeviation, count, seed }: GaussianMixture): Examples<"points"> => {
  const dimension = centres[0]?.length ?? 0
  if (dimension === 0 || centres.some((centre) => centre.length !== dimension)) {
    const found = centres.map((centre) => centre.length).join(", ") || "none"
    throw new RangeError(`a mixture has centres of one dimension, at least one; their lengths are: ${found}`)
  }
  if (!(standardDeviation >= 0 && standardDeviation < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`a mixture's standard deviation is a number from 0 on, not ${standardDeviation}`)
  }
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`the number of points is a positive integer, not ${count}`)
  }
  const which = uniform({ seed, stream: "gaussianMixture/which", step: 0 }, count)
  const noise = standardNormal({ seed, stream: "gaussianMixture/noise", step: 0 }, count * dimension)
  const values = noise.map((z, i) => {
    const centre = centres[Math.floor((which[Math.floor(i / dimension)] ?? 0) * centres.length)]
    return (centre?.[i % dimension] ?? 0) + standardDeviation * z
  })
  return examples({ points: floats([dimension], values) })
}
