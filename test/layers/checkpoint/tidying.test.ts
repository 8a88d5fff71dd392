import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { systemError } from "effect/PlatformError"
import type { Retention } from "../../../src/domain/checkpoint/retention.ts"
import { type Checkpoint, CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { type FileSystemOptions, layerFileSystem } from "../../../src/layers/checkpoint/fileSystem.ts"
import { inFolder } from "../../support/checkpointFolder.ts"
import { withWarnings } from "../../support/withWarnings.ts"
import { assertSame, checkpointOf } from "./checkpointContract.ts"

const open = (directory: string, options: Omit<FileSystemOptions, "directory"> = {}) =>
  Effect.provide(CheckpointStore, layerFileSystem({ directory, ...options }), { local: true })

const names = (fs: FileSystem.FileSystem, directory: string) =>
  Effect.map(fs.readDirectory(directory), (all) => all.sort())

const denied = (method: string) =>
  Effect.fail(systemError({ _tag: "PermissionDenied", module: "FileSystem", method, cause: new Error("EACCES: no") }))

const withLoss = (update: number, loss: number): Checkpoint => {
  const checkpoint = checkpointOf(update)
  return { ...checkpoint, description: { ...checkpoint.description, metrics: { loss } } }
}

describe("a damaged checkpoint that a run did not go on from", () => {
  it.effect("stays where it is until the next save sets it aside, in the place of one that was before", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const store = yield* open(directory, { onDamage: "fallback", keep: 9 })
        for (const update of [1, 2, 3]) yield* store.save(checkpointOf(update))
        for (const update of [2, 3])
          yield* fs.writeFileString(`${directory}/update-0000000${update}/manifest.json`, "{}")
        yield* fs.makeDirectory(`${directory}/update-00000003.damaged/of earlier`, { recursive: true })
        const before = yield* names(fs, directory)
        assert.strictEqual(Option.getOrThrow((yield* withWarnings(store.latest)).result).description.update, 1)
        assert.deepStrictEqual(yield* names(fs, directory), before)

        // Whoever took one away meanwhile has done this store's work.
        yield* fs.remove(`${directory}/update-00000002`, { recursive: true })
        const saving = yield* withWarnings(store.save(checkpointOf(4)))
        assert.deepStrictEqual(saving.lines, [])
        assert.deepStrictEqual(yield* names(fs, directory), [
          "update-00000001",
          "update-00000003.damaged",
          "update-00000004"
        ])
        assert.deepStrictEqual(yield* names(fs, `${directory}/update-00000003.damaged`), [
          "manifest.json",
          "tensors.safetensors"
        ])

        // The update comes again, and is no damaged one now.
        yield* store.save(checkpointOf(3))
        yield* store.save(checkpointOf(5))
        assert.deepStrictEqual(yield* store.list, [1, 3, 4, 5])
        assertSame(yield* store.load(3), checkpointOf(3))
      })
    )
  )
})

describe("a save that cannot tidy up", () => {
  it.effect("has saved all the same, and says what stays", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const troubled = (
          changes: Partial<FileSystem.FileSystem>,
          options: Omit<FileSystemOptions, "directory"> = {}
        ) => Effect.provideService(open(directory, options), FileSystem.FileSystem, { ...fs, ...changes })
        const first = yield* withWarnings(Effect.flatMap(open(directory), ({ save }) => save(checkpointOf(1))))
        assert.deepStrictEqual(first.lines, [], "one that can says nothing")

        const keeping = yield* troubled(
          { remove: (path, options) => (path.includes("/.removing-") ? denied("remove") : fs.remove(path, options)) },
          { keep: 1 }
        )
        const pruned = yield* withWarnings(keeping.save(checkpointOf(2)))
        assert.deepStrictEqual(pruned.lines, [`${directory}/update-00000001 cannot be removed: EACCES: no`])
        assert.deepStrictEqual(yield* keeping.list, [2])

        let listings = 0
        const unlisted = yield* troubled({
          // The first is that of what a killed process left, the second that of what is held.
          readDirectory: (path) =>
            Effect.suspend(() => (++listings === 2 ? denied("readDirectory") : fs.readDirectory(path)))
        })
        const unpruned = yield* withWarnings(unlisted.save(checkpointOf(3)))
        assert.strictEqual(unpruned.lines.length, 1)
        assert.match(unpruned.lines.join(), /fovea-checkpoints-\w+ cannot be read: EACCES: no\. Check the permissions/)
        assert.deepStrictEqual(yield* keeping.list, [2, 3])

        yield* fs.writeFileString(`${directory}/update-00000003/manifest.json`, "{}")
        const stuck = yield* troubled(
          { rename: (from, to) => (to.endsWith(".damaged") ? denied("rename") : fs.rename(from, to)) },
          { onDamage: "fallback" }
        )
        assert.strictEqual(Option.getOrThrow((yield* withWarnings(stuck.latest)).result).description.update, 2)
        const saved = yield* withWarnings(stuck.save(checkpointOf(4)))
        assert.deepStrictEqual(saved.lines, ["damaged checkpoints cannot be set aside: EACCES: no"])
        assertSame(yield* stuck.load(4), checkpointOf(4))
      })
    )
  )
})

describe("a rule for what is kept", () => {
  /** The updates whose manifests three saves look at, in a store that another process has saved update 10 and 20 to. */
  const lookedAt = (keep: number | Retention) =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const earlier = yield* open(directory, { keep: 9 })
        for (const update of [10, 20]) yield* earlier.save(withLoss(update, 1))
        const looks: Array<string> = []
        const watched = FileSystem.FileSystem.of({
          ...fs,
          stat: (path) => {
            const update = /update-0*(\d+)\/manifest\.json$/.exec(path)?.[1]
            if (update !== undefined) looks.push(update)
            return fs.stat(path)
          }
        })
        const store = yield* Effect.provideService(open(directory, { keep }), FileSystem.FileSystem, watched)
        for (const [update, loss] of [[30, 3] as const, [40, 2] as const, [50, 4] as const]) {
          yield* store.save(withLoss(update, loss))
        }
        return looks
      })
    )

  it.effect("looks into checkpoints only for their metrics, and into each once", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* lookedAt({ last: 9, every: 10 }), [])
      assert.deepStrictEqual(yield* lookedAt({ last: 9, best: { metric: "loss", goal: "lowest" } }), ["10", "20"])
    })
  )

  it.effect("takes one that cannot be read for one without metrics", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const keep: Retention = { last: 1, best: { metric: "loss", goal: "lowest" } }
        const earlier = yield* open(directory, { keep: 9 })
        for (const [update, loss] of [[10, 1] as const, [20, 2] as const]) yield* earlier.save(withLoss(update, loss))
        yield* fs.writeFileString(`${directory}/update-00000010/manifest.json`, "{}")
        const { lines } = yield* withWarnings(
          Effect.flatMap(open(directory, { keep }), ({ save }) => save(withLoss(30, 3)))
        )
        assert.deepStrictEqual(lines, [])
        assert.deepStrictEqual(yield* earlier.list, [20, 30])
      })
    )
  )
})
