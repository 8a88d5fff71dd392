import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import * as fc from "fast-check"
import {
  bytes,
  type ExampleArray,
  examples,
  floats,
  gather,
  imageExamples,
  integers,
  oneHot
} from "../../../src/domain/data/Examples.ts"
import { syntheticImages } from "../../../src/domain/data/syntheticImages.ts"
import { type TensorData, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { type BatchSettings, type BatchSource, shuffled, streamed } from "../../../src/layers/dataset/BatchSource.ts"

const set = syntheticImages({ count: 23, channels: 1, height: 6, width: 5, seed: 1, stream: "test" })
const indexed = examples({
  ...imageExamples(set).arrays,
  index: integers(
    [],
    Uint32Array.from({ length: 23 }, (_, i) => i)
  )
})

const pixels = Uint8Array.of(0, 1, 3, 0)

const take = <Name extends string>(source: BatchSource<Name>, count: number, settings: BatchSettings) =>
  source.batches(settings).pipe(Stream.take(count), Stream.runCollect)
const first = (count: number, settings: BatchSettings) => take(shuffled(indexed), count, settings)
const indicesOf = ({ inputs }: { readonly inputs: { readonly index: TensorData } }) => [...inputs.index.values]

describe("shuffled", () => {
  it.effect("goes through the set once an epoch, in another order each time, and drops the remainder", () =>
    Effect.gen(function* () {
      const got = yield* first(8, { batchSize: 5, seed: 1, firstUpdate: 0 })
      assert.deepStrictEqual(
        got.map((batch) => batch.update),
        [0, 1, 2, 3, 4, 5, 6, 7]
      )
      assert.deepStrictEqual(
        got.map((batch) => batch.epoch),
        [0, 0, 0, 0, 1, 1, 1, 1]
      )
      const epochs = [0, 1].map((epoch) => got.filter((batch) => batch.epoch === epoch).flatMap(indicesOf))
      for (const indices of epochs) assert.strictEqual(new Set(indices).size, 20)
      assert.notDeepEqual(epochs[0], epochs[1])
    })
  )

  it.effect("keeps the arrays of an example together", () =>
    Effect.gen(function* () {
      for (const { inputs } of yield* first(5, { batchSize: 5, seed: 1, firstUpdate: 0 })) {
        assert.deepStrictEqual(inputs.images.shape, [5, 1, 6, 5])
        assert.deepStrictEqual(inputs, gather(indexed, inputs.index.values))
      }
    })
  )

  it.effect("resumed at any update is the same stream", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.nat(20),
          fc.integer({ min: 1, max: 23 }),
          fc.nat(),
          async (firstUpdate, batchSize, seed) => {
            const straight = await Effect.runPromise(first(firstUpdate + 4, { batchSize, seed, firstUpdate: 0 }))
            const resumed = await Effect.runPromise(first(4, { batchSize, seed, firstUpdate }))
            assert.deepStrictEqual(resumed, straight.slice(firstUpdate))
          }
        ),
        { numRuns: 30 }
      )
    )
  )

  it.effect("depends on the seed", () =>
    Effect.gen(function* () {
      const [one] = yield* first(1, { batchSize: 23, seed: 1, firstUpdate: 0 })
      const [two] = yield* first(1, { batchSize: 23, seed: 2, firstUpdate: 0 })
      assert.notDeepEqual(one?.inputs.index, two?.inputs.index)
    })
  )

  it.effect("gives each batch buffers of its own, and the same stream again when run again", () =>
    Effect.gen(function* () {
      const source = shuffled(indexed)
      const settings = { batchSize: 23, seed: 1, firstUpdate: 0 }
      const before = yield* take(source, 3, settings)
      const buffers = before.flatMap(({ inputs }) => [inputs.images.values.buffer, inputs.index.values.buffer])
      assert.strictEqual(new Set(buffers).size, 6)
      const copies = before.map(indicesOf)
      for (const { inputs } of before) inputs.index.values.fill(0)
      assert.deepStrictEqual((yield* take(source, 3, settings)).map(indicesOf), copies)
    })
  )

  it.effect.each([24, 0, -5, 2.5])("fails for a batch of %d of 23 examples, naming both", (batchSize) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(first(1, { batchSize, seed: 1, firstUpdate: 0 }))
      assert.strictEqual(error._tag, "BatchSizeError")
      assert.include(error.message, `batch of ${batchSize} examples cannot be taken from a set of 23`)
    })
  )

  it("has the digest of what its arrays hold, whatever their place in memory", () => {
    const values = Float32Array.of(9, 1, 2, 3)
    const digestOf = (part: Float32Array) => shuffled(examples({ x: floats([], part) })).digests["x"]
    assert.strictEqual(digestOf(values.subarray(1)), digestOf(Float32Array.of(1, 2, 3)))
    assert.notStrictEqual(digestOf(values.subarray(0, 3)), digestOf(Float32Array.of(1, 2, 3)))
  })

  it.each<[string, ExampleArray, ExampleArray]>([
    ["the same numbers as pixels and as whole numbers", bytes([2], pixels), integers([2], pixels)],
    ["one-hot among fewer classes and among more", oneHot(pixels, 4), oneHot(pixels, 5)],
    ["pairs and single numbers", integers([2], pixels), integers([], pixels)],
    ["a row and a column", bytes([1, 2], pixels), bytes([2, 1], pixels)],
    ["four bytes and one word", integers([], pixels), integers([], new Uint32Array(pixels.buffer))],
    [
      "a word and a float of the same bits",
      integers([], new Uint32Array(pixels.buffer)),
      floats([], new Float32Array(pixels.buffer))
    ]
  ])("has another digest for %s", (_, one, other) => {
    const digestOf = (x: ExampleArray) => shuffled(examples({ x })).digests.x
    assert.notStrictEqual(digestOf(one), digestOf(other))
    assert.strictEqual(digestOf(one), digestOf({ ...one }))
  })
})

