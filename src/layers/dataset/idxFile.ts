import { createHash } from "node:crypto"
import { constants, gunzip, gunzipSync } from "node:zlib"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import { type IdxArray, type IdxHeader, MAX_IDX_BYTES, parseIdx, parseIdxHeader } from "../../domain/data/idx.ts"
import { fileKind } from "../../domain/text/fileKind.ts"
import { sha256 } from "../file/sha256.ts"
import type { DatasetError } from "./Dataset.ts"
import { altered, malformed, readDataFile } from "./dataFile.ts"

/** An IDX file that was read: its array and the SHA-256 (hexadecimal) of its bytes as they lie on the disk. */
export interface IdxFile extends IdxArray {
  readonly digest: string
}

const MD5_DIGITS = 32
const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex")

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Compressed bytes enough for the header of any IDX file; they cannot inflate to more than about 4 MB. */
const PREFIX_BYTES = 4096

/**
 * The most that a gzip file is inflated to, which takes twice as much memory while it lasts: a thousand times the file.
 * The largest sets in this format (EMNIST) have 0.55 GB.
 */
const MAX_INFLATED_BYTES = 2 ** 30

const inflateFailure = (file: string, cause: unknown, bound: number): DatasetError => {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined
  if (code === "ERR_BUFFER_TOO_LARGE") {
    return malformed(file, `it inflates to more than the ${bound} bytes that its header states; it was not read`, cause)
  }
  if (code === "Z_BUF_ERROR") return malformed(file, "the gzip file is cut short; fetch it again", cause)
  return malformed(file, `the gzip file is damaged (${String(cause)}); fetch it again`, cause)
}

/** Inflates the beginning, so that the header can bound the inflation of the rest. */
const inflateHeader = (path: string, bytes: Uint8Array, rank: number): Effect.Effect<IdxHeader, DatasetError> =>
  Effect.try({
    try: () => gunzipSync(bytes.subarray(0, PREFIX_BYTES), { finishFlush: constants.Z_SYNC_FLUSH }),
    catch: (cause) => inflateFailure(path, cause, 0)
  }).pipe(
    Effect.flatMap((prefix) => Effect.fromResult(parseIdxHeader(prefix, rank))),
    Effect.catchTag("IdxError", (error) => Effect.fail(malformed(path, error.message, error)))
  )

const inflate = Effect.fnUntraced(function* (path: string, bytes: Uint8Array, rank: number) {
  const { totalBytes } = yield* inflateHeader(path, bytes, rank)
  if (totalBytes > MAX_INFLATED_BYTES) {
    const detail = `its header states ${totalBytes} bytes; of a gzip file at most ${MAX_INFLATED_BYTES} are read: inflate it yourself if you trust it`
    return yield* malformed(path, detail)
  }
  return yield* Effect.callback<Uint8Array, DatasetError>((resume) => {
    gunzip(bytes, { maxOutputLength: totalBytes, chunkSize: 1 << 20 }, (error, inflated) => {
      resume(error === null ? Effect.succeed(inflated) : Effect.fail(inflateFailure(path, error, totalBytes)))
    })
  })
})

/**
 * Reads an IDX file of unsigned bytes in `rank` dimensions, plain or gzip (told apart by their first bytes, not their
 * names). A gzip file is never inflated beyond the size that its own header states. If a digest is given (SHA-256, or
 * MD5 where no other was published), it is compared before anything is parsed.
 * Fails with a `DatasetError` of reason `Missing`, `Unreadable`, `Altered` or `Malformed`.
 */
export const readIdxFile = Effect.fn("Dataset.readIdxFile")(function* (
  path: string,
  rank: number,
  expectedDigest?: string
): Effect.fn.Return<IdxFile, DatasetError, FileSystem.FileSystem> {
  const bytes = yield* readDataFile(path, MAX_IDX_BYTES)
  const digest = sha256(bytes)
  if (expectedDigest !== undefined) {
    const [kind, found] = expectedDigest.length === MD5_DIGITS ? ["MD5", md5(bytes)] : ["SHA-256", digest]
    if (found !== expectedDigest) return yield* altered(path, kind, expectedDigest, found)
  }
  const plain = isGzip(bytes) ? yield* inflate(path, bytes, rank) : bytes
  const parsed = parseIdx(plain, rank)
  if (Result.isFailure(parsed)) {
    const kind = fileKind(plain)
    const detail = kind === undefined ? parsed.failure.message : `it is ${kind}, not an IDX file`
    return yield* malformed(path, detail, parsed.failure)
  }
  return { ...parsed.success, digest }
})
