import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { gatherImages, gatherRows, type ImageSet, imageSize } from "../../domain/data/Images.ts"
import type { Attempt } from "../../domain/metrics/AvailableMeasures.ts"
import { classFrequencies, mostProbable } from "../../domain/metrics/classes.ts"
import { imagesInContentOrder } from "../../domain/metrics/contentOrder.ts"
import {
  pairKey,
  type RealFeatures,
  type RealLooks,
  realFeatures,
  realLooks
} from "../../domain/metrics/evaluatedReference.ts"
import { MeasureError } from "../../domain/metrics/MeasureError.ts"
import { permutation } from "../../domain/random/permutation.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import type { FeatureError, FeatureExtractor } from "../../layers/features/FeatureExtractor.ts"
import { classify, classifyImageSet } from "../classifier/classify.ts"
import type { TrainedClassifier } from "../classifier/TrainedClassifier.ts"
import { nearestDistances } from "./pairDistances.ts"

/** Images of each kind whose nearest training image is looked for. */
export const memorisationImages = 1000

/** Root mean square difference of pixels below which two images are the same to float32's accuracy. */
const sameImage = 1e-3

/** By what images are judged. */
export interface Evaluators {
  /** Names classes, and has features where no other network is given; or why there is none, in a sentence. */
  readonly classifier: Result.Result<TrainedClassifier, string>
  /** Whose features distances are taken of, instead of the classifier's. */
  readonly extractor?: FeatureExtractor["Service"] | undefined
}

/** The real data as samples are measured against them, made once by `openReference`; each part as far as the data allow. */
export interface EvaluationReference extends Evaluators {
  /** All sets are in an order of their contents: that of files does not matter. */
  readonly training: ImageSet
  readonly validation: ImageSet
  readonly test: ImageSet
  readonly features: Attempt<RealFeatures>
  /** `[classes]`: the share of each class among the training images. */
  readonly classFrequencies: Attempt<Float64Array>
  readonly looks: RealLooks
  /** Distances of at most `memorisationImages` test images to the nearest of all training images. */
  readonly testDistances: Attempt<Float64Array>
  /** Of every choice of some images among many. */
  readonly seed: number
}

/**
 * What is computed of the `Dataset` once: features of all training images, the classes' frequencies (of the labels, or
 * where there are none as the classifier sees them), the test images' looks and nearness. About 10 s for MNIST. What the data are too
 * small for, or lack, is a failure of that part alone; without any training image there is nothing to measure against, and it
 * fails with a `MeasureError`.
 */
export const openReference = (
  classifier: TrainedClassifier,
  seed = 0
): Effect.Effect<EvaluationReference, BackendError | FeatureError | MeasureError, Dataset | TensorBackend> =>
  openReferenceBy({ classifier: Result.succeed(classifier) }, seed)

/** `openReference` by any judges. */
export const openReferenceBy = Effect.fn("Evaluation.openReference")(function* (
  evaluators: Evaluators,
  seed = 0
): Effect.fn.Return<EvaluationReference, BackendError | FeatureError | MeasureError, Dataset | TensorBackend> {
  const dataset = yield* Dataset
  if (dataset.training.count === 0) return yield* failure("training images", "there are none to measure against")
  const ordered = (set: ImageSet, name: string) => imagesInContentOrder(set, pairKey(seed, `${name} images`))
  const training = ordered(dataset.training, "training")
  const validation = ordered(dataset.validation, "validation")
  const test = ordered(dataset.test, "test")
  const seen = yield* evaluatedBy(evaluators, {
    classified: (classifier) => classifyImageSet(classifier, training),
    extracted: (extractor) => extractor.extractImages(training)
  })
  const ofTest: Attempt<TensorData> =
    test.count === 0
      ? Result.fail(failure("test images", "there are none"))
      : Result.succeed(firstImages(test, test.count))
  return {
    ...evaluators,
    training,
    validation,
    test,
    seed,
    features: Result.flatMap(seen.features, (features) => realFeatures(features, seed)),
    classFrequencies: Result.map(Result.all([seen.probabilities, classesOf(evaluators)]), ([probabilities, classes]) =>
      classFrequencies(training.labels ?? mostProbable(probabilities), classes)
    ),
    looks: Result.match(Result.map(ofTest, realLooks), {
      onSuccess: (looks) => looks,
      onFailure: (error) => {
        const none = Result.fail(error)
        return { testSharpness: none, testGreyness: none, testSpeckle: none }
      }
    }),
    testDistances: yield* testDistancesOf(training, test, seed)
  }
})

