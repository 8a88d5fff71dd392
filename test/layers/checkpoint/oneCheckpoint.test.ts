import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { updatesIn } from "../../../src/layers/checkpoint/checkpointFolder.ts"
import { layerFileSystem } from "../../../src/layers/checkpoint/fileSystem.ts"
import { layerOneCheckpoint } from "../../../src/layers/checkpoint/oneCheckpoint.ts"
import { assertSame, checkpointOf } from "./checkpointContract.ts"

describe("layerOneCheckpoint", () => {
  it.effect("gives the checkpoint in a folder of any name, knows no other and saves none", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-one-" })
      const { path } = yield* CheckpointStore.use(({ save }) => save(checkpointOf(7))).pipe(
        Effect.provide(layerFileSystem({ directory }), { local: true })
      )
      const folder = `${directory}/the best one`
      yield* fs.rename(path, folder)
      const before = yield* fs.readDirectory(directory, { recursive: true })
      yield* Effect.gen(function* () {
        const store = yield* CheckpointStore
        assert.strictEqual(store.location, folder)
        assert.deepStrictEqual(yield* store.list, [7])
        assertSame(yield* store.load(7), checkpointOf(7))
        assertSame(Option.getOrThrow(yield* store.latest), checkpointOf(7))
        const other = yield* Effect.flip(store.load(8))
        assert.strictEqual(other.message, `${folder} holds no checkpoint of update 8, but those of updates 7.`)
        const refused = yield* Effect.flip(store.save(checkpointOf(7)))
        assert.include(refused.message, "it is read as it is, and nothing is saved beside it")
      }).pipe(Effect.provide(layerOneCheckpoint({ folder, update: 7 }), { local: true }))
      assert.deepStrictEqual(yield* fs.readDirectory(directory, { recursive: true }), before)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("updatesIn", () => {
  it("reads updates out of the names of checkpoints' folders, each once and in their order, and out of no other name", () => {
    const names = [
      "update-00000500",
      "update-00000020",
      "update-00000020.replaced",
      "update-00000003.replaced",
      "update-123456789",
      // Needless zeros, too few digits, something around them, and more than a number holds.
      "update-000000500",
      "update-0000500",
      "update-00000600.damaged",
      "an update-00000700",
      "update-00000800 ",
      "update-99999999999999999999",
      ".saving-update-00000900-1",
      "update-00000NaN",
      "log.jsonl"
    ]
    assert.deepStrictEqual(updatesIn(names), [3, 20, 500, 123_456_789])
    assert.deepStrictEqual(updatesIn([]), [])
  })
})
