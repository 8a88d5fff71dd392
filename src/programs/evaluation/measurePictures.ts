import * as Effect from "effect/Effect"
import type { JudgedPictures } from "../../domain/evaluation/judgedReference.ts"
import { mostPairs, pairKey } from "../../domain/evaluation/judgedReference.ts"
import { MeasureError } from "../../domain/evaluation/MeasureError.ts"
import { courseMeasures, sampleMeasures, tooFewSamples } from "../../domain/evaluation/measureSamples.ts"
import { compareNearness } from "../../domain/evaluation/nearnessComparison.ts"
import { type Neighbourhoods, usualNeighbours } from "../../domain/evaluation/neighbourhoods.ts"
import { subsample } from "../../domain/evaluation/Rows.ts"
import type { CourseMeasures, SampleMeasures } from "../../domain/evaluation/SampleMeasures.ts"
import { formatShape, sameShape } from "../../domain/tensor/Shape.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { type EvaluationReference, judgePictures, memorisationPictures } from "./EvaluationReference.ts"
import { neighboursOnBackend, realNeighbours } from "./neighboursOnBackend.ts"
import { nearestDistances } from "./pairDistances.ts"
import { parzenLikelihood } from "./parzenLikelihood.ts"

/**
 * All measures of pictures `[n, channels, B, A]` in [0, 1], at least 20 of them. How many of them each measure stands on:
 * - Frechet distance, classes, confidence, sharpness, Inception score: all, against all training images
 * - precision, recall, density, coverage, kernel distance: at most 10,000, against as many training images
 * - memorisation: at most 1,000, and as many test images, each against all training images
 * - Parzen window: at most 10,000 samples; its width from all validation images, the likelihood of all test images
 *
 * Where some are chosen, the reference's seed chooses. Fails with a `MeasureError` for too few pictures or pictures of
 * another shape than the data. About 12 s of one core for 10,000 pictures of MNIST.
 */
export const measureSamples = Effect.fn("measureSamples")(function* (
  reference: EvaluationReference,
  pictures: TensorData
): Effect.fn.Return<SampleMeasures, BackendError | MeasureError, TensorBackend> {
  return yield* measureAgainst(reference, pictures, pictures)
})

/** `measureSamples` with a Parzen window that stands on other pictures. */
export const measureAgainst = Effect.fnUntraced(function* (
  reference: EvaluationReference,
  pictures: TensorData,
  window: TensorData
): Effect.fn.Return<SampleMeasures, BackendError | MeasureError, TensorBackend> {
  const { seed, training, testDistances } = reference
  const fault = tooFewSamples(pictures.shape[0] ?? 0) ?? misfit(reference, pictures)
  if (fault !== undefined) return yield* fault
  const judged = yield* judgePictures(reference.classifier, pictures)
  const few = subsample(pictures, memorisationPictures, pairKey(seed, "memorisation"))
  const memorisation = compareNearness(yield* nearestDistances(few, training), testDistances)
  const parzen = yield* parzenLikelihood(subsample(window, mostPairs, pairKey(seed, "parzen")), reference)
  const neighbourhoods = yield* pairedNeighbourhoods(reference, judged)
  return yield* Effect.fromResult(sampleMeasures(judged, reference, { neighbourhoods, memorisation, parzen }))
})

/**
 * The cheap measures of pictures `[n, channels, B, A]` in [0, 1], at least 6 of them: below a second for 2,000 pictures
 * of MNIST. Values depend on n: compare equal ones.
 */
export const measureCourse = Effect.fn("measureCourse")(function* (
  reference: EvaluationReference,
  pictures: TensorData
): Effect.fn.Return<CourseMeasures, BackendError | MeasureError, TensorBackend> {
  const fault = misfit(reference, pictures)
  if (fault !== undefined) return yield* fault
  const judged = yield* judgePictures(reference.classifier, pictures)
  const neighbourhoods = yield* pairedNeighbourhoods(reference, judged)
  return yield* Effect.fromResult(courseMeasures(judged, reference, neighbourhoods))
})

/** Of equally many generated and real features, at most 10,000: their number decides the value. */
const pairedNeighbourhoods = Effect.fnUntraced(function* (
  { features: real, seed }: EvaluationReference,
  { features }: JudgedPictures
): Effect.fn.Return<Neighbourhoods, BackendError | MeasureError, TensorBackend> {
  const count = Math.min(real.shape[0] ?? 0, features.shape[0] ?? 0)
  if (count <= usualNeighbours) {
    const problem = `needs at least ${usualNeighbours + 1} pictures and as many training images, found ${count}`
    return yield* new MeasureError({ measure: "precision and coverage", input: "samples", problem })
  }
  const neighbours = yield* realNeighbours(subsample(real, count, pairKey(seed, "neighbours")))
  return yield* neighboursOnBackend(neighbours, subsample(features, count, pairKey(seed, "samples")))
})

const misfit = ({ test }: EvaluationReference, { shape }: TensorData): MeasureError | undefined => {
  const expected = [test.channels, test.height, test.width]
  if (sameShape(shape.slice(1), expected) && shape[0] !== 0) return undefined
  const problem = `expected pictures ${formatShape(expected)} (channels, rows, columns) like the data's, found ${formatShape(shape.slice(1))}`
  return new MeasureError({ measure: "samples", input: "pictures", problem })
}
