import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { decodeResults, ResultsError } from "../../domain/paper/report/resultsFile.ts"
import { explain } from "../../layers/file/atomicWrite.ts"
import { readBoundedText } from "../../layers/file/readBounded.ts"
import { sha256 } from "../../layers/file/sha256.ts"

/** A reproduction with a thousand seeds takes some megabytes. */
const MAX_RESULTS_BYTES = 64_000_000

/** Reads a `results.json`. Fails with a `ResultsError` that names the file, and the field if one is at fault. */
export const readResults = Effect.fn("readResults")(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* Effect.mapError(
    readBoundedText(fs, path, MAX_RESULTS_BYTES),
    (cause) => new ResultsError({ source: path, field: "", problem: `cannot be read: ${explain(cause)}` })
  )
  return yield* Effect.fromResult(decodeResults(text, path, sha256))
})
