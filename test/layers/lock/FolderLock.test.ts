import { spawn } from "node:child_process"
import { hostname } from "node:os"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import { FolderLockedError, layerFolderLock, lockFile } from "../../../src/layers/lock/FolderLock.ts"

const inFolder = <A, E>(
  test: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, FileSystem.FileSystem>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* test(`${yield* fs.makeTempDirectoryScoped({ prefix: "fovea-lock-" })}/run`, fs)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** Runs something while it holds the folder. */
const holding = <A, E, R>(folder: string, effect: Effect.Effect<A, E, R>) =>
  Effect.provide(effect, layerFolderLock(folder), { local: true })

const owner = (changes: object) => JSON.stringify({ id: "another", process: process.pid, host: hostname(), ...changes })

describe("a locked folder", () => {
  it.effect("is held by one at a time, and free afterwards, however it ended", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const refused = yield* holding(folder, Effect.flip(holding(folder, Effect.void)))
        assert.instanceOf(refused, FolderLockedError)
        assert.include(refused.message, `${folder} is in use by process ${process.pid} on ${hostname()}`)
        assert.deepStrictEqual(yield* fs.readDirectory(folder), [])
        for (const end of [Effect.void, Effect.fail("error"), Effect.die("defect"), Effect.interrupt]) {
          const exit = yield* Effect.exit(holding(folder, end))
          assert.strictEqual(Exit.isSuccess(exit), end === Effect.void)
          assert.deepStrictEqual(yield* fs.readDirectory(folder), [])
        }
      })
    )
  )

  it.live("lets one of many in that come at once where somebody died", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* fs.makeDirectory(folder)
        for (let round = 0; round < 10; round++) {
          yield* fs.writeFileString(`${folder}/${lockFile}`, owner({ process: 2 ** 22 + 1 }))
          const exits = yield* Effect.all(
            Array.from({ length: 20 }, () => Effect.exit(holding(folder, Effect.sleep("100 millis")))),
            { concurrency: "unbounded" }
          )
          assert.strictEqual(exits.filter(Exit.isSuccess).length, 1)
          assert.deepStrictEqual(yield* fs.readDirectory(folder), [])
        }
      })
    )
  )

  it.live.each<readonly [name: string, content: string, silentSeconds: number, held: boolean]>([
    ["a process that is gone", owner({ process: 2 ** 22 + 1 }), 0, false],
    ["a process of the same number that began at another time", owner({ began: "1" }), 0, false],
    ["a process that lives", owner({}), 3600, true],
    ["another machine that was heard of lately", owner({ host: "elsewhere" }), 30, true],
    ["another machine that fell silent", owner({ host: "elsewhere" }), 90, false],
    ["this machine before it started anew, a moment ago", owner({ space: "another start" }), 1, true],
    ["this machine before it started anew", owner({ space: "another start" }), 90, false],
    ["a lock cut short", '{"id":"an', 0, false],
    ["an empty lock", "", 0, false]
  ])("left by %s", ([, content, silentSeconds, held]) =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = `${folder}/${lockFile}`
        yield* fs.makeDirectory(folder)
        yield* fs.writeFileString(path, content)
        const then = new Date(Date.now() - 1000 * silentSeconds)
        yield* fs.utimes(path, then, then)
        const exit = yield* Effect.exit(holding(folder, Effect.void))
        assert.strictEqual(Exit.isSuccess(exit), !held)
        assert.deepStrictEqual(yield* fs.readDirectory(folder), held ? [lockFile] : [])
        if (held) assert.strictEqual(yield* fs.readFileString(path), content)
      })
    )
  )

  it.live("is admitted after its holder was killed", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* fs.makeDirectory(folder)
        const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"])
        yield* fs.writeFileString(`${folder}/${lockFile}`, owner({ process: child.pid }))
        assert.isTrue(Exit.isFailure(yield* Effect.exit(holding(folder, Effect.void))))
        yield* Effect.callback<void>((resume) => {
          child.on("exit", () => resume(Effect.void))
          child.kill("SIGKILL")
        })
        assert.isTrue(Exit.isSuccess(yield* Effect.exit(holding(folder, Effect.void))))
      })
    )
  )

  it.effect("that cannot be made says so", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* fs.writeFileString(folder, "a file")
        const error = yield* Effect.flip(holding(folder, Effect.void))
        assert.match(error.message, /run\/run\.lock cannot be locked: E(EXIST|NOTDIR).*Check the folder/)
      })
    )
  )
})
