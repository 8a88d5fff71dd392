import { dirname } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import { type PlatformError, systemError } from "effect/PlatformError"
import * as Runtime from "effect/Runtime"
import * as TestClock from "effect/testing/TestClock"
import { writeFileAtomically } from "../../../src/layers/file/atomicWrite.ts"
import { FolderLock, holdFolder, layerFolderLock, lockFile } from "../../../src/layers/lock/FolderLock.ts"
import { LockLostError } from "../../../src/layers/lock/LockLostError.ts"

const inFolder = <A, E>(
  test: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* test(`${yield* fs.makeTempDirectoryScoped({ prefix: "fovea-hold-" })}/run`, fs)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const foreign = JSON.stringify({ id: "another", process: 77, host: "elsewhere" })

/** Waits, in real time, until something holds. */
const until = <E>(holds: Effect.Effect<boolean, E>) =>
  Effect.gen(function* () {
    while (!(yield* holds)) yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 5)))
  })

const refusal = systemError({
  _tag: "Unknown",
  module: "FileSystem",
  method: "stat",
  cause: new Error("EIO: i/o error")
})

const write = (path: string) => writeFileAtomically(path, new Uint8Array([1]))

/** What takes a folder from its holder, and what the holder says. */
const losses: ReadonlyArray<
  readonly [
    name: string,
    lose: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<unknown, PlatformError>,
    said: RegExp
  ]
> = [
  [
    "another's lock was put in the place of its own",
    (folder, fs) =>
      Effect.andThen(fs.remove(`${folder}/${lockFile}`), fs.writeFileString(`${folder}/${lockFile}`, foreign)),
    /process 77 on elsewhere has taken the folder over/
  ],
  [
    "its lock was written over",
    (folder, fs) => fs.writeFileString(`${folder}/${lockFile}`, foreign),
    /process 77 on elsewhere has taken the folder over/
  ],
  ["its lock is gone", (folder, fs) => fs.remove(`${folder}/${lockFile}`), /its run\.lock is gone/],
  [
    "its lock is no lock any more",
    (folder, fs) => fs.writeFileString(`${folder}/${lockFile}`, "{}"),
    /its run\.lock is gone/
  ],
  ["the folder was moved away", (folder, fs) => fs.rename(folder, `${folder}-2`), /it was moved or removed/],
  [
    "another folder is in its place",
    (folder, fs) => Effect.andThen(fs.rename(folder, `${folder}-2`), fs.makeDirectory(folder)),
    /moved away, and another lies in its place\./
  ],
  [
    "the folder was removed and made again",
    (folder, fs) => Effect.andThen(fs.remove(folder, { recursive: true }), fs.makeDirectory(folder)),
    /another lies in its place\./
  ],
  [
    "another folder with another's lock is in its place",
    (folder, fs) =>
      fs
        .rename(folder, `${folder}-2`)
        .pipe(
          Effect.andThen(fs.makeDirectory(folder)),
          Effect.andThen(fs.writeFileString(`${folder}/${lockFile}`, foreign))
        ),
    /in its place, which process 77 on elsewhere holds/
  ],
  [
    "a copy of the folder is in its place, with its own lock",
    (folder, fs) => Effect.andThen(fs.rename(folder, `${folder}-2`), fs.copy(`${folder}-2`, folder)),
    /another lies in its place/
  ]
]

/** None of a folder that is not there: one that was made to be held, and stayed empty, is removed. */
const namesIn = (folder: string) =>
  FileSystem.FileSystem.use((fs) => Effect.orElseSucceed(fs.readDirectory(folder), () => []))

