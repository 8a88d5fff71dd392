import { permutation } from "../random/permutation.ts"

/** Where an update stands: it is number `position` (from 0) of epoch `epoch` (from 0). */
export interface UpdatePosition {
  readonly epoch: number
  readonly position: number
}

/**
 * How many whole batches a set of `count` images makes; the remainder is dropped. 0 if the batch is larger than the
 * set.
 * Throws a `RangeError` if `batchSize` is not a positive integer or `count` not a natural number.
 */
export const updatesPerEpoch = (count: number, batchSize: number): number => {
  if (!Number.isSafeInteger(count) || count < 0 || !Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`${count} images cannot be put in batches of ${batchSize}`)
  }
  return Math.floor(count / batchSize)
}

/**
 * The order in which an epoch (from 0) goes through `count` images: a random one of its own, from the stream
 * `data/order`.
 * A pure function of its arguments, so that a resumed run goes on with the same images.
 * Throws a `RangeError` for a seed or an epoch that is not a non-negative safe integer.
 */
export const epochOrder = (seed: number, epoch: number, count: number): Uint32Array =>
  permutation({ seed, stream: "data/order", step: epoch }, count)

/**
 * Where update number `update` (from 0) stands.
 * Throws a `RangeError` if `update` is not a non-negative safe integer or an epoch has no updates.
 */
export const positionOfUpdate = (update: number, perEpoch: number): UpdatePosition => {
  if (!Number.isSafeInteger(update) || update < 0 || !Number.isSafeInteger(perEpoch) || perEpoch < 1) {
    throw new RangeError(`There is no update ${update} in epochs of ${perEpoch} updates`)
  }
  return { epoch: Math.floor(update / perEpoch), position: update % perEpoch }
}

/**
 * The images of the batch at `position` of an epoch whose order is given: `batchSize` indices, in a fresh array.
 * Throws a `RangeError` if the order ends before the batch does.
 */
export const batchIndices = (order: Uint32Array, position: number, batchSize: number): Uint32Array => {
  const indices = order.slice(position * batchSize, (position + 1) * batchSize)
  if (indices.length !== batchSize) {
    throw new RangeError(`An epoch of ${order.length} images has no batch ${position} of ${batchSize}`)
  }
  return indices
}
