import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as fc from "fast-check"
import { gatherImages } from "../../../src/domain/dataset/Images.ts"
import { labelledImages, oneHotLabels } from "../../../src/domain/dataset/LabelledImages.ts"
import { syntheticImages } from "../../../src/domain/dataset/syntheticImages.ts"
import { batches, labelledBatches } from "../../../src/layers/dataset/batches.ts"

const set = syntheticImages({ count: 23, channels: 1, height: 6, width: 5, seed: 1, stream: "test" })

const first = (count: number, settings: { batchSize: number; seed: number; firstUpdate: number }) =>
  batches(set, settings).pipe(Stream.take(count), Stream.runCollect)

describe("batches", () => {
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
      const epochs = [0, 1].map((epoch) => got.filter((batch) => batch.epoch === epoch).flatMap((b) => [...b.indices]))
      for (const indices of epochs) assert.strictEqual(new Set(indices).size, 20)
      assert.notDeepEqual(epochs[0], epochs[1])
    })
  )

  it.effect("holds the images that its indices name", () =>
    Effect.gen(function* () {
      for (const { images, indices } of yield* first(5, { batchSize: 5, seed: 1, firstUpdate: 0 })) {
        assert.deepStrictEqual(images.shape, [5, 1, 6, 5])
        assert.deepStrictEqual(images, gatherImages(set, indices))
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
      const one = yield* first(1, { batchSize: 23, seed: 1, firstUpdate: 0 })
      const two = yield* first(1, { batchSize: 23, seed: 2, firstUpdate: 0 })
      assert.notDeepEqual(one[0]?.indices, two[0]?.indices)
    })
  )

  it.effect("gives each batch buffers of its own, and the same stream again when run again", () =>
    Effect.gen(function* () {
      const stream = batches(set, { batchSize: 23, seed: 1, firstUpdate: 0 }).pipe(Stream.take(3))
      const before = yield* Stream.runCollect(stream)
      const buffers = new Set(before.flatMap((batch) => [batch.images.values.buffer, batch.indices.buffer]))
      assert.strictEqual(buffers.size, 6)
      const copies = before.map((batch) => [...batch.indices])
      for (const batch of before) {
        batch.images.values.fill(0)
        batch.indices.fill(0)
      }
      const after = yield* Stream.runCollect(stream)
      assert.deepStrictEqual(
        after.map((batch) => [...batch.indices]),
        copies
      )
    })
  )

  it.effect.each([24, 0, -5, 2.5])("fails for a batch of %d of 23 images, naming both", (batchSize) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(first(1, { batchSize, seed: 1, firstUpdate: 0 }))
      assert.strictEqual(error._tag, "BatchSizeError")
      assert.include(error.message, `batch of ${batchSize} images cannot be taken from a set of 23`)
    })
  )
})

describe("labelledBatches", () => {
  const labelled = Result.getOrThrow(labelledImages(set, "the pictures of a test", 4))

  it.effect("are the batches, each with the labels of its pictures", () =>
    Effect.gen(function* () {
      const settings = { batchSize: 5, seed: 1, firstUpdate: 3 }
      const got = yield* labelledBatches(labelled, settings).pipe(Stream.take(6), Stream.runCollect)
      const plain = yield* first(6, settings)
      assert.deepStrictEqual(
        got.map(({ labels: _, ...batch }) => batch),
        plain
      )
      for (const { labels, indices } of got) {
        assert.deepStrictEqual(labels.shape, [5, 4])
        assert.deepStrictEqual(labels, oneHotLabels(labelled, indices))
      }
    })
  )
})
