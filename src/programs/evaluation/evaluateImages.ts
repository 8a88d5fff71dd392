import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { joinImages, takeImages } from "../../domain/data/Images.ts"
import { classifierWarning } from "../../domain/metrics/ClassifierRecord.ts"
import type { ElboMeasures } from "../../domain/metrics/ElboMeasures.ts"
import type { EvaluationReport } from "../../domain/metrics/EvaluationReport.ts"
import type { MeasureError } from "../../domain/metrics/MeasureError.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import type { FeatureError } from "../../layers/features/FeatureExtractor.ts"
import { recordOf } from "../classifier/TrainedClassifier.ts"
import { type EvaluationReference, type Evaluators, openReferenceBy } from "./EvaluationReference.ts"
import { measureAvailable } from "./measureImages.ts"
import { availableReferences } from "./measureReferences.ts"

/** Images to be measured, and how. */
export interface EvaluationRequest extends Evaluators {
  /** `[n, channels, B, A]` in [0, 1]. */
  readonly images: TensorData
  /** Where they come from, in words. */
  readonly source: string
  /** What the model that drew them says of the test images, where it can. */
  readonly bound?: ElboMeasures | undefined
  /** Told what is done next. */
  readonly say: (what: string) => Effect.Effect<void>
}

/**
 * Measures images against the `Dataset`, with floor and ceilings of the same count, as far as the images and the data allow: what is
 * missing is named with its reason. Fails with a `MeasureError` for images of another kind than the data's, or none, and with a
 * `FeatureError` if the network of features gives none. About a minute of one core for 10,000 images of MNIST.
 */
export const evaluateImages = Effect.fn("evaluateImages")(function* ({
  images,
  source,
  classifier,
  extractor,
  bound,
  say
}: EvaluationRequest): Effect.fn.Return<
  EvaluationReport,
  BackendError | FeatureError | MeasureError,
  Dataset | TensorBackend
> {
  const { name } = yield* Dataset
  const [count = 0] = images.shape
  yield* say(`Preparing ${name}`)
  const reference = yield* openReferenceBy({ classifier, extractor })
  yield* say(`Measuring ${count} images`)
  const samples = yield* measureAvailable(reference, images)
  yield* say("Measuring test images, noise and the mean image for comparison")
  const references = yield* availableReferences(reference, count)
  const width = widthOf(reference)
  return {
    format: "fovea-evaluation",
    version: 2,
    source,
    dataset: name,
    ...(Result.isSuccess(classifier) && { classifier: recordOf(classifier.success) }),
    ...(extractor !== undefined && {
      features: { name: extractor.name, digest: extractor.digest, width, input: extractor.input }
    }),
    warnings: warningsOf(reference, count, samples.frechetDistance !== undefined ? width : 0),
    samples,
    ...(bound !== undefined && { bound }),
    references
  }
})

const widthOf = ({ features }: EvaluationReference): number =>
  Result.match(features, { onSuccess: ({ statistics }) => statistics.mean.length, onFailure: () => 0 })

/** `width`: of the features that a Frechet distance was taken of, 0 without one. */
const warningsOf = (
  { classifier, training }: EvaluationReference,
  count: number,
  width: number
): ReadonlyArray<string> => {
  const poor = Result.isSuccess(classifier) ? classifierWarning(classifier.success) : undefined
  const fewest = Math.min(count, training.count)
  const few =
    fewest > width
      ? undefined
      : `The Fréchet distance is far too high for so few images: ${fewest} do not fix the covariance of ${width} features. Compare it with others of the same numbers of images alone.`
  return [poor, few].filter((warning) => warning !== undefined)
}

/**
 * A data set as one set of images to compare others with, as two folders are compared: all of its images, whatever they were kept for.
 * They count as training and as test images, so that looks are relative to them; what needs images that are held back
 * (memorisation, the width of a Parzen window) has none. Not for training a classifier, whose accuracy would be that of what it learnt.
 */
export const wholeDataset = (data: Dataset["Service"]): Dataset["Service"] => {
  const all = joinImages([data.training, data.validation, data.test])
  return { ...data, training: all, validation: takeImages(all, 0, 0), test: all }
}
