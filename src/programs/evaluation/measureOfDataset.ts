import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type LabelMeasures, labelMeasures } from "../../domain/metrics/classes.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import { layerClassifier } from "../../layers/checkpoint/ClassifierStore.ts"
import type { Dataset } from "../../layers/dataset/Dataset.ts"
import { layerSilent } from "../../layers/log/TrainingLog.ts"
import { classify } from "../classifier/classify.ts"
import { openClassifier } from "../classifier/openClassifier.ts"
import { openReference } from "./EvaluationReference.ts"
import { measureHistory } from "./measureImages.ts"

/** What samples are measured by. */
export interface JudgeOptions<E = never, R = never> {
  /** The real images: `Datasets.mnist`. */
  readonly dataset: Layer.Layer<Dataset, E, R>
  /** The folder of the classifier, which is trained there if it is missing; `runs/classifier` if left out. */
  readonly classifier?: string
}

/**
 * The measures that one line can take of images `[n, channels, B, A]` in [0, 1], at least 6 of them (Frechet distance, coverage, precision,
 * confidence), by the classifier of the data set:
 *
 *     const { frechetDistance } = yield* Evaluation.measure(images, { dataset: Datasets.mnist })
 *
 * A classifier that is missing is trained first: some minutes for MNIST, once. Fails as `openClassifier` and `measureHistory` do.
 */
export const measure = Effect.fn("Evaluation.measure")(function* <E = never, R = never>(
  images: TensorData,
  { dataset, classifier }: JudgeOptions<E, R>
) {
  return yield* openClassifier().pipe(
    Effect.flatMap((judge) => openReference(judge)),
    Effect.flatMap((reference) => measureHistory(reference, images)),
    Effect.provide(judgedBy(dataset, classifier))
  )
})

/**
 * Whether images `[n, channels, B, A]` in [0, 1] show the classes that were asked for, `[n]`, as the classifier of the data set sees
 * them: `labelMeasures` of its probabilities. The classifier as in `measure`.
 *
 *     const { accuracy } = yield* Evaluation.measureLabels(images, labels, { dataset: Datasets.mnist })
 */
export const measureLabels = Effect.fn("Evaluation.measureLabels")(function* <E = never, R = never>(
  images: TensorData,
  labels: ArrayLike<number>,
  { dataset, classifier }: JudgeOptions<E, R>
) {
  const { probabilities } = yield* openClassifier().pipe(
    Effect.flatMap((judge) => classify(judge, images)),
    Effect.provide(judgedBy(dataset, classifier))
  )
  const measured: LabelMeasures = yield* Effect.fromResult(labelMeasures(probabilities, labels))
  return measured
})

// The classifier's training has no part in the log of the run that is measured.
const judgedBy = <E, R>(dataset: Layer.Layer<Dataset, E, R>, directory = "runs/classifier") =>
  Layer.mergeAll(dataset, layerClassifier({ directory }), layerSilent)
