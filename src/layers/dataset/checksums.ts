import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { CHECKSUMS_FILE, digestNamed, isChecksumsFile, parseChecksums } from "../../domain/data/checksums.ts"
import { spelledOut } from "../../domain/text/fileNames.ts"
import { explain } from "../file/atomicWrite.ts"
import { readText } from "../file/readBounded.ts"
import { DatasetError } from "./Dataset.ts"

const MAX_CHECKSUMS_BYTES = 1_000_000

/** The digests that a folder states of its files, and the path of the file that does. */
export interface StatedDigests {
  readonly file: string
  readonly digests: ReadonlyMap<string, string>
}

/**
 * The digests that a folder's `SHA256SUMS` states (under any name of `isChecksumsFile`); `undefined` if it has none. Fails with a
 * `DatasetError` if there are several, or if it cannot be read or is not what `sha256sum` writes.
 */
export const readChecksums = Effect.fn("readChecksums")(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  // A folder that cannot be listed is reported where its files are read.
  const names = yield* Effect.orElseSucceed(fs.readDirectory(directory), () => [])
  const [name, other] = names.filter(isChecksumsFile).sort()
  if (name === undefined) return undefined
  const file = join(directory, name)
  if (other !== undefined) {
    const detail = `there is ${other} as well, and one file must say what is right: remove one of the two`
    return yield* new DatasetError({ reason: "Mismatch", file, detail })
  }
  const text = yield* readText(fs, file, MAX_CHECKSUMS_BYTES).pipe(
    Effect.mapError((cause) => new DatasetError({ reason: "Unreadable", file, detail: explain(cause), cause }))
  )
  const digests = yield* Effect.fromResult(parseChecksums(text)).pipe(
    Effect.mapError((detail) => new DatasetError({ reason: "Malformed", file, detail }))
  )
  const stated: StatedDigests = { file, digests }
  return stated
})

/** The digest that a file must have by its folder's `SHA256SUMS`, which must name it if it is there. */
export const statedDigest = (
  stated: StatedDigests | undefined,
  name: string
): Effect.Effect<string | undefined, DatasetError> => {
  if (stated === undefined) return Effect.succeed(undefined)
  const digest = digestNamed(stated.digests, name)
  if (digest !== undefined) return Effect.succeed(digest)
  const named = [...stated.digests.keys()].map(spelledOut)
  const names = named.length === 0 ? "nothing" : named.slice(0, MOST_NAMED).join(", ")
  const more = named.length > MOST_NAMED ? ` and ${named.length - MOST_NAMED} more` : ""
  const detail = `it does not name ${name}, but ${names}${more}: make it again, by sha256sum * > ${CHECKSUMS_FILE}`
  return Effect.fail(new DatasetError({ reason: "Malformed", file: stated.file, detail }))
}

const MOST_NAMED = 5
