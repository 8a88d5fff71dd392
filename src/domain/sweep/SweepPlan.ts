import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { FileName, type SettingsError } from "../experiment/ExperimentSettings.ts"
import { presetNames } from "../experiment/presets.ts"
import { Count, countUpTo } from "../settings/countUpTo.ts"
import { namedFields, settingsErrorOf } from "../settings/SettingsError.ts"

/** Points of one sweep at most, also where more are asked for and confirmed. */
export const MOST_POINTS = 100_000

/** Points that are queued without being confirmed, where a plan says nothing. */
const UNCONFIRMED = 500

/** Samples of an image grid at most. */
const MOST_SAMPLES = 64

/** Samples that a point is measured by at most. */
const MOST_MEASURED = 100_000

const Seed = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** Numbers between two bounds, both included. */
export const NumberRange = Schema.Struct({
  from: Schema.Finite,
  to: Schema.Finite,
  /** How numbers are spread: evenly (`linear`, if left out), or evenly in their logarithms. */
  scale: Schema.optionalKey(Schema.Literals(["linear", "log"])),
  /** Whether they are whole; not if left out. */
  whole: Schema.optionalKey(Schema.Boolean)
}).check(
  Schema.makeFilter(({ from, to, scale, whole }) => {
    if (from >= to) return { path: ["to"], issue: `must be greater than "from", which is ${from}` }
    if (scale === "log" && from <= 0) return { path: ["from"], issue: "must be greater than 0 on a log scale" }
    return whole === true && Math.ceil(from) > Math.floor(to)
      ? { path: ["to"], issue: `there is no whole number from ${from} to ${to}` }
      : undefined
  })
)
export type NumberRange = typeof NumberRange.Type

/**
 * One way in which points differ. A grid: a setting's path and its values. A list: points as they are, each some settings by their paths.
 * Random: this many points, each with a number from every range, drawn by the seed.
 */
export const SweepAxis = Schema.Union([
  Schema.Struct({ path: Schema.NonEmptyString, values: Schema.NonEmptyArray(Schema.Json) }),
  Schema.Struct({ points: Schema.NonEmptyArray(Schema.Record(Schema.String, Schema.Json)) }),
  Schema.Struct({
    random: countUpTo(MOST_POINTS),
    seed: Seed,
    ranges: Schema.Record(Schema.String, NumberRange)
  })
]).annotate({
  expected: 'an axis: {"path", "values"}, {"points"}, or {"random", "seed", "ranges"}'
})
export type SweepAxis = typeof SweepAxis.Type

/** The paths that an axis sets. */
export const pathsOf = (axis: SweepAxis): ReadonlyArray<string> => {
  if ("path" in axis) return [axis.path]
  return "ranges" in axis ? Object.keys(axis.ranges) : [...new Set(axis.points.flatMap((point) => Object.keys(point)))]
}

const Goal = Schema.Literals(["lowest", "highest"])

/** A measure, and which of its values are the better ones. */
export const BestBy = Schema.Struct({ measure: Schema.NonEmptyString, goal: Goal })
export type BestBy = typeof BestBy.Type

/** When a point is given up before its end; numbers that are not finite always end it. */
export const StopRules = Schema.Struct({
  /** Whether a player's collapse ends a point; it is only counted if left out. */
  collapse: Schema.optionalKey(Schema.Boolean),
  /** Bounds that a measure must have kept to after an epoch, or an update. */
  bounds: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        measure: Schema.NonEmptyString,
        epoch: Schema.optionalKey(Count),
        update: Schema.optionalKey(Count),
        most: Schema.optionalKey(Schema.Finite),
        least: Schema.optionalKey(Schema.Finite)
      }).check(
        Schema.makeFilter(({ epoch, update, most, least }) => {
          if ((epoch === undefined) === (update === undefined)) {
            return { path: ["epoch"], issue: 'needs one of "epoch" and "update"' }
          }
          return most === undefined && least === undefined
            ? { path: ["most"], issue: 'needs "most", "least", or both' }
            : undefined
        })
      )
    )
  ),
  /**
   * Successive halving without waiting (ASHA; Li 2020): at update `first`, `first * factor`, `first * factor^2`, .. a point goes on
   * only if it is among the best `1 / factor` of those that have come so far.
   */
  halving: Schema.optionalKey(
    Schema.Struct({
      measure: Schema.NonEmptyString,
      goal: Goal,
      first: Count,
      factor: countUpTo(100).check(Schema.isGreaterThanOrEqualTo(2))
    })
  )
})
export type StopRules = typeof StopRules.Type

