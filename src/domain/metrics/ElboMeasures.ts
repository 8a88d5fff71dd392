import * as Schema from "effect/Schema"
import { meanAndError } from "./MeanAndError.ts"
import { Estimate } from "./SampleMeasures.ts"

/**
 * What a variational model says of black and white images: the bound `log p(x) >= log p(x | z) - KL(q(z | x) || p(z))` and its
 * two parts, in nats an image, means over the images with their standard errors.
 */
export const ElboMeasures = Schema.Struct({
  /** How many images. */
  count: Schema.Int,
  /** Of the numbers by which the images were binarised and their latents drawn. */
  seed: Schema.Int,
  bound: Estimate,
  logLikelihood: Estimate,
  divergence: Estimate
})
export type ElboMeasures = typeof ElboMeasures.Type

/**
 * The measures from each image's `log p(x | z)` and divergence, both `[n]` in nats. Throws a `RangeError` if there are none, or
 * not as many of the one as of the other.
 */
export const boundMeasures = (
  logLikelihood: ArrayLike<number>,
  divergence: ArrayLike<number>,
  seed: number
): ElboMeasures => {
  const count = logLikelihood.length
  if (divergence.length !== count) throw new RangeError(`${count} likelihoods, but ${divergence.length} divergences`)
  const bounds = Float64Array.from(logLikelihood, (value, i) => value - (divergence[i] ?? Number.NaN))
  return {
    count,
    seed,
    bound: estimate(bounds),
    logLikelihood: estimate(logLikelihood),
    divergence: estimate(divergence)
  }
}

const estimate = (values: ArrayLike<number>): Estimate => {
  const { mean, standardError } = meanAndError(values)
  return { value: mean, standardError }
}
