import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { CheckpointError, CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { layerFileSystem } from "../../../src/layers/checkpoint/fileSystem.ts"
import { inFolder, MANIFEST, open, TENSORS } from "../../support/checkpointFolder.ts"
import { assertSame, checkpointOf } from "./checkpointContract.ts"

describe("layerFileSystem", () => {
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
