import { dirname, relative } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { openedFile } from "../../../src/layers/file/guardedFileSystem.ts"
import type { DiskStep } from "./DiskStep.ts"

/**
 * A file system that does what the real one does and notes every change below `root`, in order. A file's bytes are written in
 * two pieces. What it does not follow ends the test.
 */
export const recordingFileSystem = (fs: FileSystem.FileSystem, root: string) => {
  const steps: Array<DiskStep> = []
  const note = (step: DiskStep) => Effect.sync(() => steps.push(step))
  const inside = (path: string): string => relative(root, path)
  let handles = 0

  const makeDirectory: FileSystem.FileSystem["makeDirectory"] = (path, options) =>
    Effect.gen(function* () {
      const missing: Array<string> = []
      for (let at = path; inside(at) !== "" && !(yield* fs.exists(at)); at = dirname(at)) missing.unshift(at)
      yield* fs.makeDirectory(path, options)
      for (const folder of missing) yield* note({ op: "makeDirectory", path: inside(folder) })
    })

  const open: FileSystem.FileSystem["open"] = (path, options) =>
    Effect.gen(function* () {
      const isNew = !(yield* fs.exists(path))
      const file = yield* fs.open(path, options)
      if (isNew) yield* note({ op: "create", path: inside(path) })
      const handle = handles++
      yield* note({ op: "open", path: inside(path), handle })
      const piece = (bytes: Uint8Array) =>
        Effect.andThen(file.writeAll(bytes), note({ op: "write", handle, bytes: Uint8Array.from(bytes) }))
      return openedFile(file, {
        sync: Effect.andThen(file.sync, note({ op: "sync", handle })),
        writeAll: (bytes) => {
          const half = bytes.length >> 1
          return Effect.andThen(piece(bytes.subarray(0, half)), piece(bytes.subarray(half)))
        }
      })
    })

  const refused = (name: string) => () => Effect.die(new Error(`internal: the recording does not follow ${name}`))
  const fileSystem = FileSystem.FileSystem.of({
    ...fs,
    makeDirectory,
    open,
    rename: (from, to) =>
      Effect.andThen(fs.rename(from, to), note({ op: "rename", from: inside(from), to: inside(to) })),
    remove: (path, options) =>
      Effect.flatMap(fs.exists(path), (was) =>
        Effect.andThen(fs.remove(path, options), was ? note({ op: "remove", path: inside(path) }) : Effect.void)
      ),
    writeFile: refused("writeFile"),
    writeFileString: refused("writeFileString"),
    truncate: refused("truncate"),
    link: refused("link"),
    copy: refused("copy"),
    copyFile: refused("copyFile")
  })
  return { fileSystem, steps }
}
