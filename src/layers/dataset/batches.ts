import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { batchIndices, epochOrder, positionOfUpdate, updatesPerEpoch } from "../../domain/dataset/epochOrder.ts"
import { gatherImages, type ImageSet } from "../../domain/dataset/Images.ts"
import { type LabelledImages, oneHotLabels } from "../../domain/dataset/LabelledImages.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"

/** The images of one update. Its arrays are its own: they may be transferred or written to. */
export interface Batch {
  /** From 0, over the whole run. */
  readonly update: number
  /** From 0. */
  readonly epoch: number
  /** `[batchSize, channels, B, A]`, float32 in [0, 1]. */
  readonly images: TensorData
  /** Which images of the set they are, in order: `[batchSize]`. */
  readonly indices: Uint32Array
}

/** The images of one update and their classes. */
export interface LabelledBatch extends Batch {
  /** `[batchSize, classes]`, one-hot. */
  readonly labels: TensorData
}

/** What chooses the batches; `firstUpdate` (from 0) is where a resumed run goes on. */
export interface BatchSettings {
  readonly batchSize: number
  readonly seed: number
  readonly firstUpdate: number
}

/** No batch of this size can be made from a set of `count` images. */
export class BatchSizeError extends Schema.TaggedError<BatchSizeError>()("BatchSizeError", {
  batchSize: Schema.Number,
  count: Schema.Number
}) {
  override get message() {
    return (
      `A batch of ${this.batchSize} images cannot be taken from a set of ${this.count}: ` +
      "the batch size must be a positive integer and at most the number of training images"
    )
  }
}

/**
 * The batches of a run from `firstUpdate` on, without end: each epoch goes through the set in a random order of its
 * own and drops the remainder. Update `k` sees the same images wherever the stream began.
 * Fails with a `BatchSizeError`; a seed or first update that is not a non-negative safe integer is a defect
 * (`RangeError`).
 */
export const batches = (set: ImageSet, settings: BatchSettings): Stream.Stream<Batch, BatchSizeError> =>
  batchesOf(set, settings, (batch) => batch)

/** `batches` of pictures with labels: the same pictures in the same order, each batch with its labels. */
export const labelledBatches = (
  set: LabelledImages,
  settings: BatchSettings
): Stream.Stream<LabelledBatch, BatchSizeError> =>
  batchesOf(set, settings, (batch) => ({ ...batch, labels: oneHotLabels(set, batch.indices) }))

const batchesOf = <B extends Batch>(
  set: ImageSet,
  settings: BatchSettings,
  complete: (batch: Batch) => B
): Stream.Stream<B, BatchSizeError> =>
  Stream.suspend(() => {
    const { batchSize, seed, firstUpdate } = settings
    if (!Number.isSafeInteger(batchSize) || batchSize < 1 || batchSize > set.count) {
      return Stream.fail(new BatchSizeError({ batchSize, count: set.count }))
    }
    const perEpoch = updatesPerEpoch(set.count, batchSize)
    const orderOf = (epoch: number) => ({ epoch, indices: epochOrder(seed, epoch, set.count) })
    const start = { update: firstUpdate, order: orderOf(positionOfUpdate(firstUpdate, perEpoch).epoch) }
    return Stream.unfold(start, ({ update, order }) =>
      Effect.sync(() => {
        const { epoch, position } = positionOfUpdate(update, perEpoch)
        const current = order.epoch === epoch ? order : orderOf(epoch)
        const indices = batchIndices(current.indices, position, batchSize)
        const batch = complete({ update, epoch, images: gatherImages(set, indices), indices })
        return [batch, { update: update + 1, order: current }] as const
      })
    )
  })
