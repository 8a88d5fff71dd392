import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  type Attempt,
  type AvailableMeasures,
  availableMeasures,
  completeMeasures
} from "../../domain/metrics/AvailableMeasures.ts"
import { inContentOrder } from "../../domain/metrics/contentOrder.ts"
import { mostPairs, pairKey } from "../../domain/metrics/evaluatedReference.ts"
import { invalidSamples } from "../../domain/metrics/invalidSamples.ts"
import { MeasureError } from "../../domain/metrics/MeasureError.ts"
import { historyMeasures, measureAttempts } from "../../domain/metrics/measureSamples.ts"
import { compareNearness, type NearnessComparison } from "../../domain/metrics/nearnessComparison.ts"
import { usualNeighbours } from "../../domain/metrics/neighbourhoods.ts"
import type { Neighbourhoods } from "../../domain/metrics/neighbourhoodTally.ts"
import { subsample } from "../../domain/metrics/Rows.ts"
import type { HistoryMeasures, SampleMeasures } from "../../domain/metrics/SampleMeasures.ts"
import { formatShape, sameShape } from "../../domain/tensor/Shape.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import type { FeatureError } from "../../layers/features/FeatureExtractor.ts"
import { type EvaluationReference, evaluatedImagesOf, memorisationImages, type Seen } from "./EvaluationReference.ts"
import { neighboursOnBackend, realNeighbours } from "./neighboursOnBackend.ts"
import { nearestDistances } from "./pairDistances.ts"
import { parzenLikelihood } from "./parzenLikelihood.ts"

/**
 * All measures of images `[n, channels, B, A]` in [0, 1], at least 6 of them. How many of them each measure stands on:
 * - Frechet distance, classes, confidence, sharpness, Inception score: all, against all training images
 * - precision, recall, density, coverage, kernel distance: at most 10,000, against as many training images
 * - memorisation: at most 1,000, and as many test images, each against all training images
 * - Parzen window: at most 10,000 samples; its width from all validation images, the likelihood of all test images
 *
 * Where some are chosen, the reference's seed and the images' contents choose: their order does not matter. Fails with a `MeasureError`
 * if one of the measures cannot be taken, and for images of another shape than the data. About 12 s of one core for 10,000 images of MNIST.
 */
export const measureSamples = Effect.fn("Evaluation.measureSamples")(function* (
  reference: EvaluationReference,
  images: TensorData
) {
  return yield* measureAgainst(reference, images, images)
})

/** `measureSamples` with a Parzen window that stands on other images. */
export const measureAgainst = Effect.fnUntraced(function* (
  reference: EvaluationReference,
  images: TensorData,
  window: TensorData
): Effect.fn.Return<SampleMeasures, BackendError | FeatureError | MeasureError, TensorBackend> {
  const attempts = yield* attemptAll(reference, images, window)
  return yield* Effect.fromResult(completeMeasures(images.shape[0] ?? 0, attempts))
})

/**
 * The measures of images `[n, channels, B, A]` in [0, 1], n at least 1, that can be taken of them and of the data, and why the others
 * cannot: each measure has its own least number of images. `window`: what the Parzen window stands on.
 */
export const measureAvailable = Effect.fn("measureAvailable")(function* (
  reference: EvaluationReference,
  images: TensorData,
  window = images
): Effect.fn.Return<AvailableMeasures, BackendError | FeatureError | MeasureError, TensorBackend> {
  return availableMeasures(images.shape[0] ?? 0, yield* attemptAll(reference, images, window))
})

const attemptAll = Effect.fnUntraced(function* (reference: EvaluationReference, given: TensorData, window: TensorData) {
  const { seed, looks } = reference
  const fault = misfit(reference, given)
  if (fault !== undefined) return yield* fault
  const images = inContentOrder(given, pairKey(seed, "pictures"))
  const seen = yield* evaluatedImagesOf(reference, images)
  return measureAttempts({
    judged: { images, ...seen },
    real: { features: reference.features, classFrequencies: reference.classFrequencies, looks },
    pairs: {
      neighbourhoods: yield* pairedNeighbourhoods(reference, seen),
      memorisation: yield* nearness(reference, images),
      parzen: yield* likelihood(reference, subsample(window, mostPairs, pairKey(seed, "parzen")))
    }
  })
})

