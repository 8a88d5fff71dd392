import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import { probabilitiesFault } from "./invalidSamples.ts"
import { type MeanAndError, meanAndError } from "./MeanAndError.ts"
import type { MeasureError } from "./MeasureError.ts"

/**
 * The Inception score's formula on any classifier's probabilities `p(c|x)`, `[n, classes]` (Salimans, Goodfellow,
 * Zaremba, Cheung, Radford, Chen: Improved techniques for training GANs, NeurIPS 2016, section 4):
 *
 *     exp( mean_x sum_c p(c|x) ln (p(c|x) / p(c)) ),   p(c) = mean_x p(c|x)
 *
 * over all samples at once, as Barratt and Sharma recommend (A note on the Inception score, 2018): published scores are means over ten
 * consecutive parts, which depend on the order of the samples and are lower the smaller a part is. In [1, classes],
 * more is better: `classes` if every image is surely of one class and all classes are equally frequent, 1 if the
 * images tell nothing about the class. It does not see whether the images are like the data or vary within a class.
 * Biased low for few samples: compare equal n. Not comparable with scores made by the Inception network.
 *
 * The standard error is that of the mean of the divergences, times the score, to first order: p(c) adds nothing to it, since
 * the divergences' mean is least there. NaN for one sample. Fails with a `MeasureError` if there is none, or for what is not
 * probabilities. Time `n classes`.
 */
export const inceptionScore = (probabilities: TensorData): Result.Result<MeanAndError, MeasureError> => {
  const fault = probabilitiesFault("Inception score", probabilities, 1)
  if (fault !== undefined) return Result.fail(fault)
  const { values } = probabilities
  const [count = 0, classes = 0] = probabilities.shape
  const marginal = new Float64Array(classes)
  values.forEach((p, at) => {
    marginal[at % classes] = (marginal[at % classes] ?? 0) + p / count
  })
  const divergences = Float64Array.from({ length: count }, (_, n) => {
    let divergence = 0
    values.subarray(n * classes, (n + 1) * classes).forEach((p, c) => {
      // p ln p tends to 0; the marginal is positive wherever p is.
      if (p > 0) divergence += p * Math.log(p / (marginal[c] ?? 1))
    })
    return divergence
  })
  const { mean, standardError } = meanAndError(divergences)
  // Rounding must not take it out of its range.
  const score = Math.max(1, Math.exp(mean))
  return Result.succeed({ mean: score, standardError: score * standardError, count })
}