/** What `measure` measures, by the names in results. */
export const measuredAtEnd: ReadonlyArray<string> = ["frechetDistance", "classEntropy", "confidence"]

/** Which trainings make up a sweep. */
export class SweepPlan extends Schema.Class<SweepPlan>("SweepPlan")(
  namedFields(
    "SweepPlan",
    Schema.Struct({
      /** A store has one sweep of a name. */
      name: FileName,
      /** What the settings are laid over; `paper` if left out, and nothing where they are whole. */
      preset: Schema.optionalKey(Schema.Literals(presetNames)),
      settings: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
      /**
       * Instead of a preset: a module that exports by default a recipe (`Training.recipe`), whose `updates` and `shards` axes may set,
       * or a function that makes one of what the axes say.
       */
      module: Schema.optionalKey(Schema.NonEmptyString),
      /** Every value of each is combined with every one of the others. One point if left out. */
      axes: Schema.optionalKey(Schema.Array(SweepAxis)),
      /** Every point is trained with each; a number counts from the settings' own seed. That seed alone if left out. */
      seeds: Schema.optionalKey(Schema.Union([Schema.NonEmptyArray(Seed), countUpTo(MOST_POINTS)])),
      /** Of the results: what points are ranked by. */
      best: Schema.optionalKey(BestBy),
      stop: Schema.optionalKey(StopRules),
      /** Images that each point draws, to be compared: this many samples, `times` during the training. 9 samples and 6 times if left out. */
      images: Schema.optionalKey(Schema.Struct({ samples: countUpTo(MOST_SAMPLES), times: countUpTo(50) })),
      /**
       * What is measured of every point that was trained to its end, by so many samples and a classifier of its data: Fréchet distance, class
       * entropy, confidence. Of bundled systems on one data set.
       */
      measure: Schema.optionalKey(Schema.Struct({ samples: countUpTo(MOST_MEASURED) })),
      /** Points beyond which submitting asks to be confirmed. */
      unconfirmed: Schema.Int.pipe(
        Schema.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(MOST_POINTS)),
        Schema.optionalKey
      )
    }).check(
      Schema.makeFilter(({ preset, settings, module }) =>
        module !== undefined && (preset !== undefined || settings !== undefined)
          ? { path: ["module"], issue: 'says itself what is trained: leave out "preset" and "settings"' }
          : undefined
      ),
      Schema.makeFilter(({ measure, module, axes = [] }) => {
        if (measure === undefined) return undefined
        if (module !== undefined)
          return { path: ["measure"], issue: "is of bundled systems: a module measures by its outputs" }
        if (axes.some((axis) => pathsOf(axis).some((path) => /^dataset(\.|$)/.test(path)))) {
          return { path: ["measure"], issue: "compares points on one data set: distances on several do not compare" }
        }
        return undefined
      })
    )
  )
) {}

/** How many points a plan may have without being confirmed. */
export const unconfirmedPoints = ({ unconfirmed = UNCONFIRMED }: SweepPlan): number => unconfirmed

const decode = Schema.decodeUnknownResult(SweepPlan, { errors: "all", onExcessProperty: "error" })

/** A plan from JSON. Fails with one `SettingsError` that names every field at fault. */
export const decodeSweepPlan = (json: unknown): Result.Result<SweepPlan, SettingsError> =>
  Result.mapError(decode(json), (error) => settingsErrorOf(error, json, "plan"))
