import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { descriptionOf } from "../../../src/domain/checkpoint/Manifest.ts"
import { filled } from "../../../src/domain/tensor/TensorData.ts"
import { type Checkpoint, CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import {
  ClassifierStore,
  layerClassifier,
  layerClassifierMemory
} from "../../../src/layers/checkpoint/ClassifierStore.ts"
import { layerMemory } from "../../../src/layers/checkpoint/memory.ts"
import { FolderLockedError, lockFile } from "../../../src/layers/lock/FolderLock.ts"
import { LockLostError } from "../../../src/layers/lock/LockLostError.ts"
import { manifest } from "../../domain/checkpoint/exampleManifest.ts"

const checkpointOf = (update: number): Checkpoint => ({
  description: { ...descriptionOf(manifest), update },
  tensors: { "classifier.output.bias": filled([3], update) }
})

describe("ClassifierStore", () => {
  it.effect("is another store than a run's", () =>
    Effect.gen(function* () {
      const [classifier, run] = [yield* ClassifierStore, yield* CheckpointStore]
      yield* classifier.save(checkpointOf(3))
      assert.deepStrictEqual([yield* classifier.list, yield* run.list], [[3], []])
    }).pipe(Effect.provide(Layer.mergeAll(layerMemory, layerClassifierMemory), { local: true }))
  )

  it.effect("keeps the newest in its folder", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      yield* Effect.gen(function* () {
        const store = yield* ClassifierStore
        for (const update of [1, 2, 3]) yield* store.save(checkpointOf(update))
        assert.strictEqual(store.location, directory)
        assert.deepStrictEqual(yield* store.list, [3])
      }).pipe(Effect.provide(layerClassifier({ directory })))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("is held by who trains, and gives what that comes to; nothing is saved once another has its folder", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const lock = `${directory}/${lockFile}`
      yield* Effect.gen(function* () {
        const store = yield* ClassifierStore
        const training = Effect.gen(function* () {
          assert.instanceOf(yield* Effect.flip(store.hold(Effect.void)), FolderLockedError)
          yield* store.save(checkpointOf(1))
          return "trained"
        })
        assert.strictEqual(yield* store.hold(training), "trained")
        assert.isFalse(yield* fs.exists(lock))
        const takenOver = Effect.andThen(
          fs.writeFileString(lock, JSON.stringify({ id: "another", process: 77, host: "elsewhere" })),
          store.save(checkpointOf(2))
        )
        assert.instanceOf(yield* Effect.flip(store.hold(takenOver)), LockLostError)
        assert.deepStrictEqual(yield* store.list, [1])
      }).pipe(Effect.provide(layerClassifier({ directory })))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("in memory needs no folder to be held", () =>
    Effect.gen(function* () {
      const store = yield* ClassifierStore
      const training = Effect.as(store.save(checkpointOf(1)), "trained")
      assert.strictEqual(yield* store.hold(training), "trained")
    }).pipe(Effect.provide(layerClassifierMemory))
  )
})
