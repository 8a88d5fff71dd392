import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { systemError } from "effect/PlatformError"

/** A file system of the files given, for readers that are to meet a million of them: no disk is touched. */
export const memoryFiles = (files: Readonly<Record<string, Uint8Array>>): FileSystem.FileSystem => {
  const missing = (path: string, method: string) =>
    systemError({ _tag: "NotFound", module: "FileSystem", method, pathOrDescriptor: path })
  const isFolder = (path: string) => Object.keys(files).some((name) => name.startsWith(`${path}/`))
  const stat = (path: string, method: string) => {
    const bytes = files[path]
    const type = bytes !== undefined ? "File" : isFolder(path) ? "Directory" : undefined
    return type === undefined
      ? Effect.fail(missing(path, method))
      : Effect.succeed({ ...emptyInfo, type, size: ByteSize.bytes(bytes?.length ?? 0) } as const)
  }
  return FileSystem.makeNoop({
    exists: (path) => Effect.succeed(files[path] !== undefined || isFolder(path)),
    readLink: (path) => Effect.fail(missing(path, "readLink")),
    stat: (path) => stat(path, "stat"),
    readFile: (path) => {
      const bytes = files[path]
      return bytes === undefined ? Effect.fail(missing(path, "readFile")) : Effect.succeed(bytes)
    },
    readDirectory: (folder) =>
      Effect.succeed(
        Object.keys(files).flatMap((name) => (name.startsWith(`${folder}/`) ? [name.slice(folder.length + 1)] : []))
      )
  })
}

const emptyInfo = {
  mtime: Option.none(),
  atime: Option.none(),
  birthtime: Option.none(),
  dev: 0n,
  rdev: Option.none(),
  ino: Option.none(),
  mode: 0o644,
  nlink: Option.none(),
  uid: Option.none(),
  gid: Option.none(),
  blksize: Option.none(),
  blocks: Option.none()
}