describe("streamed", () => {
  /** Epochs of `count` numbers, 100 e + n, in pieces of the given sizes over and over. */
  const numbers = (count: number, sizes: ReadonlyArray<number>, given = count) =>
    streamed({
      shapes: { x: [] },
      count,
      epoch: (epoch) => {
        const values = Array.from({ length: given }, (_, n) => 100 * epoch + n)
        const pieces: Array<{ readonly x: TensorData }> = []
        for (let at = 0, i = 0; at < values.length; i++) {
          const piece = values.slice(at, at + (sizes[i % sizes.length] ?? 1))
          pieces.push({ x: tensorData([piece.length], Float32Array.from(piece)) })
          at += piece.length
        }
        return Stream.fromIterable(pieces)
      }
    })
  const valuesOf = (batches: ReadonlyArray<{ readonly inputs: { readonly x: TensorData } }>) =>
    batches.map(({ inputs }) => [...inputs.x.values])

  it.effect("makes batches of pieces of any size, epoch after epoch, without the remainder", () =>
    Effect.gen(function* () {
      for (const sizes of [[1], [7], [2, 3], [5, 1, 1]]) {
        const got = yield* take(numbers(7, sizes), 5, { batchSize: 3, seed: 0, firstUpdate: 0 })
        assert.deepStrictEqual(valuesOf(got), [
          [0, 1, 2],
          [3, 4, 5],
          [100, 101, 102],
          [103, 104, 105],
          [200, 201, 202]
        ])
        assert.deepStrictEqual(
          got.map(({ update, epoch }) => [update, epoch]),
          [
            [0, 0],
            [1, 0],
            [2, 1],
            [3, 1],
            [4, 2]
          ]
        )
      }
    })
  )

  it.effect("resumed at any update is the same stream", () =>
    Effect.gen(function* () {
      const source = numbers(11, [4])
      const straight = yield* take(source, 14, { batchSize: 2, seed: 0, firstUpdate: 0 })
      for (let firstUpdate = 0; firstUpdate < 11; firstUpdate++) {
        const resumed = yield* take(source, 3, { batchSize: 2, seed: 0, firstUpdate })
        assert.deepStrictEqual(resumed, straight.slice(firstUpdate, firstUpdate + 3))
      }
    })
  )

  it.effect("says which epoch ended before the examples that were promised", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(take(numbers(9, [4], 5), 4, { batchSize: 3, seed: 0, firstUpdate: 0 }))
      assert.isTrue(Exit.isFailure(exit))
      assert.include(String(exit), "epoch 0 of stream ended after 5 examples; 9 were promised")
    })
  )

  it.effect("says which array of a piece has another shape", () =>
    Effect.gen(function* () {
      const source = streamed({
        shapes: { x: [2] },
        count: 4,
        epoch: () => Stream.make({ x: tensorData([4, 3], new Float32Array(12)) })
      })
      const exit = yield* Effect.exit(take(source, 1, { batchSize: 2, seed: 0, firstUpdate: 0 }))
      assert.include(String(exit), 'a piece of the stream has "x" of shape [4, 3], not [n, 2]')
    })
  )

  it.effect("fails as the stream does, in its own type, after the whole batches before", () =>
    Effect.gen(function* () {
      const source = streamed({
        shapes: { x: [] },
        count: 9,
        epoch: () =>
          Stream.concat(
            Stream.make({ x: tensorData([7], new Float32Array(7)) }),
            Stream.fail("the disk is gone" as const)
          )
      })
      const seen: Array<ReadonlyArray<number>> = []
      const error = yield* source.batches({ batchSize: 3, seed: 0, firstUpdate: 0 }).pipe(
        Stream.tap(({ inputs }) => Effect.sync(() => seen.push(inputs.x.shape))),
        Stream.runDrain,
        Effect.flip
      )
      assert.strictEqual(error, "the disk is gone")
      assert.deepStrictEqual(seen, [[3], [3]])
    })
  )

  it.effect.each([0, 1, 2, 5])("holds %d batches ready while one is in use, and no more", (prefetch) =>
    Effect.gen(function* () {
      let made = 0
      const source = streamed({
        shapes: { x: [] },
        count: 1000,
        prefetch,
        epoch: () =>
          Stream.range(1, 500).pipe(
            // One piece at a time, as a file would be read.
            Stream.rechunk(1),
            Stream.mapEffect(() => Effect.sync(() => ({ x: tensorData([2], Float32Array.of(++made, made)) })))
          )
      })
      const ahead: Array<number> = []
      yield* source.batches({ batchSize: 2, seed: 0, firstUpdate: 0 }).pipe(
        Stream.tap(({ update }) =>
          Effect.gen(function* () {
            for (let i = 0; i < 100; i++) yield* Effect.yieldNow
            ahead.push(made - update - 1)
          })
        ),
        Stream.take(4),
        Stream.runDrain
      )
      // Besides those that are ready one is in the making.
      const ready = prefetch === 0 ? 0 : prefetch + 1
      assert.deepStrictEqual(ahead, [ready, ready, ready, ready])
    })
  )
})
