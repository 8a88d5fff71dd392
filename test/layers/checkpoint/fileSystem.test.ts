import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import { systemError } from "effect/PlatformError"
import * as Result from "effect/Result"
import type { Retention } from "../../../src/domain/checkpoint/retention.ts"
import { CheckpointError, CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { layerFileSystem } from "../../../src/layers/checkpoint/fileSystem.ts"
import { assertSame, checkpointContract, checkpointOf } from "./checkpointContract.ts"
import { killedAfter } from "./killedAfter.ts"

const temporaryFolder = FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped({ prefix: "fovea-checkpoints-" }))

checkpointContract(
  "file system",
  Layer.unwrap(
    // The folders below it do not exist yet: the first save has to make them.
    Effect.map(temporaryFolder, (folder) => layerFileSystem({ directory: `${folder}/runs/one` }))
  ).pipe(Layer.provide(NodeServices.layer))
)

/** A new store on `directory`, as a restarted process would open it. */
const open = (directory: string, keep?: number | Retention) =>
  Effect.provide(CheckpointStore, layerFileSystem({ directory, keep }), { local: true })

/** Runs a test in a temporary folder of its own. */
const inFolder = <A, E>(
  test: (directory: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* test(yield* temporaryFolder, fs)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const MANIFEST = "update-00000001/manifest.json"
const TENSORS = "update-00000001/tensors.safetensors"

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

  it.effect("notices every flipped byte of both files, and names the file", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const store = yield* open(directory)
        yield* store.save(checkpointOf(1))
        for (const name of [MANIFEST, TENSORS]) {
          const path = `${directory}/${name}`
          const original = yield* fs.readFile(path)
          for (let at = 0; at < original.length; at++) {
            const bytes = Uint8Array.from(original)
            // Every bit in turn: flips that make JSON of another meaning, or bytes that are not UTF-8, occur.
            bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
            yield* fs.writeFile(path, bytes)
            const error = yield* Effect.flip(store.load(1))
            assert.instanceOf(error, CheckpointError)
            assert.strictEqual(error.reason._tag, "Damaged")
            assert.strictEqual(error.path, path, `byte ${at}`)
          }
          yield* fs.writeFile(path, original)
          assertSame(yield* store.load(1), checkpointOf(1))
        }
      })
    )
  )

  it.effect("notices truncated, lengthened and missing files", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const store = yield* open(directory)
        yield* store.save(checkpointOf(1))
        for (const name of [MANIFEST, TENSORS]) {
          const path = `${directory}/${name}`
          const original = yield* fs.readFile(path)
          const faults = [
            fs.writeFile(path, original.subarray(0, original.length - 1)),
            fs.writeFile(path, original.subarray(0, 0)),
            fs.writeFile(path, Uint8Array.from([...original, 0])),
            fs.remove(path)
          ]
          for (const fault of faults) {
            yield* fault
            const error = yield* Effect.flip(store.load(1))
            assert.strictEqual(error.path, path)
            assert.strictEqual(error.reason._tag, "Damaged")
            assert.include(error.message, `${path} is damaged: expected`)
          }
          yield* fs.writeFile(path, original)
        }
      })
    )
  )

  it.effect("gives the expected and the found digest", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const store = yield* open(directory)
        yield* store.save(checkpointOf(1))
        const bytes = Uint8Array.from(yield* fs.readFile(`${directory}/${TENSORS}`))
        bytes[bytes.length - 1] = 1
        yield* fs.writeFile(`${directory}/${TENSORS}`, bytes)
        const { message } = yield* Effect.flip(store.load(1))
        assert.match(message, /tensors\.safetensors is damaged: expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}/)
      })
    )
  )

  it.effect("latest fails on a damaged newest checkpoint and names the newest intact one", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const store = yield* open(directory)
        for (const update of [1, 2, 3]) yield* store.save(checkpointOf(update))
        yield* fs.remove(`${directory}/update-00000003/manifest.json`)
        yield* fs.writeFileString(`${directory}/update-00000002/manifest.json`, "{}")
        const error = yield* Effect.flip(store.latest)
        assert.strictEqual(error.path, `${directory}/update-00000003/manifest.json`)
        assert.strictEqual(error.intact, 1)
        assert.include(error.message, "newest intact checkpoint is that of update 1;")
        yield* fs.writeFileString(`${directory}/${MANIFEST}`, "{}")
        assert.include((yield* Effect.flip(store.latest)).message, "No other checkpoint here is intact.")
      })
    )
  )

  it.effect("gives no state that holds NaN, and falls back from one if it may", () =>
    inFolder((directory) =>
      Effect.gen(function* () {
        const careless = yield* Effect.provide(CheckpointStore, layerFileSystem({ directory, onNotFinite: "keep" }), {
          local: true
        })
        yield* careless.save(checkpointOf(1))
        yield* careless.save(checkpointOf(2, Number.NaN))
        assertSame(yield* careless.load(2), checkpointOf(2, Number.NaN))
        const store = yield* open(directory)
        const error = yield* Effect.flip(store.latest)
        assert.deepStrictEqual(error.reason, { _tag: "NotFinite", tensor: "generator.weight", value: "NaN" })
        assert.match(
          error.message,
          /tensors\.safetensors holds numbers that are not finite: "generator\.weight" holds NaN/
        )
        assert.match(error.message, /newest intact checkpoint is that of update 1; .* --on-damage fallback\.$/)
        const falling = layerFileSystem({ directory, onDamage: "fallback" })
        const { latest } = yield* Effect.provide(CheckpointStore, falling, { local: true })
        assert.strictEqual(Option.getOrThrow(yield* latest).description.update, 1)
      })
    )
  )

  it.effect("refuses a folder that was renamed to another update", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const store = yield* open(directory)
        yield* store.save(checkpointOf(1))
        yield* fs.rename(`${directory}/update-00000001`, `${directory}/update-00000009`)
        const error = yield* Effect.flip(store.load(9))
        assert.include(error.message, "expected update 9, found update 1")
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

  it.effect("refuses a file that is a link, wherever it leads", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const store = yield* open(directory)
        yield* store.save(checkpointOf(1))
        for (const name of [MANIFEST, TENSORS]) {
          yield* fs.rename(`${directory}/${name}`, `${directory}/elsewhere`)
          yield* fs.symlink(`${directory}/elsewhere`, `${directory}/${name}`)
          const { message } = yield* Effect.flip(store.load(1))
          assert.include(message, `${name} is damaged: expected a file, found a link`)
          yield* fs.remove(`${directory}/${name}`)
          yield* fs.rename(`${directory}/elsewhere`, `${directory}/${name}`)
        }
        assertSame(yield* store.load(1), checkpointOf(1))
      })
    )
  )

  it.effect("refuses a file of terabytes by its size", () =>
    inFolder((directory, fs) =>
      Effect.gen(function* () {
        const store = yield* open(directory)
        yield* store.save(checkpointOf(1))
        yield* fs.truncate(`${directory}/${TENSORS}`, 2 ** 40)
        assert.match((yield* Effect.flip(store.load(1))).message, /expected \d+ bytes, found 1099511627776/)
        yield* fs.truncate(`${directory}/${MANIFEST}`, 2 ** 40)
        assert.match((yield* Effect.flip(store.load(1))).message, /at most 4000000 are read/)
      })
    )
  )
})
