import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { imageExamples, labelledExamples } from "../../domain/data/Examples.ts"
import { labelledImages } from "../../domain/data/LabelledImages.ts"
import { type BatchSource, shuffled } from "./BatchSource.ts"
import { Dataset } from "./Dataset.ts"

/** The parts of a data set. */
export type Split = "training" | "validation" | "test"

/**
 * The images of a data set, in batches: the array `images`. The training images, unless another split is asked for.
 *
 *     const data = Data.imagesFrom(Datasets.mnist)
 */
export const imagesFrom = <E, R>(
  dataset: Layer.Layer<Dataset, E, R>,
  split: Split = "training"
): Effect.Effect<BatchSource<"images">, E, R> =>
  Effect.map(Dataset, ({ name, digests, ...splits }) => shuffled(imageExamples(splits[split]), { name, digests })).pipe(
    Effect.provide(dataset),
    Effect.withSpan("Data.imagesFrom")
  )

/**
 * The same with their classes: the arrays `images` and `labels`, one-hot. Fails with a `LabelsError` where there are none.
 */
export const labelledImagesFrom = <E, R>(dataset: Layer.Layer<Dataset, E, R>, split: Split = "training") =>
  Effect.gen(function* () {
    const { name, digests, ...splits } = yield* Dataset
    const labelled = yield* Effect.fromResult(labelledImages(splits[split], `the ${split} images of ${name}`))
    return shuffled(labelledExamples(labelled), { name, digests })
  }).pipe(Effect.provide(dataset), Effect.withSpan("Data.labelledImagesFrom"))
