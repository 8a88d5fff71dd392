import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { inFolder, open } from "../../support/checkpointFolder.ts"
import { assertSame, checkpointOf } from "./checkpointContract.ts"
import { killedAfter } from "./killedAfter.ts"

describe("layerFileSystem", () => {
  it.effect("ignores what a killed process left half-written, and the next save removes it", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const store = yield* open(directory)
        yield* store.save(checkpointOf(1))
        const leftOver = `${directory}/.saving-update-00000002-killed`
        yield* fs.makeDirectory(leftOver)
        yield* fs.writeFileString(`${leftOver}/tensors.safetensors`, "half")
        yield* fs.makeDirectory(`${directory}/.removing-killed`)
        assert.deepStrictEqual(yield* store.list, [1])
        assertSame(Option.getOrThrow(yield* store.latest), checkpointOf(1))
        yield* store.save(checkpointOf(2))
        const names = yield* fs.readDirectory(directory)
        assert.deepStrictEqual(names.sort(), ["update-00000001", "update-00000002"])
      })
    )
  )

  it.effect("a save killed at any step leaves the old state or the new one, and can be repeated", () =>
    Effect.gen(function* () {
      let finished = false
      for (let steps = 0; !finished; steps++) {
        yield* inFolder((directory, fs) =>
          Effect.gen(function* () {
            const before = yield* open(directory, 2)
            for (const [update, value] of [
              [1, 1],
              [2, 2],
              [3, 3]
            ] as const)
              yield* before.save(checkpointOf(update, value))

            const { killed, fileSystem } = killedAfter(steps, fs)
            const dying = yield* Effect.provideService(open(directory, 2), FileSystem.FileSystem, fileSystem)
            yield* Effect.exit(dying.save(checkpointOf(3, 33)))
            finished = !killed()

            const after = yield* open(directory, 2)
            assert.deepStrictEqual(yield* after.list, [2, 3], `killed after ${steps} steps`)
            const survivor = Option.getOrThrow(yield* after.latest)
            const isNew = survivor.tensors["generator.weight"]?.values[0] === 33
            assertSame(survivor, checkpointOf(3, isNew ? 33 : 3))
            assert(isNew || !finished)

            yield* after.save(checkpointOf(4))
            assert.deepStrictEqual((yield* fs.readDirectory(directory)).sort(), ["update-00000003", "update-00000004"])
            assertSame(yield* after.load(3), survivor)
          })
        )
        assert.isBelow(steps, 100)
      }
    })
  )

  it.effect("syncs files and folder before the rename, and the parent after it", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const steps: Array<string> = []
        const note = (step: string) =>
          Effect.sync(() => steps.push(step.replace(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, "")))
        const watched = FileSystem.FileSystem.of({
          ...fs,
          open: (path, options) =>
            Effect.map(fs.open(path, options), (file) => {
              const sync = Effect.tap(file.sync, () => note(`sync ${path.slice(directory.length)}`))
              return { ...file, writeAll: (bytes: Uint8Array) => file.writeAll(bytes), sync }
            }),
          rename: (from, to) => Effect.tap(fs.rename(from, to), () => note(`rename to ${to.slice(directory.length)}`))
        })
        const store = yield* Effect.provideService(open(directory), FileSystem.FileSystem, watched)
        yield* store.save(checkpointOf(1))
        assert.deepStrictEqual(steps, [
          "sync /.saving-update-00000001/tensors.safetensors",
          "sync /.saving-update-00000001/manifest.json",
          "sync /.saving-update-00000001",
          "rename to /update-00000001",
          "sync "
        ])
      })
    )
  )

  it.effect("a folder that vanishes during a run is an error that says so, not a new folder", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const checkpoints = `${directory}/run/checkpoints`
        const store = yield* open(checkpoints)
        yield* store.save(checkpointOf(1))
        yield* fs.remove(`${directory}/run`, { recursive: true })
        const error = yield* Effect.flip(store.save(checkpointOf(2)))
        assert.include(error.message, `cannot be written to ${checkpoints}/update-00000002: ENOENT`)
        assert.include(error.message, "it was moved or removed")
        assert.deepStrictEqual(yield* fs.readDirectory(directory), [])
      })
    )
  )

  it.effect("a save that cannot finish leaves the old checkpoint and no scratch folder", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        yield* (yield* open(directory)).save(checkpointOf(1, 1))
        const full = FileSystem.FileSystem.of({
          ...fs,
          open: (path, options) =>
            path.endsWith("manifest.json") ? fs.open(`${directory}/no/such/folder`, options) : fs.open(path, options)
        })
        const store = yield* Effect.provideService(open(directory), FileSystem.FileSystem, full)
        const result = yield* Effect.result(store.save(checkpointOf(1, 2)))
        assert(Result.isFailure(result))
        assert.match(result.failure.message, /cannot be written to .*update-00000001: ENOENT/)
        assert.deepStrictEqual(yield* fs.readDirectory(directory), ["update-00000001"])
        assertSame(yield* store.load(1), checkpointOf(1, 1))
      })
    )
  )
})