const failure = (input: string, problem: string) => new MeasureError({ measure: "real data", input, problem })

const classesOf = ({ classifier }: Evaluators): Attempt<number> =>
  Result.map(classifierOf({ classifier }), ({ classes }) => classes)

const classifierOf = ({ classifier }: Evaluators): Attempt<TrainedClassifier> =>
  Result.mapError(
    classifier,
    (problem) => new MeasureError({ measure: "features and classes", input: "classifier", problem })
  )

const testDistancesOf = Effect.fnUntraced(function* (
  training: ImageSet,
  test: ImageSet,
  seed: number
): Effect.fn.Return<Attempt<Float64Array>, BackendError, TensorBackend> {
  const failed = (problem: string) =>
    Result.fail(new MeasureError({ measure: "memorisation", input: "test images", problem }))
  if (test.count < 2) return failed(`needs at least 2 of them to compare with, the data have ${test.count}`)
  const distances = yield* nearestDistances(drawnImages(test, memorisationImages, seed, "test"), training)
  return distances.every((distance) => distance < sameImage * Math.sqrt(imageSize(training)))
    ? failed("all are training images, too; fresh ones are needed to tell copies by")
    : Result.succeed(distances)
})

/** What judges see in some images: features `[n, d]` and class probabilities `[n, classes]`, each as far as there is a judge. */
export interface Seen {
  readonly features: Attempt<TensorData>
  readonly probabilities: Attempt<TensorData>
}

const evaluatedBy = Effect.fnUntraced(function* (
  evaluators: Evaluators,
  see: {
    readonly classified: (
      classifier: TrainedClassifier
    ) => Effect.Effect<
      { readonly features: TensorData; readonly probabilities: TensorData },
      BackendError,
      TensorBackend
    >
    readonly extracted: (extractor: FeatureExtractor["Service"]) => Effect.Effect<TensorData, FeatureError>
  }
): Effect.fn.Return<Seen, BackendError | FeatureError, TensorBackend> {
  const classifier = classifierOf(evaluators)
  const classified = Result.isSuccess(classifier)
    ? Result.succeed(yield* see.classified(classifier.success))
    : Result.fail(classifier.failure)
  const { extractor } = evaluators
  return {
    features:
      extractor === undefined
        ? Result.map(classified, ({ features }) => features)
        : Result.succeed(yield* see.extracted(extractor)),
    probabilities: Result.map(classified, ({ probabilities }) => probabilities)
  }
})

/** Images `[n, channels, B, A]`, n at least 1, as the judges see them. */
export const evaluatedImagesOf = (
  evaluators: Evaluators,
  images: TensorData
): Effect.Effect<Seen, BackendError | FeatureError, TensorBackend> =>
  evaluatedBy(evaluators, {
    classified: (classifier) => classify(classifier, images),
    extracted: (extractor) => extractor.extract(images)
  })

/** The first `count` images of a set. */
export const firstImages = (set: ImageSet, count: number): TensorData => gatherRows(set, 0, count)

/** `count` images of a set drawn by the seed without replacement, or all of them if there are no more. */
export const drawnImages = (set: ImageSet, count: number, seed: number, name: string): TensorData =>
  gatherImages(set, permutation(pairKey(seed, name), set.count).subarray(0, count))
