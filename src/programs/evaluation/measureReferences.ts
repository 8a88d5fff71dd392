import * as Effect from "effect/Effect"
import { pixelMeans } from "../../domain/dataset/Images.ts"
import { mostPairs } from "../../domain/evaluation/judgedReference.ts"
import type { MeasureError } from "../../domain/evaluation/MeasureError.ts"
import type { SampleMeasures } from "../../domain/evaluation/SampleMeasures.ts"
import { uniform } from "../../domain/random/noise.ts"
import { sizeOf } from "../../domain/tensor/Shape.ts"
import { tensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { drawnImages, type EvaluationReference } from "./EvaluationReference.ts"
import { measureAgainst, measureSamples } from "./measurePictures.ts"

/** What the measures are worth: of real pictures, and of pictures that are none. */
export interface ReferenceMeasures {
  /** The best that can be expected. */
  readonly testImages: SampleMeasures
  /** Independent pixels, uniform in [0, 1). */
  readonly noise: SampleMeasures
  /** The mean of the training images, over and over. */
  readonly meanImage: SampleMeasures
}

/**
 * The measures of test images, noise and the mean training image, `count` of each (of test images no more than there
 * are). A Parzen window on the test images would find each of them in itself, so that column's stands on as many
 * training images instead. The mean image's are all defined: its features have no variance, its window is one Gaussian.
 */
export const measureReferences = Effect.fn("measureReferences")(function* (
  reference: EvaluationReference,
  count: number
): Effect.fn.Return<ReferenceMeasures, BackendError | MeasureError, TensorBackend> {
  const { test, training, seed } = reference
  const shape = [count, test.channels, test.height, test.width]
  const mean = pixelMeans(training).values
  const window = drawnImages(training, Math.min(count, mostPairs), seed, "window")
  return {
    testImages: yield* measureAgainst(reference, drawnImages(test, count, seed, "floor"), window),
    noise: yield* measureSamples(
      reference,
      tensorData(shape, uniform({ seed, stream: "evaluation/noise", step: 0 }, sizeOf(shape)))
    ),
    meanImage: yield* measureSamples(
      reference,
      tensorData(
        shape,
        Float32Array.from({ length: sizeOf(shape) }, (_, at) => mean[at % mean.length] ?? 0)
      )
    )
  }
})
