import * as Effect from "effect/Effect"
import { gatherImages } from "../../domain/data/Images.ts"
import { classFrequencies, classMeasures, mostProbable } from "../../domain/metrics/classes.ts"
import { featureStatistics } from "../../domain/metrics/featureStatistics.ts"
import { frechetDistance } from "../../domain/metrics/frechetDistance.ts"
import type { MeasureError } from "../../domain/metrics/MeasureError.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { classify } from "../classifier/classify.ts"
import type { TrainedClassifier } from "../classifier/TrainedClassifier.ts"
import type { SmallMeasures } from "../training/measureWithin.ts"

/** Training images that samples are compared with. */
const mostReal = 5000

/**
 * Makes what measures a few samples `[n, channels, B, A]` in [0, 1] by a classifier while a generator is trained: the Fréchet distance of their
 * features to those of the first 5,000 training images, their classes, and how sure the classifier is of them. Only values of
 * as many samples can be compared, and not with those of `fovea evaluate`, which takes more of both.
 */
export const smallMeasurer = Effect.fn("Evaluation.smallMeasurer")(function* (classifier: TrainedClassifier) {
  const { training } = yield* Dataset
  const count = Math.min(mostReal, training.count)
  const real = yield* classify(
    classifier,
    gatherImages(
      training,
      Uint32Array.from({ length: count }, (_, i) => i)
    )
  )
  const statistics = yield* Effect.fromResult(featureStatistics(real.features))
  const frequencies = classFrequencies(mostProbable(real.probabilities), classifier.classes)
  return Effect.fnUntraced(function* (
    images: TensorData
  ): Effect.fn.Return<SmallMeasures, BackendError | MeasureError, TensorBackend> {
    const { features, probabilities } = yield* classify(classifier, images)
    const distance = yield* Effect.fromResult(
      frechetDistance(statistics, yield* Effect.fromResult(featureStatistics(features)))
    )
    const classes = yield* Effect.fromResult(classMeasures(probabilities, frequencies))
    return {
      metrics: {
        frechetDistance: distance,
        classEntropy: classes.entropy,
        confidence: classes.confidence.mean
      },
      classes: [...classes.frequencies]
    }
  })
})
