import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import type { MeasureError } from "./MeasureError.ts"
import { rowsOf } from "./Rows.ts"
import { featureAxes, samplesFault } from "./samplesFault.ts"

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

/**
 * Mean and covariance of features `[n, d]`, in float64 and two passes. Fails with a `MeasureError` for fewer than 2
 * samples. Time `n d^2 / 2`: about 0.1 s for 10,000 x 128.
 */
export const featureStatistics = (features: TensorData): Result.Result<FeatureStatistics, MeasureError> => {
  const fault = samplesFault({ measure: "feature statistics", axes: featureAxes, atLeast: 2 }, { features })
  if (fault !== undefined) return Result.fail(fault)
  const { count, width, values } = rowsOf(features)
  const mean = new Float64Array(width)
  for (let n = 0, at = 0; n < count; n++) {
    for (let i = 0; i < width; i++, at++) mean[i] = (mean[i] ?? 0) + (values[at] ?? 0) / count
  }
  const covariance = new Float64Array(width * width)
  const centred = new Float64Array(width)
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < width; i++) centred[i] = (values[n * width + i] ?? 0) - (mean[i] ?? 0)
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
  return Result.succeed({ count, mean, covariance })
}
