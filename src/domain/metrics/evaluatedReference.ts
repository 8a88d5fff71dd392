import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import type { Attempt } from "./AvailableMeasures.ts"
import { type FeatureStatistics, featureStatistics } from "./featureStatistics.ts"
import { greyness } from "./greyness.ts"
import type { MeanAndError } from "./MeanAndError.ts"
import { MeasureError } from "./MeasureError.ts"
import { subsample } from "./Rows.ts"
import { sharpness } from "./sharpness.ts"
import { speckle } from "./speckle.ts"

/** Images as a classifier sees them. */
export interface EvaluatedImages {
  /** `[n, channels, B, A]` in [0, 1]. */
  readonly images: TensorData
  /** `[n, d]`. */
  readonly features: TensorData
  /** `[n, classes]`. */
  readonly probabilities: TensorData
}

/** Features of the real data. */
export interface RealFeatures {
  /** Of the features of all training images. */
  readonly statistics: FeatureStatistics
  /** Features of at most `mostPairs` training images, drawn by the seed: what measures over pairs compare with. */
  readonly features: TensorData
}

/** What is computed of the real data once, for all sets of samples that are measured against it. */
export interface EvaluatedReference extends RealFeatures {
  /** `[classes]`: the share of each class among the training images. */
  readonly classFrequencies: Float64Array
  /** Of all test images. */
  readonly testSharpness: MeanAndError
  readonly testGreyness: MeanAndError
  readonly testSpeckle: MeanAndError
}

/** How test images look, as far as there are any that can be compared with. */
export interface RealLooks {
  readonly testSharpness: Attempt<MeanAndError>
  readonly testGreyness: Attempt<MeanAndError>
  readonly testSpeckle: Attempt<MeanAndError>
}

/** Samples of each kind that measures over pairs use at most; their cost grows with its square. */
export const mostPairs = 10_000

/** The real data, seen by the classifier that is to judge the samples. */
export interface RealData {
  /** `[n, d]`: of all training images. */
  readonly trainingFeatures: TensorData
  /** `[classes]`. */
  readonly classFrequencies: Float64Array
  /** `[n, channels, B, A]`. */
  readonly testImages: TensorData
  /** Of the choice of training images where not all are used. */
  readonly seed: number
}

/**
 * The reference that real data make. Fails with a `MeasureError` for fewer than 2 training images, or test images
 * without any edge, which nothing's sharpness can be compared with.
 */
export const evaluatedReference = (real: RealData): Result.Result<EvaluatedReference, MeasureError> =>
  Result.map(
    Result.all({ ...realLooks(real.testImages), features: realFeatures(real.trainingFeatures, real.seed) }),
    ({ features, ...looks }) => ({ ...looks, ...features, classFrequencies: real.classFrequencies })
  )

/** Features of training images `[n, d]`, those for pairs drawn by the seed. Fails with a `MeasureError` for fewer than 2. */
export const realFeatures = (training: TensorData, seed: number): Attempt<RealFeatures> =>
  Result.map(featureStatistics(training), (statistics) => ({
    statistics,
    features: subsample(training, mostPairs, pairKey(seed, "training"))
  }))

/** How test images `[n, channels, B, A]` look; all fail for none, and sharpness for such as are flat. */
export const realLooks = (test: TensorData): RealLooks => ({
  testSharpness: Result.flatMap(sharpness(test), (found) => {
    if (found.mean > 0) return Result.succeed(found)
    const problem = "all are flat, so no sharpness can be compared with theirs"
    return Result.fail(new MeasureError({ measure: "sharpness", input: "test images", problem }))
  }),
  testGreyness: greyness(test),
  testSpeckle: speckle(test)
})

/** The key that draws samples for measures over pairs. */
export const pairKey = (seed: number, set: string) => ({ seed, stream: `evaluation/pairs/${set}`, step: 0 })
