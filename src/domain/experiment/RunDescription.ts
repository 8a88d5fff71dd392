import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { jsonLeaves } from "../json/jsonLeaves.ts"
import type { ImageFormat } from "../model/GenerativeModel.ts"
import { settingsErrorOf } from "../settings/SettingsError.ts"
import { type ExperimentSettings, SettingsError } from "./ExperimentSettings.ts"
import { decodeSettings, settingsJson } from "./presets.ts"

/** What a checkpoint says of the run that made it: enough to build the model again and to go on. */
export interface RunDescription {
  readonly settings: ExperimentSettings
  readonly format: ImageFormat
}

const Size = Schema.Int.check(Schema.isGreaterThan(0))
const Described = Schema.Struct({
  settings: Schema.Unknown,
  format: Schema.Struct({ channels: Size, height: Size, width: Size })
})
const decodeDescribed = Schema.decodeUnknownResult(Described, { errors: "all", onExcessProperty: "error" })

/** As plain JSON: the `settings` of a checkpoint's manifest. */
export const encodeRunDescription = ({ settings, format }: RunDescription): Schema.Json => ({
  settings: settingsJson(settings),
  format: { channels: format.channels, height: format.height, width: format.width }
})

/** Reads what `encodeRunDescription` wrote; fails with a `SettingsError` that names the checkpoint's field at fault. */
export const decodeRunDescription = (json: unknown): Result.Result<RunDescription, SettingsError> =>
  Result.flatMap(
    Result.mapError(decodeDescribed(json), (error) => settingsErrorOf(error, json, "description")),
    ({ settings, format }) => Result.map(decodeSettings(settings), (decoded) => ({ settings: decoded, format }))
  ).pipe(Result.mapError(({ field, problem }) => new SettingsError({ field: `checkpoint: ${field}`, problem })))

/**
 * Why a run cannot go on from a checkpoint: the first setting that decides what is computed and differs. How long to
 * train, how often to report, the run's name, and where its data lie may change: data are known by their digests
 * (`dataDifference`). But the lengths of decays decide, and where the settings leave them open they are that of the whole training
 * (`decaysOver`): so for those the message says how to keep the old ones.
 */
export const incompatibility = (recorded: RunDescription, requested: RunDescription): SettingsError | undefined => {
  const [before, now] = [jsonLeaves(decisive(recorded)), jsonLeaves(decisive(requested))]
  const paths = [...new Set([...before.keys(), ...now.keys()])].filter((path) => before.get(path) !== now.get(path))
  const [field] = paths
  if (field === undefined) return undefined
  const [was, is] = [valueAt(before, field), valueAt(now, field)]
  // All at once: whoever kept only the first would be refused for the next.
  const lengths = paths.filter((path) => path.endsWith("Decay.updates") && before.has(path) && now.has(path))
  const kept = lengths.includes(field)
    ? `, or keep the old length with ${lengths.map((path) => `--set ${path}=${before.get(path)}`).join(" ")}`
    : ""
  const way = `use the same settings, or another output folder${kept}`
  return new SettingsError({ field, problem: `the checkpoint was made with ${was}, but ${is} is asked for: ${way}` })
}

/** A setting's value, or what is said in its place: the first field within it (`{ perNatOfLead }` for a number), or the one that it is within. */
const valueAt = (leaves: ReadonlyMap<string, string>, field: string): string => {
  const own = leaves.get(field)
  if (own !== undefined) return own
  const instead = [...leaves].find(([path]) => path.startsWith(`${field}.`) || field.startsWith(`${path}.`))
  return instead === undefined ? "not set" : instead.join("=")
}

/** What of a run's settings and format decides what an update computes, as plain JSON. */
export const decisive = ({ settings, format }: RunDescription): unknown => {
  const { seed, dataset, model, training } = settings
  const { epochs: _epochs, updates: _updates, ...update } = training
  const { directory: _directory, ...data } = { directory: "", ...dataset }
  // A number of shards that is left out is 1, a cell that is left out the plain one.
  const whole = model.kind === "attention-gan" ? { cell: "plain", ...model } : model
  return JSON.parse(JSON.stringify({ seed, dataset: data, model: whole, training: { shards: 1, ...update }, format }))
}
