import { basename, join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { foundInstead, knownByName } from "../../domain/data/foundInstead.ts"
import { explain, remedy } from "../file/atomicWrite.ts"
import { readBounded } from "../file/readBounded.ts"
import { DatasetError } from "./Dataset.ts"

/** The bytes of a file of a data set. Fails with a `DatasetError`: it is missing, unreadable, or has more than `most` bytes. */
export const readDataFile = (
  path: string,
  most: number
): Effect.Effect<Uint8Array, DatasetError, FileSystem.FileSystem> =>
  FileSystem.FileSystem.use((fs) => readBounded(fs, path, most)).pipe(
    Effect.mapError((cause) =>
      cause._tag === "PlatformError" && cause.reason._tag === "NotFound"
        ? new DatasetError({ reason: "Missing", file: path, detail: "there is no such file", cause })
        : new DatasetError({ reason: "Unreadable", file: path, detail: `it cannot be read (${explain(cause)})`, cause })
    )
  )

/** A file that cannot be read now, though nothing is wrong with it: the system ran out of something, as `ranOut` says. */
export const unreadNow = (file: string, lacking: string): DatasetError =>
  new DatasetError({ reason: "Unreadable", file, detail: `it cannot be read: ${lacking}. ${remedy(lacking)}` })

/** A file whose content is not what its format has. */
export const malformed = (file: string, detail: string, cause?: unknown): DatasetError =>
  new DatasetError({ reason: "Malformed", file, detail, ...(cause === undefined ? {} : { cause }) })

/** A file that does not have the digest it must have. */
export const altered = (file: string, kind: string, expected: string, found: string): DatasetError =>
  new DatasetError({
    reason: "Altered",
    file,
    detail: `${kind} ${expected} expected, ${found} found: the file is not the one it was; fetch it again`
  })

/** Data that are made by settings, and a `DatasetError` where these are out of range (`make` throws a `RangeError`). */
export const madeBySettings = <A>(name: string, make: () => A): Effect.Effect<A, DatasetError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(make())
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause
      return Effect.fail(new DatasetError({ reason: "Mismatch", file: name, detail: cause.message, cause }))
    }
  })

/** Fails with a `DatasetError` unless there is a folder; `wanted` says which one to give. */
export const requireFolder = Effect.fnUntraced(function* (directory: string, wanted: string) {
  const fs = yield* FileSystem.FileSystem
  const type = yield* fs.stat(directory).pipe(
    Effect.map((info) => info.type),
    Effect.orElseSucceed(() => undefined)
  )
  if (type === "Directory") return
  const known = knownByName(basename(directory))
  const file = known === undefined ? "it is a file, not a folder" : `it is a file, not a folder: ${known}`
  const detail = `${type === undefined ? "there is no such folder" : file}; give ${wanted}`
  return yield* new DatasetError({ reason: "Missing", file: directory, detail })
})

/** The names in a folder, sorted; none if it cannot be listed, which is reported where its files are read. */
export const namesIn = (directory: string): Effect.Effect<ReadonlyArray<string>, never, FileSystem.FileSystem> =>
  FileSystem.FileSystem.use((fs) => fs.readDirectory(directory)).pipe(
    Effect.map((names) => names.sort()),
    Effect.orElseSucceed(() => [])
  )

/**
 * The name in a folder that is `name` whatever its letter case; `undefined` if there is none. Fails with a `DatasetError` if
 * several are, and none in this very spelling.
 */
export const nameInFolder = (
  directory: string,
  names: ReadonlyArray<string>,
  name: string
): Effect.Effect<string | undefined, DatasetError> => {
  const [found, other] = names.filter((each) => each.toLowerCase() === name.toLowerCase())
  if (other === undefined || names.includes(name)) return Effect.succeed(names.includes(name) ? name : found)
  const detail = `it holds ${found} and ${other}: leave the one that is to be read`
  return Effect.fail(new DatasetError({ reason: "Mismatch", file: directory, detail }))
}

/**
 * Why a folder lacks a file that is wanted, in a clause: it lies in a folder in it, or something known is there instead. Empty
 * where nothing is known.
 */
export const insteadOf = Effect.fnUntraced(function* (directory: string, isWanted: (name: string) => boolean) {
  const names = yield* namesIn(directory)
  const seen: Array<string> = [...names]
  let folders: ReadonlyArray<string> = names
  for (let depth = 0; depth < 2; depth++) {
    const inner: Array<string> = []
    for (const folder of folders.slice(0, MOST_LOOKED_INTO)) {
      const below = yield* namesIn(join(directory, folder))
      if (below.some(isWanted)) return `; it is in ${join(directory, folder)}: give that folder`
      seen.push(...below)
      inner.push(...below.map((name) => join(folder, name)))
    }
    folders = inner
  }
  const found = foundInstead(names) ?? foundInstead(seen)
  return found === undefined ? "" : `; ${found}`
})

/** Folders that are looked into for what is missing. */
const MOST_LOOKED_INTO = 50
