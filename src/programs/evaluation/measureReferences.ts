import * as Effect from "effect/Effect"
import { pixelMeans } from "../../domain/data/Images.ts"
import type { AvailableMeasures } from "../../domain/metrics/AvailableMeasures.ts"
import { mostPairs } from "../../domain/metrics/evaluatedReference.ts"
import type { MeasureError } from "../../domain/metrics/MeasureError.ts"
import type { SampleMeasures } from "../../domain/metrics/SampleMeasures.ts"
import { uniform } from "../../domain/random/noise.ts"
import { sizeOf } from "../../domain/tensor/Shape.ts"
import { type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import type { FeatureError } from "../../layers/features/FeatureExtractor.ts"
import { drawnImages, type EvaluationReference } from "./EvaluationReference.ts"
import { measureAgainst, measureAvailable } from "./measureImages.ts"

/** What the measures are worth: of real images, and of images that are none. */
export interface ReferenceMeasures {
  /** The best that can be expected. */
  readonly testImages: SampleMeasures
  /** Independent pixels, uniform in [0, 1). */
  readonly noise: SampleMeasures
  /** The mean of the training images, over and over. */
  readonly meanImage: SampleMeasures
}

/** The same as far as they can be taken; without test images there is no floor. */
export interface AvailableReferences {
  readonly testImages?: AvailableMeasures
  readonly noise: AvailableMeasures
  readonly meanImage: AvailableMeasures
}

type Failure = BackendError | FeatureError | MeasureError

/**
 * The measures of test images, noise and the mean training image, `count` of each (of test images no more than there
 * are). A Parzen window on the test images would find each of them in itself, so that column's stands on as many
 * training images instead. The mean image's are all defined: its features have no variance, its window is one Gaussian.
 * Fails with a `MeasureError` if one of the measures cannot be taken.
 */
export const measureReferences = Effect.fn("Evaluation.measureReferences")(function* (
  reference: EvaluationReference,
  count: number
): Effect.fn.Return<ReferenceMeasures, Failure, TensorBackend> {
  const { noise, meanImage, window } = yardsticks(reference, count)
  return {
    testImages: yield* measureAgainst(reference, drawnImages(reference.test, count, reference.seed, "floor"), window),
    noise: yield* measureAgainst(reference, noise, noise),
    meanImage: yield* measureAgainst(reference, meanImage, meanImage)
  }
})

/** `measureReferences`, as far as the data and `count` allow. */
export const availableReferences = Effect.fn("availableReferences")(function* (
  reference: EvaluationReference,
  count: number
): Effect.fn.Return<AvailableReferences, Failure, TensorBackend> {
  const { noise, meanImage, window } = yardsticks(reference, count)
  const { test, seed } = reference
  const testImages =
    test.count === 0 ? undefined : yield* measureAvailable(reference, drawnImages(test, count, seed, "floor"), window)
  return {
    ...(testImages !== undefined && { testImages }),
    noise: yield* measureAvailable(reference, noise),
    meanImage: yield* measureAvailable(reference, meanImage)
  }
})

const yardsticks = (
  { training, seed }: EvaluationReference,
  count: number
): { readonly noise: TensorData; readonly meanImage: TensorData; readonly window: TensorData } => {
  const shape = [count, training.channels, training.height, training.width]
  const mean = pixelMeans(training).values
  return {
    noise: tensorData(shape, uniform({ seed, stream: "evaluation/noise", step: 0 }, sizeOf(shape))),
    meanImage: tensorData(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, (_, at) => mean[at % mean.length] ?? 0)
    ),
    window: drawnImages(training, Math.min(count, mostPairs), seed, "window")
  }
}
