import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import type { MeasureError } from "./MeasureError.ts"
import { probabilitiesFault } from "./samplesFault.ts"

/** The score over the parts that the samples are split into. */
export interface InceptionScore {
  readonly mean: number
  /**
   * Standard deviation between the parts (dividing by their number, as published scores do): not an error of the mean.
   */
  readonly deviation: number
  readonly splits: number
}

/**
 * The Inception score's formula on any classifier's probabilities `p(c|x)`, `[n, classes]` (Salimans, Goodfellow,
 * Zaremba, Cheung, Radford, Chen: Improved techniques for training GANs, NeurIPS 2016, section 4):
 *
 *     exp( mean_x sum_c p(c|x) ln (p(c|x) / p(c)) ),   p(c) = mean_x p(c|x)
 *
 * over consecutive parts of the samples (10 as published), which therefore must come in random order. In [1, classes],
 * more is better: `classes` if every picture is surely of one class and all classes are equally frequent, 1 if the
 * pictures tell nothing about the class. It does not see whether the pictures are like the data or vary within a class.
 * Biased low by small parts: compare equal n. Not comparable with scores made by the Inception network.
 *
 * Fails with a `MeasureError` for fewer than 2 samples a part. Throws a `RangeError` if `splits` is not a positive
 * integer. Time `n classes`.
 */
export const inceptionScore = (probabilities: TensorData, splits = 10): Result.Result<InceptionScore, MeasureError> => {
  if (!Number.isInteger(splits) || splits < 1) throw new RangeError(`Samples cannot be split into ${splits} parts`)
  const fault = probabilitiesFault("Inception score", probabilities, 2 * splits)
  if (fault !== undefined) return Result.fail(fault)
  const { values } = probabilities
  const [count = 0, classes = 0] = probabilities.shape
  const scores = Array.from({ length: splits }, (_, part) => {
    const from = Math.floor((part * count) / splits)
    const to = Math.floor(((part + 1) * count) / splits)
    return score(values.subarray(from * classes, to * classes), classes)
  })
  const mean = scores.reduce((total, value) => total + value, 0) / splits
  const variance = scores.reduce((total, value) => total + (value - mean) ** 2, 0) / splits
  return Result.succeed({ mean, deviation: Math.sqrt(variance), splits })
}

const score = (values: Float32Array | Float64Array, classes: number): number => {
  const count = values.length / classes
  const marginal = new Float64Array(classes)
  values.forEach((p, at) => {
    marginal[at % classes] = (marginal[at % classes] ?? 0) + p / count
  })
  let divergence = 0
  values.forEach((p, at) => {
    // p ln p tends to 0; the marginal is positive wherever p is.
    if (p > 0) divergence += p * Math.log(p / (marginal[at % classes] ?? 1))
  })
  return Math.exp(divergence / count)
}
