import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import type { SettingsJson } from "../../domain/experiment/presets.ts"
import { parseJson } from "../../domain/json/parseJson.ts"
import { unheldNumber } from "../../domain/json/unheldNumber.ts"
import { explain } from "../../layers/file/atomicWrite.ts"
import { MAX_SETTINGS_BYTES, readText } from "../../layers/file/readBounded.ts"

/** A file that the user names: `what` it is called in errors. Fails with a `SettingsError` unless it holds a JSON object. */
export const readJsonObject = Effect.fnUntraced(function* (
  path: string,
  what: string
): Effect.fn.Return<SettingsJson, SettingsError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const failed = (problem: string) => new SettingsError({ field: path, problem: `${what} ${problem}` })
  const text = yield* readText(fs, path, MAX_SETTINGS_BYTES).pipe(
    Effect.mapError((error) =>
      failed(
        error._tag === "PlatformError" && error.reason._tag === "NotFound"
          ? "is not there"
          : `cannot be read: ${explain(error)}`
      )
    )
  )
  const json = yield* Effect.fromResult(parseJson(text)).pipe(Effect.mapError((problem) => failed(`is ${problem}`)))
  const unheld = unheldNumber(text)
  if (unheld !== undefined) {
    return yield* new SettingsError({ field: `${path}: ${unheld.field}`, problem: unheld.problem })
  }
  const fields = Schema.decodeUnknownOption(Schema.Record(Schema.String, Schema.Unknown))(json)
  if (Option.isNone(fields)) return yield* failed("must hold a JSON object of settings")
  return fields.value
})
