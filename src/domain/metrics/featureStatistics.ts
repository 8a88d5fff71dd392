import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import { featureAxes, invalidSamples } from "./invalidSamples.ts"
import { MeasureError } from "./MeasureError.ts"
import { lessRow, meanRow, rowsOf } from "./Rows.ts"

/**
 * The Gaussian fitted to features: all that the Frechet distance needs of a set, so a reference's are computed once.
 */
export interface FeatureStatistics {
  readonly count: number
  /** `[d]`. */
  readonly mean: Float64Array
  /** `[d, d]`, row-major and symmetric; normalised by `count - 1`. */
  readonly covariance: Float64Array
}

/** The least of the greatest variances that is not 0: below it float64 loses digits. */
const leastVariance = 1e-290

/**
 * Mean and covariance of features `[n, d]`, in float64 and two passes, wherever they lie. Fails with a `MeasureError` for fewer than 2
 * samples, and for features so small that float64 has no squares of them. Time `n d^2 / 2`: about 0.1 s for 10,000 x 128.
 */
export const featureStatistics = (features: TensorData): Result.Result<FeatureStatistics, MeasureError> => {
  const fault = invalidSamples({ measure: "feature statistics", axes: featureAxes, atLeast: 2 }, { features })
  if (fault !== undefined) return Result.fail(fault)
  const { count, width, values } = rowsOf(features)
  const mean = meanRow({ count, width, values })
  const centredRows = lessRow({ count, width, values }, mean).values
  const covariance = new Float64Array(width * width)
  for (let n = 0; n < count; n++) {
    const centred = centredRows.subarray(n * width, (n + 1) * width)
    for (let i = 0; i < width; i++) {
      const left = centred[i] ?? 0
      for (let j = i, at = i * width + i; j < width; j++, at++) {
        covariance[at] = (covariance[at] ?? 0) + left * (centred[j] ?? 0)
      }
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = i; j < width; j++) {
      const entry = (covariance[i * width + j] ?? 0) / (count - 1)
      covariance[i * width + j] = entry
      covariance[j * width + i] = entry
    }
  }
  const variance = covariance.reduce((greatest, entry) => Math.max(greatest, entry), 0)
  const varies = centredRows.some((value) => value !== 0)
  if (varies && variance < leastVariance) {
    const problem = "they differ by so little that float64 has no squares of it: scale them up"
    return Result.fail(new MeasureError({ measure: "feature statistics", input: "features", problem }))
  }
  return Result.succeed({ count, mean, covariance })
}
