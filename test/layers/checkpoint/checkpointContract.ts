import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as fc from "fast-check"
import { descriptionOf } from "../../../src/domain/checkpoint/Manifest.ts"
import { filled } from "../../../src/domain/tensor/TensorData.ts"
import {
  type Checkpoint,
  type CheckpointError,
  CheckpointStore
} from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { manifest } from "../../domain/checkpoint/exampleManifest.ts"
import { bitsOf, finiteTensors } from "../../domain/checkpoint/randomTensors.ts"

/** A small checkpoint; `value` tells two of the same update apart. */
export const checkpointOf = (update: number, value = update): Checkpoint => ({
  description: { ...descriptionOf(manifest), update, settings: { value: String(value) } },
  tensors: { "generator.weight": filled([2, 3], value), "optimizer.step": filled([], update) }
})

/** Equal to the bit, with a readable difference if not. */
export const assertSame = (actual: Checkpoint, expected: Checkpoint): void => {
  assert.deepStrictEqual(actual.description, expected.description)
  assert.deepStrictEqual(bitsOf(actual.tensors), bitsOf(expected.tensors))
}

/**
 * What every `CheckpointStore` promises. `layer` builds a new, empty store that keeps at least three checkpoints;
 * it is provided afresh to each test.
 */
export const checkpointContract = (name: string, layer: Layer.Layer<CheckpointStore, unknown>): void => {
  /** Runs a test against a store of its own. */
  const withStore = <A, E>(use: (store: CheckpointStore["Service"]) => Effect.Effect<A, E>) =>
    CheckpointStore.use(use).pipe(Effect.provide(layer, { local: true }))

  describe(`${name}: the contract of CheckpointStore`, () => {
    it.effect.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
      "keeps no state that holds %d",
      (value) =>
        withStore((store) =>
          Effect.gen(function* () {
            yield* store.save(checkpointOf(1))
            const error = yield* Effect.flip(store.save(checkpointOf(2, value)))
            assert.strictEqual(error.reason._tag, "Unwritable")
            assert.include(error.message, `"generator.weight" holds ${value}, which is no finite number`)
            assert.deepStrictEqual(yield* store.list, [1])
          })
        )
    )

    it.effect("is empty at first", () =>
      withStore((store) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* store.list, [])
          assert.deepStrictEqual(yield* store.latest, Option.none())
          const error: CheckpointError = yield* Effect.flip(store.load(5))
          assert.strictEqual(error.reason._tag, "NotFound")
          assert.include(error.message, `${store.location} holds no checkpoint of update 5`)
        })
      )
    )

    it.effect("lists updates in ascending order, whatever the order of saving, and loads each", () =>
      withStore((store) =>
        Effect.gen(function* () {
          for (const update of [1000, 0, 123_456_789]) {
            const saved = yield* store.save(checkpointOf(update))
            assert.strictEqual(saved.update, update)
            assert.include(saved.path, String(update))
          }
          assert.deepStrictEqual(yield* store.list, [0, 1000, 123_456_789])
          for (const update of yield* store.list) assertSame(yield* store.load(update), checkpointOf(update))
          const newest = yield* store.latest
          assertSame(Option.getOrThrow(newest), checkpointOf(123_456_789))
          const error = yield* Effect.flip(store.load(7))
          assert.include(error.message, "0, 1000, 123456789")
        })
      )
    )

    it.effect("replaces a checkpoint of the same update", () =>
      withStore((store) =>
        Effect.gen(function* () {
          yield* store.save(checkpointOf(3, 1))
          yield* store.save(checkpointOf(3, 2))
          assert.deepStrictEqual(yield* store.list, [3])
          assertSame(yield* store.load(3), checkpointOf(3, 2))
        })
      )
    )

    it.effect("gives back random tensors to the bit", () =>
      withStore((store) =>
        Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(finiteTensors, async (tensors) => {
              const checkpoint = { ...checkpointOf(1), tensors }
              await Effect.runPromise(store.save(checkpoint))
              assertSame(await Effect.runPromise(store.load(1)), checkpoint)
            }),
            { numRuns: 15 }
          )
        )
      )
    )

    it.effect("copies tensors in and out", () =>
      withStore((store) =>
        Effect.gen(function* () {
          const values = Float32Array.of(1, 2)
          const checkpoint: Checkpoint = { ...checkpointOf(1), tensors: { w: { shape: [2], values } } }
          yield* store.save(checkpoint)
          values.fill(0)
          const first = yield* store.load(1)
          assert.deepStrictEqual(first.tensors["w"]?.values, Float32Array.of(1, 2))
          first.tensors["w"]?.values.fill(9)
          const second = yield* store.load(1)
          assert.deepStrictEqual(second.tensors["w"]?.values, Float32Array.of(1, 2))
        })
      )
    )

    it.effect("refuses a description that breaks its schema, and says where; what was there stays", () =>
      withStore((store) =>
        Effect.gen(function* () {
          yield* store.save(checkpointOf(1))
          const good = checkpointOf(1, 2)
          const bad = { ...good, description: { ...good.description, metrics: { loss: Number.NaN } } }
          const error = yield* Effect.flip(store.save(bad))
          assert.strictEqual(error.reason._tag, "Unwritable")
          assert.include(error.message, '["metrics"]["loss"]')
          assertSame(yield* store.load(1), checkpointOf(1))
        })
      )
    )

    it.effect("finishes a save that is interrupted", () =>
      withStore((store) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(store.save(checkpointOf(4)), { startImmediately: true })
          yield* Fiber.interrupt(fiber)
          assertSame(yield* store.load(4), checkpointOf(4))
        })
      )
    )

    it.effect("takes saves and loads at the same time", () =>
      withStore((store) =>
        Effect.gen(function* () {
          yield* store.save(checkpointOf(1, 0))
          const saves = [1, 2, 3, 4].map((value) => store.save(checkpointOf(1, value)))
          const loads = [1, 2, 3, 4].map(() => store.load(1))
          yield* Effect.all([...saves, ...loads], { concurrency: "unbounded" })
          assert.deepStrictEqual(yield* store.list, [1])
        })
      )
    )
  })
}
