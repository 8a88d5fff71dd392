import { execFileSync } from "node:child_process"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { readBounded, readBoundedText } from "../../../src/layers/file/readBounded.ts"

const inFolder = <A, E>(test: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* test(yield* fs.makeTempDirectoryScoped({ prefix: "fovea-bounded-" }), fs)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

describe("readBounded", () => {
  it.effect("reads up to the bound, and refuses one byte more by its size", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = `${folder}/file`
        yield* fs.writeFile(path, new Uint8Array([1, 2, 3]))
        assert.deepStrictEqual([...(yield* readBounded(fs, path, 3))], [1, 2, 3])
        const error = yield* Effect.flip(readBounded(fs, path, 2))
        assert.strictEqual(error.message, "it has 3 bytes; at most 2 are read")
      })
    )
  )

  it.effect("refuses a file of terabytes before it reads any of it", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* fs.writeFile(`${folder}/sparse`, new Uint8Array(1))
        yield* fs.truncate(`${folder}/sparse`, 2 ** 40)
        assert.match((yield* Effect.flip(readBounded(fs, `${folder}/sparse`, 2 ** 31 - 1))).message, /1099511627776/)
      })
    )
  )

  it.effect("refuses what is no file, without waiting for it", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const message = (path: string) => Effect.map(Effect.flip(readBounded(fs, path, 10)), (error) => error.message)
        assert.strictEqual(yield* message(folder), "it is a folder, not a file")
        if (process.platform === "win32") return
        execFileSync("mkfifo", [`${folder}/pipe`])
        assert.strictEqual(yield* message(`${folder}/pipe`), "it is a named pipe, not a file")
        assert.strictEqual(yield* message("/dev/zero"), "it is a device, not a file")
      })
    )
  )

  it.effect("as text wants UTF-8", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* fs.writeFileString(`${folder}/good`, "é")
        assert.strictEqual(yield* readBoundedText(fs, `${folder}/good`, 10), "é")
        yield* fs.writeFile(`${folder}/bad`, new Uint8Array([0x7b, 0xff]))
        const error = yield* Effect.flip(readBoundedText(fs, `${folder}/bad`, 10))
        assert.strictEqual(error.message, "it is not text in UTF-8")
      })
    )
  )
})
