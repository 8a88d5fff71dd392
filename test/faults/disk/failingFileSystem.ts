import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as PlatformError from "effect/PlatformError"
import { openedFile } from "../../../src/layers/file/guardedFileSystem.ts"

/** What a system says when it refuses. */
export const refusals = {
  "a full disk": "ENOSPC: no space left on device",
  "a read-only disk": "EROFS: read-only file system",
  "no permission": "EACCES: permission denied",
  "a vanished folder": "ENOENT: no such file or directory",
  "too many open files": "EMFILE: too many open files"
} as const
export type Refusal = keyof typeof refusals

/**
 * A file system that does so many changing operations and refuses all later ones as the system would: a full disk takes half
 * of what is written first, and still removes and renames; a process with too many open files only opens no more.
 */
export const failingFileSystem = (fs: FileSystem.FileSystem, refusal: Refusal, allowed: number) => {
  let left = allowed
  let refused = 0
  const needsSpace = refusal === "a full disk"
  const opensOnly = refusal === "too many open files"

  const step = <A, R>(method: string, path: string, effect: Effect.Effect<A, PlatformError.PlatformError, R>) =>
    Effect.suspend(() => {
      if (left-- > 0) return effect
      refused++
      const cause = Object.assign(new Error(`${refusals[refusal]}, ${method} '${path}'`), { path })
      const _tag =
        refusal === "a vanished folder" ? "NotFound" : refusal === "no permission" ? "PermissionDenied" : "Unknown"
      return Effect.fail(
        PlatformError.systemError({ _tag, module: "FileSystem", method, pathOrDescriptor: path, cause })
      )
    })
  const unless = <A, R>(
    free: boolean,
    method: string,
    path: string,
    effect: Effect.Effect<A, PlatformError.PlatformError, R>
  ) => (free ? effect : step(method, path, effect))

  const fileSystem = FileSystem.FileSystem.of({
    ...fs,
    makeDirectory: (path, options) => unless(opensOnly, "mkdir", path, fs.makeDirectory(path, options)),
    rename: (from, to) => unless(needsSpace || opensOnly, "rename", from, fs.rename(from, to)),
    remove: (path, options) => unless(needsSpace || opensOnly, "rm", path, fs.remove(path, options)),
    open: (path, options) =>
      unless(options?.flag === "r" && !opensOnly, "open", path, fs.open(path, options)).pipe(
        Effect.map((file) =>
          openedFile(file, {
            sync: unless(opensOnly, "fsync", path, file.sync),
            writeAll: (bytes) =>
              opensOnly
                ? file.writeAll(bytes)
                : Effect.andThen(
                    file.writeAll(bytes.subarray(0, bytes.length >> 1)),
                    step("write", path, file.writeAll(bytes.subarray(bytes.length >> 1)))
                  )
          })
        )
      )
  })
  return { fileSystem, refused: () => refused }
}
