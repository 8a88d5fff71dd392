import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { DatasetSettings } from "../../domain/experiment/DatasetSettings.ts"
import type { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import { deepMerge, type SettingsJson } from "../../domain/experiment/presets.ts"
import { settingsErrorOf } from "../../domain/settings/SettingsError.ts"
import { quotedText } from "../../domain/text/terminalText.ts"
import { readJsonObject } from "./readJsonObject.ts"
import { UsageError } from "./userError.ts"

/** Data sets that need no path. */
const ready = ["mnist", "several-digits"]

/** Data sets that are read from a folder. */
const inFolders = ["folder", "cifar10", "fashion-mnist", "idx"]

/** What the flag `--dataset` takes, for its description; `otherwise` says what is taken without it. */
export const datasetDescription = (otherwise: string): string =>
  `mnist, several-digits, folder:PATH (your own images), cifar10:PATH, fashion-mnist:PATH, a folder with four IDX files, or FILE.json with the settings of one (default: ${otherwise})`

/** `Folder`, `CIFAR-10` and `fashion_mnist` are names as well. */
const named = (names: ReadonlyArray<string>, typed: string): string | undefined => {
  const squashed = (text: string) => text.toLowerCase().replaceAll(/[-_ ]/g, "")
  return names.find((name) => squashed(name) === squashed(typed))
}

/** What is before the first colon; a single letter is a drive of Windows. */
const beforeColon = (given: string): string | undefined => /^([^:/\\]{2,}):/.exec(given)?.[1]

/**
 * The settings of a data set that a `--dataset` asks for, to be laid over others: where these are of the same kind, what the flag
 * does not say stays. Fails with a `UsageError` for a kind without its path, or a word that is neither a kind nor a folder, with a
 * `SettingsError` for a file that holds no JSON object.
 */
export const datasetOfFlag = Effect.fnUntraced(function* (
  given: string
): Effect.fn.Return<SettingsJson, SettingsError | UsageError, FileSystem.FileSystem> {
  if (ready.includes(given)) return { kind: given }
  const failed = (problem: string) => new UsageError({ flag: "--dataset", problem })
  const prefix = beforeColon(given)
  const kind = prefix === undefined ? undefined : named(inFolders, prefix)
  if (prefix !== undefined && kind !== undefined) {
    const directory = given.slice(prefix.length + 1)
    if (directory.trim() === "") return yield* failed(`expected the path of a folder behind "${kind}:"`)
    return { kind, directory }
  }
  if (given.toLowerCase().endsWith(".json")) return yield* readJsonObject(given, "the file of a data set's settings")
  const fs = yield* FileSystem.FileSystem
  const isWord = prefix !== undefined || !/[/\\]/.test(given)
  if (isWord && !(yield* Effect.orElseSucceed(fs.exists(given), () => true))) {
    const itself = named(ready, given)
    if (itself !== undefined) return { kind: itself }
    const wanted = named(inFolders, given)
    return yield* failed(
      wanted === undefined
        ? `expected ${[...ready, ...inFolders.map((name) => `${name}:PATH`)].join(", ")} or FILE.json, and there is no folder ${quotedText(given)} either`
        : `expected ${wanted}:PATH, with the folder that holds the data`
    )
  }
  return { kind: "idx", directory: given }
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
 * The settings of the images that a `--reference` names: what `--dataset` takes, and a folder without more is one of images. Fails with
 * a `SettingsError`.
 */
export const referenceSettings = Effect.fnUntraced(function* (given: string) {
  const prefix = beforeColon(given)
  const isNamed =
    ready.includes(given) || (prefix !== undefined && named(inFolders, prefix) !== undefined) || /\.json$/i.test(given)
  const dataset = yield* datasetOfFlag(isNamed ? given : `folder:${given}`)
  return yield* decoded({ dataset })
})

/** The data set of a `--dataset` laid over the settings of another, or those alone. Fails with a `SettingsError`. */
export const datasetOver = Effect.fnUntraced(function* (under: DatasetSettings, given: Option.Option<string>) {
  return yield* decoded(deepMerge({ dataset: { ...under } }, yield* dataChange(given)))
})

const decoded = Effect.fnUntraced(function* (json: SettingsJson): Effect.fn.Return<DatasetSettings, SettingsError> {
  const { dataset } = yield* Effect.fromResult(
    Result.mapError(decode(json), (error) => settingsErrorOf(error, json, "settings"))
  )
  return dataset
})
