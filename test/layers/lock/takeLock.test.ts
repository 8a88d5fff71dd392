import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import { systemError } from "effect/PlatformError"
import { layerFolderLock, lockFile } from "../../../src/layers/lock/FolderLock.ts"

const inFolder = <A, E>(
  test: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* test(yield* fs.makeTempDirectoryScoped({ prefix: "fovea-take-" }), fs)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** Takes the folder's lock and gives it back, by a file system that is changed in part. */
const taking = (folder: string, fs: FileSystem.FileSystem, changes: Partial<FileSystem.FileSystem>) =>
  Effect.asVoid(
    Effect.provide(Effect.void, layerFolderLock(folder), { local: true }).pipe(
      Effect.provideService(FileSystem.FileSystem, FileSystem.FileSystem.of({ ...fs, ...changes }))
    )
  )

const refusing = (tag: "AlreadyExists" | "PermissionDenied", text: string) =>
  systemError({ _tag: tag, module: "FileSystem", method: "link", cause: new Error(text) })

const dead = JSON.stringify({ id: "another", process: 2 ** 22 + 1, host: "elsewhere" })
const ago = (seconds: number) => new Date(Date.now() - 1000 * seconds)

/** A lock whose holder is dead, and what another left, or makes, that has been burying it for so long. */
const burialOf = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, folder: string, seconds: number) {
  const [path, grave] = [`${folder}/${lockFile}`, `${folder}/${lockFile}.dead`]
  yield* fs.writeFileString(path, dead)
  yield* fs.utimes(path, ago(3600), ago(3600))
  yield* fs.makeDirectory(grave)
  yield* fs.utimes(grave, ago(seconds), ago(seconds))
  return { path, grave }
})

describe("taking a lock", () => {
  it.live("gives up after 500 attempts on one that is always there first and never when looked at", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        let [links, graves] = [0, 0]
        const error = yield* Effect.flip(
          taking(folder, fs, {
            link: () => Effect.suspend(() => Effect.fail(refusing("AlreadyExists", `EEXIST ${++links}`))),
            makeDirectory: (made, options) => {
              if (made.endsWith(".dead")) graves++
              return fs.makeDirectory(made, options)
            }
          })
        )
        assert.include(error.message, "it changes hands again and again, and never stays free")
        assert.deepStrictEqual([links, graves], [500, 0])
        assert.deepStrictEqual(yield* fs.readDirectory(folder), [])
      })
    )
  )

  it.live("says at once what the system refuses", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const denied = refusing("PermissionDenied", "EACCES: permission denied")
        const error = yield* Effect.flip(taking(folder, fs, { link: () => Effect.fail(denied) }))
        assert.include(error.message, `${lockFile} cannot be locked: EACCES: permission denied.`)
        assert.deepStrictEqual(yield* fs.readDirectory(folder), [])
      })
    )
  )

  it.live("takes over from one who died while burying a dead holder's lock", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* burialOf(fs, folder, 11)
        let links = 0
        yield* taking(folder, fs, {
          link: (from, to) => {
            links++
            return fs.link(from, to)
          }
        })
        // Found taken; the grave filled; found taken, and buried; free.
        assert.strictEqual(links, 3)
        assert.deepStrictEqual(yield* fs.readDirectory(folder), [])
      })
    )
  )

  it.live("waits for one who is burying it", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const { path, grave } = yield* burialOf(fs, folder, 5)
        let links = 0
        const began = performance.now()
        yield* taking(folder, fs, {
          link: (from, to) =>
            Effect.suspend(() => {
              if (++links < 5) return fs.link(from, to)
              // The other comes to its end.
              const ends =
                links === 5 ? Effect.andThen(fs.remove(path), fs.remove(grave, { recursive: true })) : Effect.void
              return Effect.andThen(ends, fs.link(from, to))
            })
        })
        assert.strictEqual(links, 5)
        assert.isAtLeast(performance.now() - began, 4 * 19)
        assert.deepStrictEqual(yield* fs.readDirectory(folder), [])
      })
    )
  )
})
