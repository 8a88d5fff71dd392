import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { CHECKSUMS_FILE, parseChecksums } from "../../domain/dataset/checksums.ts"
import { explain } from "../file/atomicWrite.ts"
import { readBoundedText } from "../file/readBounded.ts"
import { DatasetError } from "./Dataset.ts"

const MAX_CHECKSUMS_BYTES = 1_000_000

/**
 * The digests that a folder's `SHA256SUMS` states, by file name; `undefined` if it has none. Fails with a `DatasetError` if
 * it cannot be read or is not what `sha256sum` writes.
 */
export const readChecksums = Effect.fn("readChecksums")(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const file = join(directory, CHECKSUMS_FILE)
  if (!(yield* Effect.orElseSucceed(fs.exists(file), () => false))) return undefined
  const text = yield* readBoundedText(fs, file, MAX_CHECKSUMS_BYTES).pipe(
    Effect.mapError((cause) => new DatasetError({ reason: "Unreadable", file, detail: explain(cause), cause }))
  )
  return yield* Effect.fromResult(parseChecksums(text)).pipe(
    Effect.mapError((detail) => new DatasetError({ reason: "Malformed", file, detail }))
  )
})

/** The digest that a file must have by its folder's `SHA256SUMS`, which must name it if it is there. */
export const statedDigest = (
  digests: ReadonlyMap<string, string> | undefined,
  directory: string,
  name: string
): Effect.Effect<string | undefined, DatasetError> => {
  const digest = digests?.get(name)
  if (digests === undefined || digest !== undefined) return Effect.succeed(digest)
  const detail = `it does not name ${name}: make it again, by sha256sum`
  return Effect.fail(new DatasetError({ reason: "Malformed", file: join(directory, CHECKSUMS_FILE), detail }))
}
