import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { systemError } from "effect/PlatformError"
import type { Retention } from "../../../src/domain/checkpoint/retention.ts"
import { layerFileSystem } from "../../../src/layers/checkpoint/fileSystem.ts"
import { inFolder, MANIFEST, open, TENSORS, temporaryFolder } from "../../support/checkpointFolder.ts"
import { assertSame, checkpointContract, checkpointOf } from "./checkpointContract.ts"

checkpointContract(
  "file system",
  Layer.unwrap(
    // The folders below it do not exist yet: the first save has to make them.
    Effect.map(temporaryFolder, (folder) => layerFileSystem({ directory: `${folder}/runs/one` }))
  ).pipe(Layer.provide(NodeServices.layer))
)

describe("layerFileSystem", () => {
  it.effect("wants a positive number of checkpoints to keep", () =>
    Effect.gen(function* () {
      for (const keep of [0, -1, 1.5, Number.NaN, { last: 0 }, { last: 1, every: 0 }]) {
        const error = yield* Effect.flip(Effect.scoped(Layer.build(layerFileSystem({ directory: "x", keep }))))
        assert.match(error.message, /x: keep(\.every)? must be a positive integer/)
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("writes the two files, readable by anyone who may read the folder's other files, and nothing else", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const store = yield* open(directory)
        const saved = yield* store.save(checkpointOf(1))
        assert.strictEqual(saved.path, `${directory}/update-00000001`)
        const names = yield* fs.readDirectory(directory, { recursive: true })
        assert.deepStrictEqual(names.sort(), ["update-00000001", MANIFEST, TENSORS])
        const manifest = JSON.parse(yield* fs.readFileString(`${directory}/${MANIFEST}`))
        const { size } = yield* fs.stat(`${directory}/${TENSORS}`)
        assert.strictEqual(manifest.tensors.bytes, Number(size))
        assert.strictEqual(manifest.tensors.count, 2)
        // A private temporary folder renamed into place would have lost the umask's group and world bits.
        yield* fs.makeDirectory(`${directory}/ordinary`)
        const ordinary = yield* fs.stat(`${directory}/ordinary`)
        assert.strictEqual((yield* fs.stat(saved.path)).mode, ordinary.mode)
      })
    )
  )

  it.effect("finds a checkpoint that another process puts in place between two looks", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const saved = yield* (yield* open(directory)).save(checkpointOf(1))
        yield* fs.rename(saved.path, `${directory}/hidden`)
        // As in a save over an old checkpoint: neither place holds it while it is looked for, and then its own does.
        const looks: Array<string> = []
        const exists = (path: string) =>
          Effect.gen(function* () {
            looks.push(path)
            const found = yield* fs.exists(path)
            if (looks.length === 2) yield* fs.rename(`${directory}/hidden`, saved.path)
            return found
          })
        const store = yield* open(directory)
        const raced = yield* Effect.provideService(open(directory), FileSystem.FileSystem, { ...fs, exists })
        looks.length = 0
        assertSame(yield* raced.load(1), yield* store.load(1))
        assert.lengthOf(looks, 3)
      })
    )
  )

  it.effect("keeps the newest, and never removes the one it has just saved", () =>
    inFolder((directory) =>
      Effect.gen(function* () {
        const store = yield* open(directory, 2)
        for (const update of [10, 20, 30, 40]) yield* store.save(checkpointOf(update))
        assert.deepStrictEqual(yield* store.list, [30, 40])
        // A run that went back to an earlier state and saves again:
        yield* store.save(checkpointOf(15))
        assert.deepStrictEqual(yield* store.list, [15, 30, 40])
        assertSame(yield* store.load(15), checkpointOf(15))
      })
    )
  )

  it.effect("keeps by a rule, also what an earlier process saved", () =>
    inFolder((directory) =>
      Effect.gen(function* () {
        const withLoss = (update: number, loss: number) => {
          const checkpoint = checkpointOf(update)
          return { ...checkpoint, description: { ...checkpoint.description, metrics: { loss } } }
        }
        const rule: Retention = { last: 1, every: 40, best: { metric: "loss", goal: "lowest" } }
        const first = yield* open(directory, rule)
        for (const [i, loss] of [5, 1, 4, 2].entries()) yield* first.save(withLoss(10 * (i + 1), loss))
        assert.deepStrictEqual(yield* first.list, [20, 40])
        const second = yield* open(directory, rule)
        yield* second.save(withLoss(50, 3))
        assert.deepStrictEqual(yield* second.list, [20, 40, 50])
        yield* second.save(withLoss(60, 0))
        assert.deepStrictEqual(yield* second.list, [40, 60])
      })
    )
  )

  it.effect("resumes in a new process from what keep has left", () =>
    inFolder((directory) =>
      Effect.gen(function* () {
        const first = yield* open(directory, 1)
        for (const update of [1, 2, 3]) yield* first.save(checkpointOf(update))
        const second = yield* open(directory, 1)
        assert.deepStrictEqual(yield* second.list, [3])
        assertSame(Option.getOrThrow(yield* second.latest), checkpointOf(3))
      })
    )
  )

  it.effect("ignores files and folders of others, and leaves them alone", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const others = [
          ".hidden",
          "notes.txt",
          "update-1",
          "update-00000001.bak",
          "update-000000001",
          "update-000000000",
          "my-update-00000001.replaced",
          "update-00000001-mine.replaced",
          "my.saving-1"
        ]
        for (const name of others) yield* fs.writeFileString(`${directory}/${name}`, "")
        const store = yield* open(directory, 1)
        yield* store.save(checkpointOf(5))
        yield* store.save(checkpointOf(6))
        assert.deepStrictEqual(yield* store.list, [6])
        assert.deepStrictEqual((yield* fs.readDirectory(directory)).sort(), [...others, "update-00000006"].sort())
      })
    )
  )

  it.effect("says which path cannot be written, read or listed", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        // Tests may run as root, whom permissions do not stop; a path below a regular file stops everybody.
        yield* fs.writeFileString(`${directory}/file`, "")
        const store = yield* open(`${directory}/file/checkpoints`)
        const saving = yield* Effect.flip(store.save(checkpointOf(1)))
        assert.strictEqual(saving.reason._tag, "Unwritable")
        assert.match(saving.message, /cannot be written to .*\/file\/checkpoints: ENOTDIR/)
        const listing = yield* Effect.flip(store.list)
        assert.strictEqual(listing.reason._tag, "Unreadable")
        assert.match(listing.message, /\/file\/checkpoints cannot be read: ENOTDIR/)

        yield* fs.makeDirectory(`${directory}/${MANIFEST}`, { recursive: true })
        const loading = yield* Effect.flip((yield* open(directory)).load(1))
        assert.strictEqual(loading.reason._tag, "Unreadable")
        assert.match(loading.message, /update-00000001\/manifest\.json cannot be read: it is a folder, not a file/)

        const denied = systemError({ _tag: "PermissionDenied", module: "FileSystem", method: "stat" })
        const closed = FileSystem.FileSystem.of({
          ...fs,
          stat: (path) => (path.endsWith("manifest.json") ? Effect.fail(denied) : fs.stat(path))
        })
        const shut = yield* Effect.flip(
          (yield* Effect.provideService(open(directory), FileSystem.FileSystem, closed)).load(1)
        )
        assert.strictEqual(shut.reason._tag, "Unreadable")
      })
    )
  )
})
