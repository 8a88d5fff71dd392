import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { ImageFormat } from "../model/GenerativeModel.ts"
import { modelOf } from "../model/modelOf.ts"
import type { AdversarialModel } from "../model/TrainableModel.ts"
import { own } from "../record/own.ts"
import { settingsErrorOf } from "../settings/SettingsError.ts"
import { ExperimentSettings, type SettingsError } from "./ExperimentSettings.ts"
import baseline from "./presets/baseline.json" with { type: "json" }
import dcgan from "./presets/dcgan.json" with { type: "json" }
import draw from "./presets/draw.json" with { type: "json" }
import drawWithoutAttention from "./presets/draw-without-attention.json" with { type: "json" }
import fourFilters from "./presets/four-filters.json" with { type: "json" }
import goodfellow from "./presets/goodfellow.json" with { type: "json" }
import modern from "./presets/modern.json" with { type: "json" }
import paper from "./presets/paper.json" with { type: "json" }
import vae from "./presets/vae.json" with { type: "json" }
import zeroCanvas from "./presets/zero-canvas.json" with { type: "json" }
import { checkRemovals, type SettingsJson } from "./settingPaths.ts"

/** The settings that come with the library, as the JSON they stand in. */
const presets = {
  paper,
  baseline,
  "four-filters": fourFilters,
  "zero-canvas": zeroCanvas,
  goodfellow,
  vae,
  draw,
  "draw-without-attention": drawWithoutAttention,
  dcgan,
  modern
} as const

export type PresetName = keyof typeof presets

/**
 * The first four are the paper's; they clip gradients to a joint norm of 5, which it leaves open (decision 35).
 *
 * - `paper`: the main experiment (section 3.2, first row of the table);
 * - `baseline`: Goodfellow's GAN (second row);
 * - `four-filters`: 4 x 4 filters with their own settings (third row);
 * - `zero-canvas`: the main experiment with `c_0` starting at zero, against the claim that the marginal start helps;
 * - `goodfellow`: the baseline's network trained as its authors' published MNIST configuration does (Goodfellow 2014), by
 *   momentum instead of Adam. That halves the discriminator's loss, for which the step sizes of its optimizer are halved;
 * - `vae`: the variational autoencoder on MNIST that is binarised afresh in every update;
 * - `draw`: DRAW on the same, with the published sizes of writing windows, networks and latents, but fewer glimpses, and step sizes that fall;
 * - `draw-without-attention`: DRAW reading and writing whole images, in ten steps of constant size;
 * - `dcgan`: Radford 2015 at MNIST's size;
 * - `modern`: the model of `paper` with gated cells, larger and softer windows, fewer glimpses of D than steps of G, and a latent at
 *   the first step alone, trained with a gradient penalty that follows D's lead, step sizes that fall, and an average of G.
 */
export const presetNames = [
  "paper",
  "baseline",
  "four-filters",
  "zero-canvas",
  "goodfellow",
  "vae",
  "draw",
  "draw-without-attention",
  "dcgan",
  "modern"
] as const satisfies ReadonlyArray<PresetName>

export type { SettingsJson }

const isRecord = (value: unknown): value is SettingsJson =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * `over` laid over `under`, field by field, as a JSON Merge Patch (RFC 7396): `null` takes a field away, and anything but an object
 * replaces what it covers. So does, beyond that, an object of another `kind`, or a training of another `objective`: the fields of the one mean
 * nothing to the other.
 */
export const deepMerge = (under: SettingsJson, over: SettingsJson): SettingsJson =>
  Object.fromEntries(
    [...new Set([...Object.keys(under), ...Object.keys(over)])].flatMap((field) => {
      const [below, above] = [own(under, field), own(over, field)]
      if (above === undefined) return [[field, below]]
      if (above === null) return []
      if (!isRecord(above)) return [[field, above]]
      return [[field, deepMerge(isRecord(below) && ofOneKind(below, above) ? below : {}, above)]]
    })
  )

const ofOneKind = (below: SettingsJson, above: SettingsJson): boolean =>
  ["kind", "objective"].every((field) => (own(above, field) ?? own(below, field)) === own(below, field))

/**
 * Settings with changes laid over them. A number of epochs that is said later replaces a number of updates that was said
 * before: the two say the same thing.
 */
export const changedBy = (under: SettingsJson, over: SettingsJson): SettingsJson => {
  const { training, ...others } = deepMerge(under, over)
  const said = own(over, "training")
  if (!isRecord(training) || !isRecord(said)) return deepMerge(under, over)
  const { updates, ...rest } = training
  const replaced = own(said, "epochs") !== undefined && own(said, "updates") === undefined
  return { ...others, training: replaced || updates === undefined ? rest : training }
}

/** The JSON of a preset. */
export const presetJson = (preset: PresetName): SettingsJson => presets[preset]

const decode = Schema.decodeUnknownResult(ExperimentSettings, { errors: "all", onExcessProperty: "error" })

/** Settings from JSON. Fails with one `SettingsError` that names every field at fault; a misspelt field is one of them. */
export const decodeSettings = (json: unknown): Result.Result<ExperimentSettings, SettingsError> =>
  Result.mapError(decode(json), (error) => settingsErrorOf(error, json, "settings"))

/** A preset with changes laid over it, later ones over earlier ones; fails as `decodeSettings` and `checkRemovals` do. */
export const settingsFrom = (
  preset: PresetName,
  changes: ReadonlyArray<SettingsJson> = []
): Result.Result<ExperimentSettings, SettingsError> =>
  Result.gen(function* () {
    let json: SettingsJson = presets[preset]
    for (const change of changes) {
      json = changedBy(json, change)
      yield* checkRemovals(change, json)
    }
    return yield* decodeSettings(json)
  })

/**
 * The model of a preset that is trained by the adversarial game (`paper`, `baseline`, `modern`, `dcgan` and their like), for images of a
 * format, with changes of the model's settings laid over. Throws a `TypeError` for the preset of another objective, and a `SettingsError`
 * for settings that the changes spoil.
 *
 *     const { generator, discriminator } = adversarialPreset("paper", { channels: 1, height: 28, width: 28 }, { units: 64 })
 */
export const adversarialPreset = (
  preset: PresetName,
  format: ImageFormat,
  changes: SettingsJson = {}
): AdversarialModel => {
  const model = modelOf(Result.getOrThrow(settingsFrom(preset, [{ model: changes }])).model, format)
  if (model.objective === "adversarial") return model
  throw new TypeError(`the model of the preset "${preset}" has no discriminator: its objective is ${model.objective}`)
}

const encode = Schema.encodeSync(ExperimentSettings)

/** Settings as plain JSON, for files, logs and checkpoints. */
export const settingsJson = (settings: ExperimentSettings): Schema.Json => JSON.parse(JSON.stringify(encode(settings)))
