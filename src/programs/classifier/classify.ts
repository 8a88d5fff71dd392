import * as Effect from "effect/Effect"
import { gatherImages, type ImageSet } from "../../domain/data/Images.ts"
import { classifyingProgram } from "../../domain/experiment/classifierTraining.ts"
import { classifierModel } from "../../domain/model/classifier/Classifier.ts"
import { formatShape, type Shape, sameShape, sizeOf } from "../../domain/tensor/Shape.ts"
import { type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import { type BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import type { TrainedClassifier } from "./TrainedClassifier.ts"

/** What a classifier says of `n` images. */
export interface Classification {
  /** `[n, features]`: the activations of its last hidden layer, none below 0. */
  readonly features: TensorData
  /** `[n, classes]`: each row sums to 1. */
  readonly probabilities: TensorData
}

const batch = 200

/**
 * Classifies images `[n, channels, B, A]` in [0, 1] (`n` at least 1), in batches of one size, the last one filled up:
 * what is said of an image does not depend on the others. Dies of a `RangeError` if they are not of the classifier's format.
 */
export const classify = (
  classifier: TrainedClassifier,
  images: TensorData
): Effect.Effect<Classification, BackendError, TensorBackend> => {
  const [count = 0, ...format] = images.shape
  const size = sizeOf(format)
  const pixelsOf = (from: number, to: number) => Float32Array.from(images.values.subarray(from * size, to * size))
  return Effect.withSpan(classifyAll(classifier, count, format, pixelsOf), "Evaluation.classify")
}

/** `classify` for images as bytes, which never stand in memory as numbers all at once. */
export const classifyImageSet = (
  classifier: TrainedClassifier,
  set: ImageSet
): Effect.Effect<Classification, BackendError, TensorBackend> =>
  classifyAll(
    classifier,
    set.count,
    [set.channels, set.height, set.width],
    (from, to) =>
      gatherImages(
        set,
        Uint32Array.from({ length: to - from }, (_, i) => from + i)
      ).values
  )

const classifyAll = Effect.fnUntraced(function* (
  { settings, format, classes, tensors }: TrainedClassifier,
  count: number,
  found: Shape,
  pixelsOf: (from: number, to: number) => TensorData["values"]
): Effect.fn.Return<Classification, BackendError, TensorBackend> {
  const wanted = [format.channels, format.height, format.width]
  if (count < 1 || !sameShape(found, wanted)) {
    throw new RangeError(
      `this classifier takes one image or more of ${formatShape(wanted)}, not ${count} of ${formatShape(found)}`
    )
  }
  const backend = yield* TensorBackend
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const program = classifyingProgram(classifierModel(settings.model, format, classes), batch)
      const executable = yield* backend.compile(program, tensors)
      const features = new Float32Array(count * settings.model.features)
      const probabilities = new Float32Array(count * classes)
      const shape = [batch, ...wanted]
      for (let from = 0; from < count; from += batch) {
        const to = Math.min(from + batch, count)
        const values = new Float32Array(sizeOf(shape))
        values.set(pixelsOf(from, to))
        yield* executable.step({ inputs: { images: tensorData(shape, values) }, noise: { seed: 0, step: 0 } })
        const outputs = yield* executable.readOutputs
        features.set(firstRows(outputs.features, to - from), from * settings.model.features)
        probabilities.set(firstRows(outputs.probabilities, to - from), from * classes)
        // Steps are synchronous inside: without this, Ctrl-C would wait for the last image.
        yield* Effect.yieldNow
      }
      return {
        features: tensorData([count, settings.model.features], features),
        probabilities: tensorData([count, classes], probabilities)
      }
    })
  )
})

const firstRows = ({ shape: [, width = 1], values }: TensorData, rows: number): TensorData["values"] =>
  values.subarray(0, rows * width)
