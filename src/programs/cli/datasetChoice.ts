import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { DatasetSettings } from "../../domain/experiment/DatasetSettings.ts"
import type { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import { overlay, type SettingsJson } from "../../domain/experiment/presets.ts"
import { settingsFault } from "../../domain/settings/settingsFault.ts"
import { readJsonObject } from "./readJsonObject.ts"
import { UsageError } from "./userError.ts"

/** Data sets that need no path. */
const ready = ["mnist", "several-digits"]

/** Data sets that are read from a folder. */
const inFolders = ["folder", "cifar10", "fashion-mnist", "idx"]

/** What the flag `--dataset` takes, for its description; `otherwise` says what is taken without it. */
export const datasetDescription = (otherwise: string): string =>
  `mnist, several-digits, folder:PATH (your own pictures), cifar10:PATH, fashion-mnist:PATH, a folder with four IDX files, or FILE.json with the settings of one (default: ${otherwise})`

/**
 * The settings of a data set that a `--dataset` asks for, to be laid over others: where these are of the same kind, what the flag
 * does not say stays. Fails with a `UsageError` for a kind without its path, with a `SettingsError` for a file that holds no JSON object.
 */
export const datasetOfFlag = Effect.fnUntraced(function* (
  given: string
): Effect.fn.Return<SettingsJson, SettingsError | UsageError, FileSystem.FileSystem> {
  if (ready.includes(given)) return { kind: given }
  const kind = inFolders.find((name) => given.startsWith(`${name}:`))
  if (kind === undefined) {
    return given.toLowerCase().endsWith(".json")
      ? yield* readJsonObject(given, "the file of a data set's settings")
      : { kind: "idx", directory: given }
  }
  const directory = given.slice(kind.length + 1)
  if (directory.trim() === "") {
    const problem = `expected the path of a folder behind "${kind}:"`
    return yield* new UsageError({ flag: "--dataset", problem })
  }
  return { kind, directory }
})

/** The settings that a `--dataset` changes. */
export const dataChange = (
  dataset: Option.Option<string>
): Effect.Effect<SettingsJson, SettingsError | UsageError, FileSystem.FileSystem> =>
  Option.match(dataset, {
    onNone: () => Effect.succeed({}),
    onSome: (given) => Effect.map(datasetOfFlag(given), (settings) => ({ dataset: settings }))
  })

const decode = Schema.decodeUnknownResult(Schema.Struct({ dataset: DatasetSettings }), {
  errors: "all",
  onExcessProperty: "error"
})

/**
 * The settings of the pictures that a `--reference` names: what `--dataset` takes, and a folder without more is one of pictures. Fails with
 * a `SettingsError`.
 */
export const referenceSettings = Effect.fnUntraced(function* (given: string) {
  const named =
    ready.includes(given) || inFolders.some((kind) => given.startsWith(`${kind}:`)) || /\.json$/i.test(given)
  const dataset = yield* datasetOfFlag(named ? given : `folder:${given}`)
  return yield* decoded({ dataset })
})

/** The data set of a `--dataset` laid over the settings of another, or those alone. Fails with a `SettingsError`. */
export const datasetOver = Effect.fnUntraced(function* (under: DatasetSettings, given: Option.Option<string>) {
  return yield* decoded(overlay({ dataset: { ...under } }, yield* dataChange(given)))
})

const decoded = Effect.fnUntraced(function* (json: SettingsJson): Effect.fn.Return<DatasetSettings, SettingsError> {
  const { dataset } = yield* Effect.fromResult(
    Result.mapError(decode(json), (error) => settingsFault(error, json, "settings"))
  )
  return dataset
})