describe("a folder that is held", () => {
  it.live("goes again with those above it if nothing was written there, and stays with what was", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* Effect.exit(Effect.fail("refused").pipe(holdFolder(`${folder}/deep/er`)))
        assert.isFalse(yield* fs.exists(folder))
        yield* write(`${folder}/deep/file`).pipe(holdFolder(`${folder}/deep/er`))
        assert.deepStrictEqual(yield* fs.readDirectory(`${folder}/deep`), ["file"])
        yield* Effect.void.pipe(holdFolder(`${folder}/deep`))
        assert.deepStrictEqual(yield* fs.readDirectory(`${folder}/deep`), ["file"])
      })
    )
  )

  it.live.each(losses)("is lost when %s: the next write is refused, and nothing is touched", ([, lose, said]) =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        let before: ReadonlyArray<string> = []
        const content = Effect.orElseSucceed(fs.readFileString(`${folder}/${lockFile}`), () => "none")
        let lock = ""
        const error = yield* Effect.gen(function* () {
          const held = yield* FileSystem.FileSystem
          yield* write(`${folder}/first`)
          const log = yield* held.open(`${folder}/log`, { flag: "a" })
          yield* log.writeAll(new Uint8Array([1]))
          yield* lose(folder, fs)
          before = yield* Effect.orElseSucceed(fs.readDirectory(folder), () => [])
          lock = yield* content
          yield* Effect.flip(write(`${folder}/second`))
          assert.strictEqual((yield* Effect.flip(held.remove(`${folder}/first`))).reason._tag, "PermissionDenied")
          yield* Effect.flip(log.writeAll(new Uint8Array([2])))
          assert.strictEqual(Number((yield* log.stat).size), 1)
          return yield* Effect.fail("whatever it ends with")
        }).pipe(Effect.scoped, holdFolder(folder), Effect.flip)
        assert.instanceOf(error, LockLostError)
        assert.match(error.message, said)
        assert.strictEqual(Runtime.getErrorExitCode(error), 3)
        assert.deepStrictEqual(yield* Effect.orElseSucceed(fs.readDirectory(folder), () => []), before)
        assert.strictEqual(yield* content, lock)
      })
    )
  )

  it.live("leaves the lock of another alone, whatever it ends with, and blames a failure on the loss", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = `${folder}/${lockFile}`
        const lose = fs.writeFileString(path, foreign)
        assert.strictEqual(yield* Effect.as(lose, "done").pipe(holdFolder(folder)), "done")
        assert.strictEqual(yield* fs.readFileString(path), foreign)
        yield* fs.remove(path)
        const error = yield* Effect.flip(Effect.andThen(lose, Effect.fail("of the loss")).pipe(holdFolder(folder)))
        assert.instanceOf(error, LockLostError)
        assert.strictEqual(yield* fs.readFileString(path), foreign)
      })
    )
  )

  it.effect("shows that it lives every ten seconds, by its lock's time", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = `${folder}/${lockFile}`
        const isRecent = Effect.map(fs.stat(path), ({ mtime }) => Number(Option.getOrThrow(mtime)) > 1e12)
        const fiber = yield* Effect.forkChild(Effect.never.pipe(holdFolder(folder)))
        yield* until(fs.exists(path))
        yield* TestClock.adjust("1 second")
        for (let beat = 0; beat < 3; beat++) {
          yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 20)))
          yield* fs.utimes(path, 0, 0)
          yield* TestClock.adjust("8 seconds")
          assert.isFalse(yield* isRecent)
          // Again if need be: on a busy machine it may not have begun to wait yet.
          yield* until(Effect.andThen(TestClock.adjust("2 seconds"), isRecent))
        }
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(yield* namesIn(folder), [])
      })
    )
  )

  it.live("is another one on another disk, whatever its number there", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        let moved = false
        const files = FileSystem.FileSystem.of({
          ...fs,
          stat: (at) =>
            Effect.map(fs.stat(at), (info) => (moved && at === folder ? { ...info, dev: info.dev + 1n } : info))
        })
        const error = yield* Effect.gen(function* () {
          moved = true
          return yield* write(`${folder}/file`)
        }).pipe(holdFolder(folder), Effect.provideService(FileSystem.FileSystem, files), Effect.flip)
        assert.include(error.message, "another lies in its place")
      })
    )
  )

  it.live("stays lost once it is, whatever the system tells later", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = `${folder}/${lockFile}`
        let refusing = false
        const files = FileSystem.FileSystem.of({
          ...fs,
          stat: (at) => Effect.suspend(() => (refusing && at === folder ? Effect.fail(refusal) : fs.stat(at)))
        })
        yield* Effect.gen(function* () {
          const { check } = yield* FolderLock
          const own = yield* fs.readFileString(path)
          yield* check
          yield* fs.writeFileString(path, foreign)
          assert.instanceOf(yield* Effect.flip(check), LockLostError)
          yield* fs.writeFileString(path, own)
          assert.instanceOf(yield* Effect.flip(check), LockLostError)
          refusing = true
          assert.instanceOf(yield* Effect.flip(check), LockLostError)
        }).pipe(
          Effect.provide(layerFolderLock(folder), { local: true }),
          Effect.provideService(FileSystem.FileSystem, files)
        )
      })
    )
  )

  it.effect("ends what is done in it at the beat after it was lost, though nothing is written", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const path = `${folder}/${lockFile}`
        const fiber = yield* Effect.forkChild(Effect.flip(Effect.never.pipe(holdFolder(folder))))
        yield* until(fs.exists(path))
        yield* fs.writeFileString(path, foreign)
        yield* fs.utimes(path, 0, 0)
        yield* TestClock.adjust("10 seconds")
        assert.instanceOf(yield* Fiber.join(fiber), LockLostError)
        assert.strictEqual(yield* fs.readFileString(path), foreign)
        assert.strictEqual(Number(Option.getOrThrow((yield* fs.stat(path)).mtime)), 0)
      })
    )
  )

  it.live("within another that is lost is lost with it, and is given back all the same", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const inner = `${folder}/inner`
        const error = yield* Effect.gen(function* () {
          yield* fs.writeFileString(`${folder}/${lockFile}`, foreign)
          return yield* write(`${inner}/file`)
        }).pipe(holdFolder(inner), holdFolder(folder), Effect.flip)
        assert.instanceOf(error, LockLostError)
        assert.deepStrictEqual(yield* namesIn(inner), [])
      })
    )
  )

  it.live("is not lost by what the system refuses to tell: the write fails, and a later one need not", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        let refusing = false
        const files = FileSystem.FileSystem.of({
          ...fs,
          stat: (path) => (refusing && path === folder ? Effect.fail(refusal) : fs.stat(path))
        })
        yield* Effect.gen(function* () {
          refusing = true
          assert.include((yield* Effect.flip(write(`${folder}/file`))).message, "EIO: i/o error")
          refusing = false
          yield* write(`${folder}/file`)
        }).pipe(holdFolder(folder), Effect.provideService(FileSystem.FileSystem, files))
        assert.deepStrictEqual(yield* fs.readDirectory(folder), ["file"])
      })
    )
  )

  it.live.each<readonly [name: string, link: string, written: string]>([
    ["its checkpoints", "checkpoints", "checkpoints/update-1/manifest.json"],
    ["a folder deep in it", "a/b/figures", "a/b/figures/picture.png"],
    ["a folder of the same beginning beside it", "beside", "beside/file"]
  ])("changes nothing behind a link that leads out of it: %s", ([, link, written]) =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const outside = `${folder}-outside`
        yield* fs.makeDirectory(outside)
        yield* fs.makeDirectory(dirname(`${folder}/${link}`), { recursive: true })
        yield* fs.symlink(outside, `${folder}/${link}`)
        const error = yield* Effect.flip(write(`${folder}/${written}`).pipe(holdFolder(folder)))
        assert.include(error.message, `a link leads out of ${folder}`)
        assert.deepStrictEqual(yield* fs.readDirectory(outside), [])
      })
    )
  )

  it.live("appends to no file through a link that leads out of it, and follows links within it", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* fs.makeDirectory(`${folder}/real`, { recursive: true })
        yield* fs.writeFileString(`${folder}-outside`, "theirs")
        yield* fs.symlink(`${folder}-outside`, `${folder}/log.jsonl`)
        yield* fs.symlink("nowhere", `${folder}/dangling`)
        yield* fs.symlink("real", `${folder}/other-name`)
        yield* Effect.gen(function* () {
          const held = yield* FileSystem.FileSystem
          for (const name of ["log.jsonl", "dangling"]) {
            assert.match(String(yield* Effect.flip(Effect.scoped(held.open(`${folder}/${name}`, { flag: "a" })))), /./)
            yield* Effect.flip(held.writeFileString(`${folder}/${name}`, "ours"))
          }
          yield* write(`${folder}/other-name/file`)
          // A link itself may be replaced: nothing is written behind it.
          yield* write(`${folder}/log.jsonl`)
        }).pipe(holdFolder(folder))
        assert.strictEqual(yield* fs.readFileString(`${folder}-outside`), "theirs")
        assert.isTrue(yield* fs.exists(`${folder}/real/file`))
        assert.isFalse(yield* fs.exists(`${folder}/nowhere`))
      })
    )
  )
})
