import * as Effect from "effect/Effect"
import { gatherRows, type ImageSet } from "../../domain/data/Images.ts"
import { classifyingProgram } from "../../domain/experiment/classifierTraining.ts"
import { classifierModel } from "../../domain/model/classifier/Classifier.ts"
import { formatShape, type Shape, sameShape } from "../../domain/tensor/Shape.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { rowsFrom, runKnownSampler } from "../sampling/runSampler.ts"
import type { TrainedClassifier } from "./TrainedClassifier.ts"

/** What a classifier says of `n` images. */
export interface Classification {
  /** `[n, features]`: the activations of its last hidden layer, none below 0. */
  readonly features: TensorData
  /** `[n, classes]`: each row sums to 1. */
  readonly probabilities: TensorData
}

/**
 * Classifies images `[n, channels, B, A]` in [0, 1] (`n` at least 1), a batch at a time:
 * what is said of an image does not depend on the others. Dies of a `RangeError` if they are not of the classifier's format.
 */
export const classify = (
  classifier: TrainedClassifier,
  images: TensorData
): Effect.Effect<Classification, BackendError, TensorBackend> => {
  const [count = 0, ...format] = images.shape
  const rows = (first: number, size: number) => rowsFrom(images, first, size)
  return Effect.withSpan(classifyAll(classifier, count, format, rows), "Evaluation.classify")
}

/** `classify` for images as bytes, which never stand in memory as numbers all at once. */
export const classifyImageSet = (
  classifier: TrainedClassifier,
  set: ImageSet
): Effect.Effect<Classification, BackendError, TensorBackend> =>
  classifyAll(classifier, set.count, [set.channels, set.height, set.width], (first, size) =>
    gatherRows(set, first, size)
  )

const classifyAll = Effect.fnUntraced(function* (
  { settings, format, classes, tensors }: TrainedClassifier,
  count: number,
  found: Shape,
  rows: (first: number, size: number) => TensorData
): Effect.fn.Return<Classification, BackendError, TensorBackend> {
  const wanted = [format.channels, format.height, format.width]
  if (count < 1 || !sameShape(found, wanted)) {
    throw new RangeError(
      `this classifier takes one image or more of ${formatShape(wanted)}, not ${count} of ${formatShape(found)}`
    )
  }
  const model = classifierModel(settings.model, format, classes)
  return yield* runKnownSampler((batch) => classifyingProgram(model, batch), tensors, {
    count,
    seed: 0,
    rows: (first, size) => ({ images: rows(first, size) })
  })
})
