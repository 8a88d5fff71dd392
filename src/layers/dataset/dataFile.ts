import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { explain } from "../file/atomicWrite.ts"
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

/** Fails with a `DatasetError` unless there is a folder; `wanted` says which one to give. */
export const requireFolder = Effect.fnUntraced(function* (directory: string, wanted: string) {
  const fs = yield* FileSystem.FileSystem
  const isFolder = yield* fs.stat(directory).pipe(
    Effect.map((info) => info.type === "Directory"),
    Effect.orElseSucceed(() => false)
  )
  if (!isFolder) {
    const detail = `there is no such folder; give ${wanted}`
    return yield* new DatasetError({ reason: "Missing", file: directory, detail })
  }
})
