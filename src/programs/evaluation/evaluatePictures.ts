import * as Effect from "effect/Effect"
import type { BoundMeasures } from "../../domain/evaluation/BoundMeasures.ts"
import { classifierWarning } from "../../domain/evaluation/ClassifierRecord.ts"
import type { Evaluation } from "../../domain/evaluation/Evaluation.ts"
import type { MeasureError } from "../../domain/evaluation/MeasureError.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"
import { recordOf, type TrainedClassifier } from "../classifier/TrainedClassifier.ts"
import { openReference } from "./EvaluationReference.ts"
import { measureSamples } from "./measurePictures.ts"
import { measureReferences } from "./measureReferences.ts"

/** Pictures to be measured, and how. */
export interface EvaluationRequest {
  /** `[n, channels, B, A]` in [0, 1]. */
  readonly pictures: TensorData
  /** Where they come from, in words. */
  readonly source: string
  readonly classifier: TrainedClassifier
  /** What the model that drew them says of the test images, where it can. */
  readonly bound?: BoundMeasures | undefined
  /** Told what is done next. */
  readonly say: (what: string) => Effect.Effect<void>
}

/**
 * Measures pictures against the `Dataset`, with floor and ceilings of the same count. Fails with a `MeasureError` for too
 * few of them. About a minute of one core for 10,000 pictures of MNIST.
 */
export const evaluatePictures = Effect.fn("evaluatePictures")(function* ({
  pictures,
  source,
  classifier,
  bound,
  say
}: EvaluationRequest): Effect.fn.Return<Evaluation, BackendError | MeasureError, Dataset | TensorBackend> {
  const { name } = yield* Dataset
  const [count = 0] = pictures.shape
  yield* say(`Preparing ${name}`)
  const reference = yield* openReference(classifier)
  yield* say(`Measuring ${count} pictures`)
  const samples = yield* measureSamples(reference, pictures)
  yield* say("Measuring test images, noise and the mean image for comparison")
  const references = yield* measureReferences(reference, count)
  const warning = classifierWarning(classifier)
  return {
    format: "fovea-evaluation",
    version: 1,
    source,
    dataset: name,
    classifier: recordOf(classifier),
    warnings: warning === undefined ? [] : [warning],
    samples,
    ...(bound !== undefined && { bound }),
    references
  }
})
