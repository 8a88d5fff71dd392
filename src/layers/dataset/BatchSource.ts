import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type Examples, gather } from "../../domain/data/Examples.ts"
import { batchIndices, epochOrder, positionOfUpdate, updatesPerEpoch } from "../../domain/data/epochOrder.ts"
import type { PixelMarginals } from "../../domain/nn/parameter.ts"
import { held, own } from "../../domain/record/own.ts"
import { formatShape, type Shape, sameShape, sizeOf } from "../../domain/tensor/Shape.ts"
import { type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../domain/tensor/Tree.ts"
import { hasSha256, sha256 } from "../file/sha256.ts"

/** What one update is given. Its arrays are its own: they may be transferred or written to. */
export interface Batch<Name extends string = string> {
  /** From 0, over the whole run. */
  readonly update: number
  /** From 0. */
  readonly epoch: number
  /** `[batchSize, ...shape]` for each array. */
  readonly inputs: Readonly<Record<Name, TensorData>>
}

/** What chooses the batches; `firstUpdate` (from 0) is where a resumed run goes on. */
export interface BatchSettings {
  readonly batchSize: number
  readonly seed: number
  readonly firstUpdate: number
}

/** No batch of this size can be made from a set of `count` examples. */
export class BatchSizeError extends Schema.TaggedError<BatchSizeError>()("BatchSizeError", {
  batchSize: Schema.Number,
  count: Schema.Number
}) {
  override get message() {
    return (
      `A batch of ${this.batchSize} examples cannot be taken from a set of ${this.count}: ` +
      "the batch size must be a positive integer and at most the number of training examples"
    )
  }
}

/** What a training learns from, as batches: examples in memory, or streams of more than fits. */
export interface BatchSource<Name extends string = string, E = never, R = never> {
  /** As it is in checkpoints and logs. */
  readonly name: string
  /** SHA-256 of each array (kind, shape and numbers), by its name: how a resumed run knows its data. Empty where they are not known. */
  readonly digests: Readonly<Record<string, string>>
  /** Of one example, by the name of the array. */
  readonly shapes: Readonly<Record<Name, Shape>>
  /** Examples of an epoch. */
  readonly count: number
  /** Of images: what parameters may begin from (`pixelMarginals`). */
  readonly marginals?: (seed: number) => PixelMarginals
  /**
   * The batches of a run from `firstUpdate` on, without end; each epoch drops its remainder. Update `k` is given the same
   * examples wherever the stream began. Fails with a `BatchSizeError`; a seed or first update that is not a non-negative safe
   * integer is a defect (`RangeError`).
   */
  readonly batches: (settings: BatchSettings) => Stream.Stream<Batch<Name>, BatchSizeError | E, R>
}

/** What is said of a source besides its examples. */
export interface SourceIdentity {
  /** `memory` if left out. */
  readonly name?: string
  /** Those of the arrays' contents if left out. */
  readonly digests?: Readonly<Record<string, string>>
}

/**
 * Batches of examples in memory: each epoch goes through them in a random order of its own.
 *
 * @example
 * ```ts
 * import { Data } from "fovea"
 *
 * const data = Data.shuffled(Data.examples({ x: Data.floats([2], Float32Array.of(0, 1, 2, 3, 4, 5)) }))
 * console.log(data.count, data.shapes) // 3 { x: [ 2 ] }
 * ```
 */
export const shuffled = <Name extends string>(
  examples: Examples<Name>,
  { name = "memory", digests }: SourceIdentity = {}
): BatchSource<Name> => ({
  name,
  digests: digests ?? digestsOf(examples),
  shapes: mapRecord(examples.arrays, ({ shape }) => shape),
  count: examples.count,
  ...(examples.marginals === undefined ? {} : { marginals: examples.marginals }),
  batches: ({ batchSize, seed, firstUpdate }) =>
    Stream.suspend(() => {
      const { count } = examples
      if (!isBatchSize(batchSize, count)) return Stream.fail(new BatchSizeError({ batchSize, count }))
      const perEpoch = updatesPerEpoch(count, batchSize)
      const orderOf = (epoch: number) => ({ epoch, indices: epochOrder(seed, epoch, count) })
      const start = { update: firstUpdate, order: orderOf(positionOfUpdate(firstUpdate, perEpoch).epoch) }
      return Stream.unfold(start, ({ update, order }) =>
        Effect.sync(() => {
          const { epoch, position } = positionOfUpdate(update, perEpoch)
          const current = order.epoch === epoch ? order : orderOf(epoch)
          const inputs = gather(examples, batchIndices(current.indices, position, batchSize))
          return [
            { update, epoch, inputs },
            { update: update + 1, order: current }
          ] as const
        })
      )
    })
})

/**
 * What a program without inputs learns from: nothing. An update is an epoch. Given for any names, so that what takes a
 * program's inputs of it finds that they are missing.
 */
export const noData = <Name extends string>(): BatchSource<Name> => ({
  name: "none",
  digests: {},
  // No name in Name is given, which the compiler cannot know.
  shapes: {} as Readonly<Record<Name, Shape>>,
  count: 1,
  batches: ({ firstUpdate }) =>
    Stream.unfold(firstUpdate, (update) =>
      Effect.succeed([{ update, epoch: update, inputs: {} as Readonly<Record<Name, TensorData>> }, update + 1] as const)
    )
})

const isBatchSize = (batchSize: number, count: number): boolean =>
  Number.isSafeInteger(batchSize) && batchSize >= 1 && batchSize <= count

/** Of how the numbers are read, and the numbers. In a browser they are not known. */
const digestsOf = ({ arrays }: Examples): Readonly<Record<string, string>> =>
  hasSha256
    ? mapRecord(arrays, ({ kind, count, shape, content: { buffer, byteOffset, byteLength } }) =>
        sha256(
          `${kind} ${formatShape([count, ...shape])} ${byteLength}\n`,
          new Uint8Array(buffer, byteOffset, byteLength)
        )
      )
    : {}

/** Data that do not fit in memory. */
export interface Streamed<Name extends string, E, R> extends SourceIdentity {
  readonly shapes: Readonly<Record<Name, Shape>>
  /** Examples of an epoch. */
  readonly count: number
  /**
   * The examples of an epoch (from 0), in pieces of any size: `[n, ...shape]` for each array. The same each time that it is asked
   * for the same epoch, or a resumed run learns from other examples; in an order of its own making.
   */
  readonly epoch: (epoch: number) => Stream.Stream<Readonly<Record<Name, TensorData>>, E, R>
  /**
   * How many batches are held ready while one is in use and another is in the making: 2 if left out. With 0 each is made when it is
   * asked for.
   */
  readonly prefetch?: number
}

/**
 * Batches of a stream of examples. A run that is resumed within an epoch reads that epoch from its beginning and passes over what
 * it has had. A piece whose arrays have another shape than was said, or differ in number, is a defect (`RangeError`).
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 * import { Data } from "fovea"
 * import { tensorData } from "fovea/tensor"
 *
 * const piece = (first: number) => ({ x: tensorData([2, 1], Float32Array.of(first, first + 1)) })
 * const data = Data.streamed({ shapes: { x: [1] }, count: 4, epoch: () => Stream.fromIterable([piece(0), piece(2)]) })
 * const [batch] = await Effect.runPromise(
 *   data.batches({ batchSize: 3, seed: 0, firstUpdate: 0 }).pipe(Stream.take(1), Stream.runCollect)
 * )
 * console.log(batch?.inputs.x.values) // Float32Array(3) [ 0, 1, 2 ]
 * ```
 */
export const streamed = <Name extends string, E, R>({
  name = "stream",
  digests = {},
  shapes,
  count,
  epoch: epochOf,
  prefetch = 2
}: Streamed<Name, E, R>): BatchSource<Name, E, R> => ({
  name,
  digests,
  shapes,
  count,
  batches: ({ batchSize, firstUpdate }) =>
    Stream.suspend((): Stream.Stream<Batch<Name>, BatchSizeError | E, R> => {
      if (!isBatchSize(batchSize, count)) return Stream.fail(new BatchSizeError({ batchSize, count }))
      const perEpoch = updatesPerEpoch(count, batchSize)
      const first = positionOfUpdate(firstUpdate, perEpoch)
      return Stream.unfold(first.epoch, (epoch) => Effect.succeed([epoch, epoch + 1] as const)).pipe(
        Stream.flatMap((epoch) => {
          const passed = epoch === first.epoch ? first.position : 0
          let given = 0
          const rows = epochOf(epoch).pipe(
            Stream.flatMap((piece) => {
              const rows = rowsOf(piece, shapes)
              given += rows.length
              return Stream.fromIterable(rows)
            })
          )
          const short = Stream.suspend(() =>
            Stream.die(
              new RangeError(`epoch ${epoch} of ${name} ended after ${given} examples; ${count} were promised`)
            )
          )
          return Stream.concat(rows, short).pipe(
            Stream.take(perEpoch * batchSize),
            Stream.drop(passed * batchSize),
            Stream.grouped(batchSize),
            // What is left over when the stream fails is no batch.
            Stream.filter((rows) => rows.length === batchSize),
            // A piece may hold many batches, which are not to be copied at once.
            Stream.rechunk(1),
            Stream.map((rows) => ({ epoch, inputs: stacked(rows, shapes) }))
          )
        }),
        Stream.zipWithIndex,
        Stream.map(([batch, i]) => ({ ...batch, update: firstUpdate + i })),
        heldReady(prefetch)
      )
    })
})

/**
 * This many elements held ready while one is in use. Not `Stream.buffer`, which gives out all that it holds at once and fills itself
 * again.
 */
const heldReady =
  (count: number) =>
  <A, E, R>(elements: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
    count === 0
      ? elements
      : Stream.unwrap(
          Effect.map(Stream.toQueue(elements, { capacity: count }), (queue) =>
            Stream.fromEffectRepeat(Queue.take(queue))
          )
        )

type Row<Name extends string> = Readonly<Record<Name, TensorData["values"]>>

/** The examples of a piece, one by one, as views of its numbers. */
const rowsOf = <Name extends string>(
  piece: Readonly<Record<Name, TensorData>>,
  shapes: Readonly<Record<Name, Shape>>
): ReadonlyArray<Row<Name>> => {
  const counts = Object.entries<Shape>(shapes).map(([name, shape]) => {
    const given = own<TensorData>(piece, name)
    if (given === undefined || !sameShape(given.shape.slice(1), shape)) {
      const found = given === undefined ? "missing" : `of shape ${formatShape(given.shape)}`
      throw new RangeError(`a piece of the stream has "${name}" ${found}, not [n, ${shape.join(", ")}]`)
    }
    return given.shape[0] ?? 0
  })
  const [count = 0] = counts
  if (counts.some((other) => other !== count)) {
    throw new RangeError(`the arrays of a piece of the stream hold ${counts.join(" and ")} examples`)
  }
  return Array.from({ length: count }, (_, n) =>
    mapRecord(shapes, (shape, name) => held(piece, name).values.subarray(n * sizeOf(shape), (n + 1) * sizeOf(shape)))
  )
}

const stacked = <Name extends string>(
  rows: ReadonlyArray<Row<Name>>,
  shapes: Readonly<Record<Name, Shape>>
): Readonly<Record<Name, TensorData>> =>
  mapRecord(shapes, (shape, name) => {
    const values = new Float32Array(rows.length * sizeOf(shape))
    for (const [n, row] of rows.entries()) values.set(held(row, name), n * sizeOf(shape))
    return tensorData([rows.length, ...shape], values)
  })
