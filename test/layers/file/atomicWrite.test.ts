import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { FileWriteError, writeFileAtomically } from "../../../src/layers/file/atomicWrite.ts"

const bytesOf = (text: string) => new TextEncoder().encode(text)

const inFolder = <A, E, R>(test: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* test(yield* fs.makeTempDirectoryScoped({ prefix: "fovea-write-" }), fs)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

describe("writeFileAtomically", () => {
  it.effect("writes a new file, replaces an old one, and makes missing folders", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = `${folder}/a/b/picture.png`
        for (const text of ["a long first version", "short", ""]) {
          yield* writeFileAtomically(path, bytesOf(text))
          assert.strictEqual(yield* fs.readFileString(path), text)
          assert.deepStrictEqual(yield* fs.readDirectory(`${folder}/a/b`), ["picture.png"])
        }
      }).pipe(Effect.provide(NodeServices.layer))
    )
  )

  it.effect("syncs the file before the rename and the folder after it", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const steps: Array<string> = []
        const watched = FileSystem.FileSystem.of({
          ...fs,
          open: (path, options) =>
            Effect.map(fs.open(path, options), (file) => {
              const step = path === folder ? "sync folder" : "sync file"
              const sync = Effect.tap(file.sync, () => Effect.sync(() => steps.push(step)))
              return { ...file, writeAll: (bytes: Uint8Array) => file.writeAll(bytes), sync }
            }),
          rename: (from, to) => Effect.tap(fs.rename(from, to), () => Effect.sync(() => steps.push("rename")))
        })
        yield* writeFileAtomically(`${folder}/x`, bytesOf("x")).pipe(
          Effect.provideService(FileSystem.FileSystem, watched),
          Effect.provide(NodeServices.layer)
        )
        assert.deepStrictEqual(steps, ["sync file", "rename", "sync folder"])
      })
    )
  )

  it.effect("leaves the old file and no temporary one when it fails", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* writeFileAtomically(`${folder}/x`, bytesOf("old"))
        const broken = FileSystem.FileSystem.of({ ...fs, rename: () => fs.rename(`${folder}/no`, `${folder}/no`) })
        yield* Effect.flip(
          Effect.provideService(writeFileAtomically(`${folder}/x`, bytesOf("new")), FileSystem.FileSystem, broken)
        )
        assert.deepStrictEqual(yield* fs.readDirectory(folder), ["x"])
        assert.strictEqual(yield* fs.readFileString(`${folder}/x`), "old")
      }).pipe(Effect.provide(NodeServices.layer))
    )
  )

  it.effect("fails with the path and the system's reason", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* fs.writeFileString(`${folder}/file`, "")
        const error = yield* Effect.flip(writeFileAtomically(`${folder}/file/x`, bytesOf("")))
        assert.instanceOf(error, FileWriteError)
        assert.strictEqual(error.path, `${folder}/file/x`)
        assert.match(error.message, /\/file\/x cannot be written: E[A-Z]+: /)
      }).pipe(Effect.provide(NodeServices.layer))
    )
  )
})
