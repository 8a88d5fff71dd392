import { Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { type ExperimentSettings, SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import { type PresetName, presetNames, type SettingsJson, settingsFrom } from "../../domain/experiment/presets.ts"
import { trainingMetrics } from "../../domain/experiment/TrainingSettings.ts"
import { dataChange, datasetDescription } from "./datasetChoice.ts"
import { filePath } from "./paths.ts"
import { readJsonObject } from "./readJsonObject.ts"

/** A flag for a whole number of at least `least`, and at most `most`; says so if another is given. */
export const wholeNumber = (name: string, least: number, most: number = Number.MAX_SAFE_INTEGER): Flag.Flag<number> => {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  const inRange = (value: number): boolean => Number.isSafeInteger(value) && value >= least && value <= most
  // Not `Flag.Int`, whose message for a word speaks of a string representing a finite number.
  return Flag.String(name).pipe(
    Flag.withMetavar("integer"),
    Flag.filterMap(
      (text) => (/^[+-]?\d+$/.test(text) ? Option.filter(Option.some(Number(text)), inRange) : Option.none()),
      () => `a whole number ${range}`
    )
  )
}

const optionalCount = (name: string, description: string) =>
  wholeNumber(name, 1).pipe(Flag.withDescription(description), Flag.optional)

const goals = ["lowest", "highest"] as const

/** What the best checkpoint may be the best by: `lowest:generatorLoss`. */
const bestNames = goals.flatMap((goal) => trainingMetrics.map((metric) => `${goal}:${metric}` as const))

/** Flags that say what to train. */
export const settingsFlags = {
  preset: Flag.Literals("preset", presetNames).pipe(
    Flag.withDescription("settings to begin with (default: paper)"),
    Flag.optional
  ),
  config: filePath("config").pipe(
    Flag.withDescription("JSON file with settings, whole or in part, laid over the preset"),
    Flag.optional
  ),
  dataset: filePath("dataset").pipe(Flag.withDescription(datasetDescription("the preset's")), Flag.optional),
  seed: wholeNumber("seed", 0).pipe(
    Flag.withDescription("seed of every random number (default: the preset's)"),
    Flag.optional
  ),
  epochs: optionalCount("epochs", "passes over the training images (default: the preset's)"),
  updates: optionalCount("updates", "updates in all, instead of epochs"),
  shards: optionalCount(
    "shards",
    "shards of the batch, each on a thread of its own (default: the preset's, or as many as the backend runs at once)"
  ),
  keepLast: optionalCount("keep-last", "checkpoints to keep: the newest so many (default: 3)"),
  keepEvery: optionalCount("keep-every", "keep the checkpoint of every so many epochs as well"),
  keepBest: Flag.Literals("keep-best", bestNames).pipe(
    Flag.withDescription("keep the checkpoint whose last update measured the lowest or highest of this as well"),
    Flag.optional
  ),
  onNotFinite: Flag.Literals("on-not-finite", ["stop", "warn"]).pipe(
    Flag.withDescription("if a number becomes NaN or infinite: stop the run (default), or warn and go on"),
    Flag.optional
  ),
  onCollapse: Flag.Literals("on-collapse", ["warn", "stop", "ignore"]).pipe(
    Flag.withDescription("if a player collapses: warn (default), stop the run, or ignore it"),
    Flag.optional
  ),
  out: filePath("out").pipe(
    Flag.withDescription("folder of the run; an existing run there goes on (default: runs/ and the settings' name)"),
    Flag.optional
  )
}

/** The values of `settingsFlags`. */
export interface SettingsFlags {
  readonly preset: Option.Option<PresetName>
  readonly config: Option.Option<string>
  readonly dataset: Option.Option<string>
  readonly seed: Option.Option<number>
  readonly epochs: Option.Option<number>
  readonly updates: Option.Option<number>
  readonly shards: Option.Option<number>
  readonly keepLast: Option.Option<number>
  readonly keepEvery: Option.Option<number>
  readonly keepBest: Option.Option<(typeof bestNames)[number]>
  readonly onNotFinite: Option.Option<"stop" | "warn">
  readonly onCollapse: Option.Option<"warn" | "stop" | "ignore">
  readonly out: Option.Option<string>
}

/** The settings that flags ask for: the preset, the config file over it, the other flags over both. */
export const settingsOfFlags = Effect.fnUntraced(function* (
  flags: SettingsFlags
): Effect.fn.Return<ExperimentSettings, SettingsError, FileSystem.FileSystem> {
  const { preset, config } = flags
  const file = Option.isSome(config) ? yield* readJsonObject(config.value, "the config file") : {}
  const name = Option.getOrElse(preset, (): PresetName => "paper")
  const data = yield* dataChange(flags.dataset)
  return yield* Effect.fromResult(settingsFrom(name, [file, data, changesOf(flags)])).pipe(
    // Presets are sound and flags are checked as they are read: what is wrong stands in the file.
    Effect.mapError(
      ({ field, problem }) =>
        new SettingsError({ field: Option.isSome(config) ? `${config.value}: ${field}` : field, problem })
    )
  )
})

const changesOf = ({
  seed,
  epochs,
  updates,
  shards,
  keepLast,
  keepEvery,
  keepBest,
  onNotFinite,
  onCollapse
}: SettingsFlags): SettingsJson => {
  const some = <A>(field: string, value: Option.Option<A>): SettingsJson =>
    Option.isSome(value) ? { [field]: value.value } : {}
  const best = Option.map(keepBest, (name) => {
    const [goal, metric] = name.split(":")
    return { goal, metric }
  })
  const keepCheckpoints = { ...some("last", keepLast), ...some("everyEpochs", keepEvery), ...some("best", best) }
  return {
    ...some("seed", seed),
    training: { ...some("epochs", epochs), ...some("updates", updates), ...some("shards", shards) },
    reporting: {
      ...some("onNotFinite", onNotFinite),
      ...some("onCollapse", onCollapse),
      ...(Object.keys(keepCheckpoints).length > 0 ? { keepCheckpoints } : {})
    }
  }
}
