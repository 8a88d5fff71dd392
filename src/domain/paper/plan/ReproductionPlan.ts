import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { ExperimentSettings, FileName, SettingsError } from "../../experiment/ExperimentSettings.ts"
import { type PresetName, presetNames, type SettingsJson, settingsFrom } from "../../experiment/presets.ts"
import { Count } from "../../settings/countUpTo.ts"
import { namedFields, settingsErrorOf } from "../../settings/SettingsError.ts"
import quick from "./quick.json" with { type: "json" }
import reproduction from "./reproduction.json" with { type: "json" }
import seeds from "./seeds.json" with { type: "json" }
import systems from "./systems.json" with { type: "json" }

/** How thoroughly trained models are measured. */
export class EvaluationSettings extends Schema.Class<EvaluationSettings>("EvaluationSettings")(
  namedFields(
    "EvaluationSettings",
    Schema.Struct({
      /** Samples that the table of measures is made of. */
      samples: Count,
      /** Samples that each milestone of a training is measured by. */
      courseSamples: Count,
      /** Rows of images that the latent probes and step changes (claims C2, C4, C5) are measured by. */
      probeRows: Count,
      /**
       * Epochs of the classifier that measures, where less will do than its preset's. It is then the plan's own, in the reproduction's
       * folder; with another folder named for it, it is the preset's.
       */
      classifierEpochs: Schema.optionalKey(Count)
    })
  )
) {}

/** Which experiments make up a reproduction, and how they are measured. The bundled ones are JSON files of this. */
export class ReproductionPlan extends Schema.Class<ReproductionPlan>("ReproductionPlan")(
  namedFields(
    "ReproductionPlan",
    Schema.Struct({
      /** Also the name of its folder. */
      name: FileName,
      /** In the order in which they are trained; each a preset with settings laid over it. */
      experiments: Schema.NonEmptyArray(
        Schema.Struct({
          preset: Schema.Literals(presetNames),
          settings: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
          /** How many seeds, from its own on; one if left out. */
          seeds: Schema.optionalKey(Count)
        })
      ),
      evaluation: EvaluationSettings
    })
  )
) {}

/**
 * - `reproduction`: the paper's three trainings and the one without the marginal start, at their full length;
 * - `seeds`: the same with several seeds of each, for verdicts that do not rest on one;
 * - `quick`: the same and the modern preset within minutes, most of them for the main experiment and that, whose figures are what is looked at
 *   first; measured by fewer samples and by a classifier that is trained shorter;
 * - `systems`: what the paper builds on and compares with (VAE, DRAW, its baseline, DCGAN) beside its own model and the modern preset.
 */
const plans = { reproduction, seeds, quick, systems } as const
export type PlanName = keyof typeof plans
export const planNames: ReadonlyArray<string> = Object.keys(plans)
export const isPlanName = (name: string): name is PlanName => Object.hasOwn(plans, name)

const decode = Schema.decodeUnknownResult(ReproductionPlan, { errors: "all", onExcessProperty: "error" })

/** A plan from JSON. Fails with one `SettingsError` that names every field at fault. */
export const decodePlan = (json: unknown): Result.Result<ReproductionPlan, SettingsError> =>
  Result.mapError(decode(json), (error) => settingsErrorOf(error, json, "plan"))

/** A bundled plan. */
export const bundledPlan = (name: PlanName): Result.Result<ReproductionPlan, SettingsError> => decodePlan(plans[name])

/** One training of a reproduction. */
export interface PlannedRun {
  /** Name of the experiment: `paper`, `baseline`, ... */
  readonly experiment: string
  /** What its settings were laid over. */
  readonly preset: PresetName
  readonly seed: number
  readonly settings: ExperimentSettings
  /** Its folder below the reproduction's: `paper/seed-0`. */
  readonly folder: string
}

/** What of a plan is asked for. */
export interface PlanChoice {
  /** The first seed, instead of each experiment's own. */
  readonly seed?: number | undefined
  /** Seeds of every experiment, instead of each one's own number: the first and those that follow it. */
  readonly replicas?: number | undefined
  /** Laid over every experiment's settings: the data set, say. */
  readonly changes: SettingsJson
}

/**
 * The trainings of a plan: all experiments with their first seed, then all that have one with their second, so that a report is complete
 * as early as it can be. Fails with a `SettingsError` that names the experiment and its field if settings are at fault,
 * if two experiments have one name, or if they are not all of one data set.
 */
export const plannedRuns = (
  plan: ReproductionPlan,
  { seed, replicas, changes }: PlanChoice
): Result.Result<ReadonlyArray<PlannedRun>, SettingsError> =>
  Result.gen(function* () {
    const experiments: Array<Pick<PlannedRun, "preset" | "settings"> & { readonly seeds: number }> = []
    for (const [index, { preset, settings = {}, seeds = 1 }] of plan.experiments.entries()) {
      const own = yield* experimentOf(index, preset, [settings, changes])
      experiments.push({ preset, settings: own, seeds: replicas ?? seeds })
    }
    const first = experiments[0]?.settings
    for (const [index, { settings }] of experiments.entries()) {
      const failed = (field: string, problem: string) =>
        Result.fail(new SettingsError({ field: `experiments.${index}.${field}`, problem }))
      if (experiments.findIndex((one) => one.settings.name === settings.name) !== index) {
        yield* failed("settings.name", `another experiment is called "${settings.name}" as well`)
      }
      if (JSON.stringify(settings.dataset) !== JSON.stringify(first?.dataset)) {
        yield* failed("settings.dataset", "all experiments of a plan must be trained on the same data")
      }
    }
    return Array.from({ length: Math.max(...experiments.map(({ seeds }) => seeds)) }, (_, replica) =>
      experiments.flatMap(({ preset, settings, seeds }) => {
        if (replica >= seeds) return []
        const own = (seed ?? settings.seed) + replica
        return [
          {
            experiment: settings.name,
            preset,
            seed: own,
            settings: new ExperimentSettings({ ...settings, seed: own }),
            folder: `${settings.name}/seed-${own}`
          }
        ]
      })
    ).flat()
  })

const experimentOf = (index: number, preset: PresetName, changes: ReadonlyArray<SettingsJson>) =>
  Result.mapError(
    settingsFrom(preset, changes),
    ({ field, problem }) => new SettingsError({ field: `experiments.${index}.settings.${field}`, problem })
  )
