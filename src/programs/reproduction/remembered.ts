import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { writeFileAtomically } from "../../layers/file/atomicWrite.ts"

/**
 * A value that is computed once and kept in a JSON file: taken from there if the file holds it under the same `key` (all
 * that it was computed from, as JSON), else computed and written. A file that cannot be read is written anew.
 */
export const remembered = Effect.fn("remembered")(function* <A, I, E, R>(
  path: string,
  { schema, key }: { readonly schema: Schema.Codec<A, I>; readonly key: Schema.Json },
  compute: Effect.Effect<A, E, R>
) {
  const fs = yield* FileSystem.FileSystem
  const Kept = Schema.fromJsonString(Schema.Struct({ key: Schema.Json, value: schema }))
  const text = yield* Effect.option(fs.readFileString(path))
  const kept = Option.flatMap(text, Schema.decodeUnknownOption(Kept))
  if (Option.isSome(kept) && JSON.stringify(kept.value.key) === JSON.stringify(key)) return kept.value.value
  const value = yield* compute
  yield* writeFileAtomically(path, new TextEncoder().encode(`${Schema.encodeSync(Kept)({ key, value })}\n`))
  return value
})
