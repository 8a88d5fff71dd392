import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { openSealedJson, sealJson } from "../../domain/json/checksummedJson.ts"
import { explain, writeFileAtomically } from "../../layers/file/atomicWrite.ts"
import { readBoundedText } from "../../layers/file/readBounded.ts"
import { sha256 } from "../../layers/file/sha256.ts"

/** The measures of a run take some kilobytes, its course some more. */
const MAX_REMEMBERED_BYTES = 64_000_000

/** What was kept under which key, if the file is as it was written; else what is wrong with it. */
export const openCached = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* Effect.mapError(readBoundedText(fs, path, MAX_REMEMBERED_BYTES), explain)
  const json = yield* Effect.fromResult(openSealedJson(text, sha256)).pipe(
    Effect.mapError(({ expected, found }) => `expected ${expected}, found ${found}`)
  )
  return json
})

/**
 * A value that is computed once and kept in a JSON file: taken from there if the file holds it under the same `key` (all
 * that it was computed from, as JSON), else computed and written. A file that is there but not as it was written is told of
 * in a warning, and written anew.
 */
export const cached = Effect.fn("remembered")(function* <A, I, E, R>(
  path: string,
  { schema, key }: { readonly schema: Schema.Codec<A, I>; readonly key: Schema.Json },
  compute: Effect.Effect<A, E, R>
) {
  const fs = yield* FileSystem.FileSystem
  const Kept = Schema.toCodecJson(Schema.Struct({ key: Schema.Json, value: schema }))
  if (yield* Effect.orElseSucceed(fs.exists(path), () => false)) {
    const opened = yield* Effect.result(openCached(path))
    if (Result.isFailure(opened)) {
      yield* Effect.logWarning(`${path} is damaged (${opened.failure}): what it held is computed again`)
    } else {
      // Sound, but of another version if it does not decode: then its key is another one as well.
      const kept = Schema.decodeUnknownResult(Kept)(opened.success)
      if (Result.isSuccess(kept) && JSON.stringify(kept.success.key) === JSON.stringify(key)) return kept.success.value
    }
  }
  const value = yield* compute
  const text = sealJson(Schema.encodeSync(Kept)({ key, value }), sha256)
  yield* writeFileAtomically(path, new TextEncoder().encode(text))
  return value
})