/**
 * The cheap measures of images `[n, channels, B, A]` in [0, 1], at least 6 of them: below a second for 2,000 images
 * of MNIST. Values depend on n: compare equal ones.
 */
export const measureHistory = Effect.fn("Evaluation.measureHistory")(function* (
  reference: EvaluationReference,
  given: TensorData
): Effect.fn.Return<HistoryMeasures, BackendError | FeatureError | MeasureError, TensorBackend> {
  const fault = misfit(reference, given)
  if (fault !== undefined) return yield* fault
  const images = inContentOrder(given, pairKey(reference.seed, "pictures"))
  const seen = yield* evaluatedImagesOf(reference, images)
  const neighbourhoods = yield* Effect.fromResult(yield* pairedNeighbourhoods(reference, seen))
  const parts = Result.all({
    judged: Result.all({ images: Result.succeed(images), ...seen }),
    real: reference.features,
    classFrequencies: reference.classFrequencies,
    looks: Result.all({ ...reference.looks })
  })
  return yield* Effect.fromResult(
    Result.flatMap(parts, ({ judged, real, classFrequencies, looks }) =>
      historyMeasures(judged, { ...real, ...looks, classFrequencies }, neighbourhoods)
    )
  )
})

/** Of equally many generated and real features, at most 10,000: their number decides the value. */
const pairedNeighbourhoods = Effect.fnUntraced(function* (
  { features: real, seed }: EvaluationReference,
  { features }: Seen
): Effect.fn.Return<Attempt<Neighbourhoods>, BackendError, TensorBackend> {
  const both = Result.all([real, features])
  if (Result.isFailure(both)) return Result.fail(both.failure)
  const [{ features: x }, y] = both.success
  const count = Math.min(x.shape[0] ?? 0, y.shape[0] ?? 0)
  if (count <= usualNeighbours) {
    const problem = `needs at least ${usualNeighbours + 1} images and as many training images, found ${count}`
    return Result.fail(new MeasureError({ measure: "precision and coverage", input: "samples", problem }))
  }
  return yield* realNeighbours(subsample(x, count, pairKey(seed, "neighbours"))).pipe(
    Effect.flatMap((neighbours) => neighboursOnBackend(neighbours, subsample(y, count, pairKey(seed, "samples")))),
    Effect.map((found): Attempt<Neighbourhoods> => Result.succeed(found)),
    Effect.catchTag("MeasureError", (error) => Effect.succeed<Attempt<Neighbourhoods>>(Result.fail(error)))
  )
})

const nearness = Effect.fnUntraced(function* (
  { seed, training, testDistances }: EvaluationReference,
  images: TensorData
): Effect.fn.Return<Attempt<NearnessComparison>, BackendError, TensorBackend> {
  if (Result.isFailure(testDistances)) return Result.fail(testDistances.failure)
  const few = subsample(images, memorisationImages, pairKey(seed, "memorisation"))
  const distances = yield* nearestDistances(few, training)
  return Result.succeed(compareNearness(distances, testDistances.success))
})

const likelihood = Effect.fnUntraced(function* (
  reference: EvaluationReference,
  window: TensorData
): Effect.fn.Return<Attempt<SampleMeasures["parzen"]>, BackendError, TensorBackend> {
  const missing = (["validation", "test"] as const).find((set) => reference[set].count === 0)
  if (missing === undefined) return Result.succeed(yield* parzenLikelihood(window, reference))
  const problem =
    "there are none; the window's width is chosen on validation images, its likelihood that of test images"
  return Result.fail(new MeasureError({ measure: "Parzen window", input: `${missing} images`, problem }))
})

const misfit = ({ training }: EvaluationReference, images: TensorData): MeasureError | undefined => {
  const expected = [training.channels, training.height, training.width]
  const own = images.shape.slice(1)
  if (!sameShape(own, expected)) {
    const problem = `expected images ${formatShape(expected)} (channels, rows, columns) like the data's, found ${formatShape(own)}`
    return new MeasureError({ measure: "samples", input: "images", problem })
  }
  return invalidSamples({ measure: "samples", axes: "any", atLeast: 1 }, { images })
}
