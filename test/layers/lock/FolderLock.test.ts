import { execFileSync, spawn } from "node:child_process"
import { hostname } from "node:os"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import { FolderLockedError, layerFolderLock, lockFile } from "../../../src/layers/lock/FolderLock.ts"

const inFolder = <A, E>(
  test: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* test(`${yield* fs.makeTempDirectoryScoped({ prefix: "fovea-lock-" })}/run`, fs)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** Runs something while it holds the folder. */
const holding = <A, E, R>(folder: string, effect: Effect.Effect<A, E, R>) =>
  Effect.provide(effect, layerFolderLock(folder), { local: true })

const owner = (changes: object) => JSON.stringify({ id: "another", process: process.pid, host: hostname(), ...changes })

/** None of a folder that is not there: one that was made to be held, and stayed empty, is removed. */
const namesIn = (folder: string) =>
  FileSystem.FileSystem.use((fs) => Effect.orElseSucceed(fs.readDirectory(folder), () => []))

describe("a locked folder", () => {
  it.effect("is held by one at a time, and free afterwards, however it ended", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const refused = yield* holding(folder, Effect.flip(holding(folder, Effect.void)))
        assert.instanceOf(refused, FolderLockedError)
        assert.include(refused.message, `${folder} is in use by process ${process.pid} on ${hostname()}`)
        assert.deepStrictEqual(yield* namesIn(folder), [])
        for (const end of [Effect.void, Effect.fail("error"), Effect.die("defect"), Effect.interrupt]) {
          const exit = yield* Effect.exit(holding(folder, end))
          assert.strictEqual(Exit.isSuccess(exit), end === Effect.void)
          assert.deepStrictEqual(yield* namesIn(folder), [])
        }
      })
    )
  )

  it.live("lets one of many in that come at once where somebody died", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* fs.makeDirectory(folder)
        for (let round = 0; round < 5; round++) {
          yield* fs.writeFileString(`${folder}/${lockFile}`, owner({ process: 2 ** 22 + 1 }))
          const contenders = 20
          let [inside, refused] = [0, 0]
          const allRefused = yield* Deferred.make<void>()
          // Who is let in stays until all others were refused: one that comes late would rightly be let in after it.
          const enter = holding(
            folder,
            Effect.andThen(
              Effect.sync(() => inside++),
              Deferred.await(allRefused)
            )
          ).pipe(
            Effect.catchTag("FolderLockedError", () =>
              ++refused === contenders - 1 ? Deferred.succeed(allRefused, undefined) : Effect.void
            )
          )
          yield* Effect.all(
            Array.from({ length: contenders }, () => enter),
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual({ inside, refused }, { inside: 1, refused: contenders - 1 })
          assert.deepStrictEqual(yield* namesIn(folder), [])
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
    ["an empty lock", "", 0, false],
    ["process 0, which would be a group of processes", owner({ process: 0 }), 1, false],
    ["process -1, which would be every process", owner({ process: -1 }), 1, false],
    ["a process of a number that no system has", owner({ process: 1e300 }), 1, false],
    ["a fraction of a process", owner({ process: 1.5 }), 1, false],
    ["nobody that it names", JSON.stringify({ process: 1 }), 1, false],
    ["JSON that is no lock", "[[1]]", 1, false],
    ["a host that would write over the terminal", owner({ host: "\u001b[2J" }), 1, false],
    ["a host whose end would write over the terminal", owner({ host: "good\u001b[2J" }), 1, false],
    ["another machine whose clock is ahead", owner({ host: "elsewhere" }), -3600, true]
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
        assert.deepStrictEqual(yield* namesIn(folder), held ? [lockFile] : [])
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

  it.live.each<readonly [name: string, content: string, silentSeconds: number, said: RegExp]>([
    ["a process that is looked for", owner({}), 3600, /choose another folder\.$/],
    [
      "one that is heard of",
      owner({ space: "s" }),
      20,
      /for from here\. Its last sign of life came (19|2\d) seconds ago; after 60 /
    ],
    ["one that is ahead", owner({ host: "h" }), -3600, /is dated 3(599|600) seconds ahead, so a clock was set back/]
  ])("is refused by the rule that decided: %s", ([, content, silentSeconds, said]) =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* fs.makeDirectory(folder)
        yield* fs.writeFileString(`${folder}/${lockFile}`, content)
        const then = new Date(Date.now() - 1000 * silentSeconds)
        yield* fs.utimes(`${folder}/${lockFile}`, then, then)
        assert.match((yield* Effect.flip(Effect.asVoid(holding(folder, Effect.void)))).message, said)
      })
    )
  )

  it.live("is refused at once where something else is in the place of its lock, which is left alone", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* fs.makeDirectory(folder)
        const path = `${folder}/${lockFile}`
        const refusal = Effect.map(Effect.flip(Effect.asVoid(holding(folder, Effect.void))), ({ message }) => message)
        const places: ReadonlyArray<readonly [make: Effect.Effect<unknown, Error>, said: string]> = [
          [fs.makeDirectory(path), "it is a folder, not a file"],
          [fs.symlink("/dev/zero", path), "it is a link, not a file"],
          [fs.symlink("nowhere", path), "it is a link, not a file"],
          [fs.writeFile(path, new Uint8Array(70_000)), "it has 70000 bytes; at most 65536 are read"],
          ...(process.platform === "win32"
            ? []
            : [[Effect.sync(() => execFileSync("mkfifo", [path])), "it is a named pipe, not a file"] as const])
        ]
        for (const [make, said] of places) {
          yield* make
          assert.strictEqual(yield* refusal, `${path} cannot be locked: ${said}. Remove it, or choose another folder.`)
          assert.deepStrictEqual(yield* fs.readDirectory(folder), [lockFile])
          yield* fs.remove(path, { recursive: true })
        }
      })
    )
  )

  it.live("that changes hands between the look and the burial stays with whom it went to", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = `${folder}/${lockFile}`
        yield* fs.makeDirectory(folder)
        yield* fs.writeFileString(path, owner({ process: 2 ** 22 + 1 }))
        const living = owner({ id: "a third" })
        const meanwhile = FileSystem.FileSystem.of({
          ...fs,
          makeDirectory: (made, options) =>
            made.endsWith(".dead")
              ? Effect.andThen(fs.writeFileString(path, living), fs.makeDirectory(made, options))
              : fs.makeDirectory(made, options)
        })
        const error = yield* Effect.flip(
          Effect.provideService(holding(folder, Effect.void), FileSystem.FileSystem, meanwhile)
        )
        assert.instanceOf(error, FolderLockedError)
        assert.strictEqual(yield* fs.readFileString(path), living)
        assert.deepStrictEqual(yield* fs.readDirectory(folder), [lockFile])
      })
    )
  )

  it.live("that is given back between the look and the burial is not taken from whom it went to", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = `${folder}/${lockFile}`
        yield* fs.makeDirectory(folder)
        yield* fs.writeFileString(path, owner({ process: 2 ** 22 + 1 }))
        const living = owner({ id: "a third" })
        let looks = 0
        const meanwhile = FileSystem.FileSystem.of({
          ...fs,
          // The second look, at the grave, finds nothing; then somebody takes the lock.
          lstat: (at) => {
            if (at !== path || ++looks !== 2) return fs.lstat(at)
            return Effect.andThen(fs.remove(path), fs.lstat(at)).pipe(
              Effect.ensuring(Effect.ignore(fs.writeFileString(path, living)))
            )
          }
        })
        const error = yield* Effect.flip(
          Effect.provideService(holding(folder, Effect.void), FileSystem.FileSystem, meanwhile)
        )
        assert.instanceOf(error, FolderLockedError)
        assert.strictEqual(yield* fs.readFileString(path), living)
      })
    )
  )

  it.live("that is no folder, or can be none, says so at once", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const refusal = (at: string) =>
          Effect.map(Effect.flip(Effect.asVoid(holding(at, Effect.void))), ({ message }) => message)
        yield* fs.writeFileString(folder, "a file")
        assert.match(
          yield* refusal(folder),
          /run\.lock cannot be locked: .*run is no folder\. Choose another folder\.$/
        )
        assert.match(yield* refusal(`${folder}/below`), /cannot be locked: ENOTDIR.*A part of the path is a file/)
        yield* fs.symlink("nowhere", `${folder}-nowhere`)
        assert.match(yield* refusal(`${folder}-nowhere`), /cannot be locked: EEXIST.*a link that leads nowhere perhaps/)
        if (process.platform !== "linux") return
        execFileSync("mkfifo", [`${folder}-pipe`])
        assert.match(yield* refusal(`${folder}-pipe`), /run-pipe is no folder/)
        const nowhere = /^\/proc\/self\/foo.*ENOENT.*Nothing can be made there: choose another folder\.$/
        for (const at of ["/proc/self/foo", "/proc/self/foo/deep/er"]) assert.match(yield* refusal(at), nowhere)
      })
    )
  )
})
