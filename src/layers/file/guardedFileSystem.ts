import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"

/** A change that is about to be made. */
export interface Change {
  /** The file system's method. */
  readonly method: string
  /** What is changed; for a file that is open already, the path by which it was opened. */
  readonly path: string
  /** Whether the change goes through a link at the very end of the path, instead of replacing or removing the link. */
  readonly through: boolean
}

/**
 * A file system that asks before every change, as the last thing before it: making, renaming, linking, removing, opening for
 * writing, and every write to a file that it opened. What is refused is not done, and fails with what `before` fails with.
 * Reading is free. So whoever writes by it is held to a rule without knowing of it.
 */
export const guardedFileSystem = (
  fs: FileSystem.FileSystem,
  before: (change: Change) => Effect.Effect<void, PlatformError>
): FileSystem.FileSystem => {
  const changing = <A, R>(
    method: string,
    path: string,
    change: Effect.Effect<A, PlatformError, R>,
    through = false
  ): Effect.Effect<A, PlatformError, R> => Effect.andThen(before({ method, path, through }), change)
  return FileSystem.make({
    ...fs,
    chmod: (path, mode) => changing("chmod", path, fs.chmod(path, mode), true),
    chown: (path, uid, gid) => changing("chown", path, fs.chown(path, uid, gid), true),
    copy: (from, to, options) => changing("copy", to, fs.copy(from, to, options), true),
    copyFile: (from, to) => changing("copyFile", to, fs.copyFile(from, to), true),
    link: (from, to) => changing("link", to, fs.link(from, to)),
    makeDirectory: (path, options) => changing("makeDirectory", path, fs.makeDirectory(path, options)),
    open: (path, options) => {
      if ((options?.flag ?? "r") === "r") return fs.open(path, options)
      const isNew = options?.flag?.includes("x") === true
      return changing("open", path, fs.open(path, options), !isNew).pipe(
        Effect.map((file) =>
          openedFile(file, {
            truncate: (length) => changing("truncate", path, file.truncate(length)),
            write: (buffer) => changing("write", path, file.write(buffer)),
            writeAll: (buffer) => changing("write", path, file.writeAll(buffer))
          })
        )
      )
    },
    remove: (path, options) => changing("remove", path, fs.remove(path, options)),
    // The old name last: where it may be taken from, and then where it is put.
    rename: (from, to) => changing("rename", from, changing("rename", to, fs.rename(from, to))),
    symlink: (from, to) => changing("symlink", to, fs.symlink(from, to)),
    truncate: (path, length) => changing("truncate", path, fs.truncate(path, length), true),
    utimes: (path, atime, mtime) => changing("utimes", path, fs.utimes(path, atime, mtime), true),
    writeFile: (path, data, options) => changing("writeFile", path, fs.writeFile(path, data, options), true)
  })
}

/** An open file of which some operations are others. (Its methods belong to its class: a copy by spreading would lose them.) */
export const openedFile = (file: FileSystem.File, changed: Partial<FileSystem.File>): FileSystem.File => ({
  [FileSystem.FileTypeId]: FileSystem.FileTypeId,
  stat: file.stat,
  sync: file.sync,
  seek: (offset, from) => file.seek(offset, from),
  read: (buffer, options) => file.read(buffer, options),
  readAlloc: (size, options) => file.readAlloc(size, options),
  truncate: (length) => file.truncate(length),
  write: (buffer) => file.write(buffer),
  writeAll: (buffer) => file.writeAll(buffer),
  ...changed
})
