import type { Command } from "effect/cli"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { assignSetting } from "../../domain/experiment/assignSetting.ts"
import { type ExperimentSettings, SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import {
  changedBy,
  decodeSettings,
  type PresetName,
  presetJson,
  type SettingsJson
} from "../../domain/experiment/presets.ts"
import { checkRemovals } from "../../domain/experiment/settingPaths.ts"
import { type Assignment, parseAssignment } from "../../domain/experiment/withSetting.ts"
import { quotedText } from "../../domain/text/terminalText.ts"
import { dataChange } from "./datasetChoice.ts"
import { readJsonObject } from "./readJsonObject.ts"
import type { programFlags, settingsFlags } from "./settingsFlags.ts"
import { UsageError } from "./userError.ts"

/** The values of `settingsFlags`, or of `programFlags` alone. */
export type SettingsFlags = Command.Command.Config.Infer<typeof programFlags> &
  Partial<Command.Command.Config.Infer<typeof settingsFlags>>

/** Settings, and what of them the user said: the rest is a preset's, and may be fitted to the data. */
export interface AskedSettings {
  readonly settings: ExperimentSettings
  readonly said: SettingsJson
}

/**
 * The settings that flags ask for: the preset, the config file over it, the other flags over both, and `--set` over all. A file
 * that holds whole settings (as `--print-settings` writes them) needs no preset below it. Fails with a `UsageError` for flags
 * that contradict each other and for a `--set` that sets nothing there is, with a `SettingsError` for what the file says.
 */
export const settingsOfFlags = Effect.fnUntraced(function* (
  flags: SettingsFlags
): Effect.fn.Return<AskedSettings, SettingsError | UsageError, FileSystem.FileSystem> {
  const { preset, config } = flags
  if (isSaid(flags.epochs) && isSaid(flags.updates)) {
    return yield* new UsageError({ flag: "--epochs", problem: "contradicts --updates: give one of the two" })
  }
  const file = Option.isSome(config) ? yield* readJsonObject(config.value, "the config file") : {}
  const isWhole = Option.isNone(preset) && Result.isSuccess(decodeSettings(changedBy({}, file)))
  const data = yield* dataChange(flags.dataset)
  const named = [file, data].reduce(
    changedBy,
    isWhole ? {} : presetJson(Option.getOrElse(preset, (): PresetName => "paper"))
  )
  const images = yield* imageChange(flags, kindOf(named, "dataset"))
  const changes = [data, images, changesOf(flags, kindOf(named, "training", "objective"))]
  const assignments = yield* assignmentsOf(flags.set)
  const json = yield* assigned(changes.reduce(changedBy, named), assignments)
  const settings = yield* Effect.fromResult(
    Result.flatMap(checkRemovals(file, named), () => decodeSettings(json))
  ).pipe(Effect.mapError((error) => faultOf(error, assignments, config)))
  const said = yield* assigned([file, ...changes].reduce(changedBy, {}), assignments)
  return { settings, said }
})

/** What `--set` says, each with its path. Fails with a `UsageError` for what is no assignment. */
export const assignmentsOf = (given: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<Assignment>, UsageError> =>
  Effect.forEach(given, (text) =>
    Effect.mapError(Effect.fromResult(parseAssignment(text)), (problem) => new UsageError({ flag: "--set", problem }))
  )

/** JSON with these assigned one after the other. Fails with a `UsageError` for a path that no settings of these kinds have. */
export const assigned = (json: SettingsJson, assignments: ReadonlyArray<Assignment>) =>
  Effect.reduce(
    assignments,
    () => json,
    (under, assignment) =>
      Effect.mapError(
        Effect.fromResult(assignSetting(under, assignment)),
        (problem) => new UsageError({ flag: `--set ${shown(assignment.path)}`, problem })
      )
  )

const shown = (path: string): string => (/^[\w.*-]+$/.test(path) ? path : quotedText(path))

/** Presets are sound and flags are checked as they are read: what is wrong was set, or is in the file. */
const faultOf = (
  { field, problem }: SettingsError,
  assignments: ReadonlyArray<Assignment>,
  config: Option.Option<string>
): SettingsError | UsageError => {
  const within = (inner: string, outer: string) => inner === outer || inner.startsWith(`${outer}.`)
  // Another kind needs other fields next to it.
  const set = assignments.some(
    ({ path }) => within(field, path.replace(/\.(kind|objective)$/, "")) || within(path, field)
  )
  if (set) return new UsageError({ flag: `--set ${field}`, problem })
  return new SettingsError({ field: Option.isSome(config) ? `${config.value}: ${field}` : field, problem })
}

/** The `kind` that JSON names somewhere. */
const kindOf = (json: SettingsJson, group: string, field = "kind"): unknown => {
  const inner = Object.getOwnPropertyDescriptor(json, group)?.value
  return typeof inner === "object" && inner !== null ? Object.getOwnPropertyDescriptor(inner, field)?.value : undefined
}

/** Data whose images can have any size. */
const sizable: ReadonlyArray<unknown> = ["folder", "several-digits", "synthetic"]

const imageChange = Effect.fnUntraced(function* (
  { size, crop }: SettingsFlags,
  kind: unknown
): Effect.fn.Return<SettingsJson, UsageError> {
  const refused = (flag: string, of: string) =>
    new UsageError({ flag, problem: `is for ${of}, not for the data set "${kind}", whose images are as they are` })
  if (Option.isSome(size) && !sizable.includes(kind)) {
    return yield* refused("--size", "a folder of images (--dataset folder:PATH)")
  }
  if (Option.isSome(crop) && kind !== "folder") {
    return yield* refused("--crop", "a folder of images (--dataset folder:PATH)")
  }
  if (Option.isNone(size) && Option.isNone(crop)) return {}
  return { dataset: { ...Option.getOrElse(size, () => ({})), ...some("crop", crop) } }
})

const isSaid = <A>(value: Option.Option<A> | undefined): value is Option.Some<A> =>
  value !== undefined && Option.isSome(value)

const some = <A>(field: string, value: Option.Option<A> | undefined): SettingsJson =>
  isSaid(value) ? { [field]: value.value } : {}

const changesOf = (
  {
    seed,
    epochs,
    updates,
    batchSize,
    learningRate,
    shards,
    keepLast,
    keepEvery,
    keepBest,
    onNotFinite,
    onCollapse
  }: SettingsFlags,
  objective: unknown
): SettingsJson => {
  const [goal, metric] = isSaid(keepBest) ? keepBest.value.split(":") : []
  const optimizer = some("learningRate", learningRate)
  const optimizers = objective === "variational" ? ["optimizer"] : ["generatorOptimizer", "discriminatorOptimizer"]
  const keepCheckpoints = {
    ...some("last", keepLast),
    ...some("everyEpochs", keepEvery),
    ...(goal === undefined ? {} : { best: { goal, metric } })
  }
  return {
    ...some("seed", seed),
    training: {
      ...some("epochs", epochs),
      ...some("updates", updates),
      ...some("batchSize", batchSize),
      ...some("shards", shards),
      ...(isSaid(learningRate) ? Object.fromEntries(optimizers.map((name) => [name, optimizer])) : {})
    },
    reporting: {
      ...some("onNotFinite", onNotFinite),
      ...some("onCollapse", onCollapse),
      ...(Object.keys(keepCheckpoints).length > 0 ? { keepCheckpoints } : {})
    }
  }
}
