import * as Effect from "effect/Effect"
import { gatherImages, type ImageSet, imageSize } from "../../domain/dataset/Images.ts"
import { classFrequencies, mostProbable } from "../../domain/evaluation/classes.ts"
import {
  type JudgedPictures,
  type JudgedReference,
  judgedReference,
  pairKey
} from "../../domain/evaluation/judgedReference.ts"
import { MeasureError } from "../../domain/evaluation/MeasureError.ts"
import { fewestSamples } from "../../domain/evaluation/measureSamples.ts"
import { permutation } from "../../domain/random/permutation.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { classify, classifyImageSet } from "../classifier/classify.ts"
import type { TrainedClassifier } from "../classifier/TrainedClassifier.ts"
import { nearestDistances } from "./pairDistances.ts"

/** Pictures of each kind whose nearest training image is looked for. */
export const memorisationPictures = 1000

/** Root mean square difference of pixels below which two images are the same to float32's accuracy. */
const sameImage = 1e-3

/** The real data as samples are measured against them, made once by `openReference`. */
export interface EvaluationReference extends JudgedReference {
  readonly classifier: TrainedClassifier
  readonly training: ImageSet
  readonly validation: ImageSet
  readonly test: ImageSet
  /** Distances of at most `memorisationPictures` test images to the nearest of all training images. */
  readonly testDistances: Float64Array
  /** Of every choice of some pictures among many. */
  readonly seed: number
}

/**
 * What is computed of the `Dataset` once: features of all training images, the classes' frequencies (of the labels, or
 * where there are none as the classifier sees them), the test images' sharpness and nearness. About 10 s for MNIST. Fails
 * with a `MeasureError` if the data have too few images to measure against: 2 for training, 1 for validation, 20 for test.
 */
export const openReference = Effect.fn("openReference")(function* (
  classifier: TrainedClassifier,
  seed = 0
): Effect.fn.Return<EvaluationReference, BackendError | MeasureError, Dataset | TensorBackend> {
  const { training, validation, test } = yield* Dataset
  const failed = (input: string, problem: string) => new MeasureError({ measure: "real data", input, problem })
  for (const [input, { count }, least] of [
    ["training images", training, 2],
    ["validation images", validation, 1],
    ["test images", test, fewestSamples]
  ] as const) {
    if (count < least) return yield* failed(input, `needs at least ${least}, the data set has ${count}`)
  }
  const seen = yield* classifyImageSet(classifier, training)
  const reference = yield* Effect.fromResult(
    judgedReference({
      trainingFeatures: seen.features,
      classFrequencies: classFrequencies(training.labels ?? mostProbable(seen.probabilities), classifier.classes),
      testPictures: firstImages(test, test.count),
      seed
    })
  )
  const testDistances = yield* nearestDistances(drawnImages(test, memorisationPictures, seed, "test"), training)
  if (testDistances.every((distance) => distance < sameImage * Math.sqrt(imageSize(training)))) {
    return yield* failed("test images", "all are training images, too; fresh ones are needed to tell copies by")
  }
  return { ...reference, classifier, training, validation, test, testDistances, seed }
})

/** Pictures `[n, channels, B, A]`, n at least 1, as the classifier sees them. */
export const judgePictures = (
  classifier: TrainedClassifier,
  pictures: TensorData
): Effect.Effect<JudgedPictures, BackendError, TensorBackend> =>
  Effect.map(classify(classifier, pictures), ({ features, probabilities }) => ({ pictures, features, probabilities }))

/** The first `count` images of a set. */
export const firstImages = (set: ImageSet, count: number): TensorData =>
  gatherImages(
    set,
    Uint32Array.from({ length: count }, (_, i) => i)
  )

/** `count` images of a set drawn by the seed without replacement, or all of them if there are no more. */
export const drawnImages = (set: ImageSet, count: number, seed: number, name: string): TensorData =>
  gatherImages(set, permutation(pairKey(seed, name), set.count).subarray(0, count))
