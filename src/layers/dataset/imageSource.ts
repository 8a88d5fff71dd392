import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { imageExamples, labelledExamples } from "../../domain/data/Examples.ts"
import { labelledImages } from "../../domain/data/LabelledImages.ts"
import { type BatchSource, shuffled } from "./BatchSource.ts"
import { Dataset } from "./Dataset.ts"

/**
 * The training images of a data set, in batches: the array `images`.
 *
 *     const data = Data.imagesFrom(Datasets.mnist)
 */
export const imagesFrom = <E, R>(dataset: Layer.Layer<Dataset, E, R>): Effect.Effect<BatchSource<"images">, E, R> =>
  Effect.map(Dataset, ({ name, digests, training }) => shuffled(imageExamples(training), { name, digests })).pipe(
    Effect.provide(dataset)
  )

/** The training images of a data set and their classes: the arrays `images` and `labels`, one-hot. Fails with a `LabelsError` where there are none. */
export const labelledImagesFrom = <E, R>(dataset: Layer.Layer<Dataset, E, R>) =>
  Effect.gen(function* () {
    const { name, digests, training } = yield* Dataset
    const labelled = yield* Effect.fromResult(labelledImages(training, `the training images of ${name}`))
    return shuffled(labelledExamples(labelled), { name, digests })
  }).pipe(Effect.provide(dataset))
