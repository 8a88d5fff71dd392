import * as Result from "effect/Result"
import { updatesPerEpoch } from "../data/epochOrder.ts"
import { assignSetting } from "../experiment/assignSetting.ts"
import type { DataDigests } from "../experiment/dataIdentity.ts"
import { decaysOver } from "../experiment/decaysOver.ts"
import {
  ExperimentSettings,
  misfit,
  ReportingSettings,
  SettingsError,
  totalUpdates
} from "../experiment/ExperimentSettings.ts"
import { fitToData } from "../experiment/fitToData.ts"
import { changedBy, decodeSettings, presetJson, type SettingsJson, settingsJson } from "../experiment/presets.ts"
import { checkRemovals } from "../experiment/settingPaths.ts"
import { metricsOf, onShards } from "../experiment/TrainingSettings.ts"
import { withSetting } from "../experiment/withSetting.ts"
import type { DigestOfText } from "../json/checksummedJson.ts"
import type { ImageFormat } from "../model/GenerativeModel.ts"
import { quotedText } from "../text/terminalText.ts"
import { type AxisValues, axisPoints } from "./axisPoints.ts"
import type { PlannedPoint, PointStop } from "./PlannedPoint.ts"
import { pointId } from "./pointIdentity.ts"
import { measuredAtEnd, pathsOf, type SweepPlan } from "./SweepPlan.ts"
import { rungsOf } from "./successiveHalving.ts"

/** A combination of what the axes say, and a seed. */
export interface Combination {
  readonly values: AxisValues
  readonly seed: number
}

/** A point with its id. */
export interface IdentifiedPoint {
  readonly id: string
  readonly point: PlannedPoint
}

/** A combination as the settings of a bundled system. */
export interface SettingsPoint extends Combination {
  readonly settings: ExperimentSettings
  /** What of them the plan says; the rest may be fitted to the data. */
  readonly said: SettingsJson
}

/** What of a training's data the plan must know. */
export interface PointData {
  readonly name: string
  readonly digests: DataDigests
  readonly format: ImageFormat
  /** Training images. */
  readonly count: number
}

/** All combinations of a plan's axes with all its seeds, which vary fastest. Fails with a `SettingsError` that names the axis. */
export const combinationsOf = (
  { axes = [], seeds }: SweepPlan,
  ownSeed: number
): Result.Result<ReadonlyArray<Combination>, SettingsError> => {
  const all = typeof seeds === "number" ? Array.from({ length: seeds }, (_, i) => ownSeed + i) : (seeds ?? [ownSeed])
  const each = [...new Set(all)]
  for (const [index, axis] of axes.entries()) {
    const path = pathsOf(axis).find((name) => refusedPaths.test(name))
    if (path === undefined) continue
    const problem = path === "seed" ? 'seeds are listed in "seeds"' : `"${path}" changes no number of a training`
    return Result.fail(new SettingsError({ field: `axes.${index}`, problem }))
  }
  return Result.map(axisPoints(axes, each.length), (points) =>
    points.flatMap((values) => each.map((seed) => ({ values, seed })))
  )
}

const refusedPaths = /^(name|seed|reporting(\..*)?)$/

/**
 * The points of a plan of bundled systems, by their settings. Fails with a `SettingsError` that names the path and the value for what
 * no settings are, before anything is queued.
 */
export const settingsPoints = (plan: SweepPlan): Result.Result<ReadonlyArray<SettingsPoint>, SettingsError> =>
  Result.gen(function* () {
    const { preset, settings: given = {} } = plan
    const isWhole = preset === undefined && Result.isSuccess(decodeSettings(changedBy({}, given)))
    const base = changedBy(isWhole ? {} : presetJson(preset ?? "paper"), given)
    yield* Result.mapError(checkRemovals(given, base), within("settings"))
    const whole = yield* Result.mapError(decodeSettings(base), within("settings"))
    const asked = changedBy({}, given)
    const points: Array<SettingsPoint> = []
    for (const { values, seed } of yield* combinationsOf(plan, whole.seed)) {
      let [json, said]: [SettingsJson, SettingsJson] = [base, asked]
      for (const [path, value] of Object.entries(values)) {
        json = yield* Result.mapError(
          assignSetting(json, { path, value }),
          (problem) => new SettingsError({ field: `axes: ${quotedText(path)}`, problem })
        )
        said = Result.getOrElse(withSetting(said, { path, value }), () => said)
      }
      const settings = yield* Result.mapError(decodeSettings(json), within("axes"))
      points.push({ values, seed, said, settings: new ExperimentSettings({ ...settings, seed }) })
    }
    return points
  })

/**
 * What a plan ranks, bounds and halves by must be measured by some of its trainings. Fails with a `SettingsError` that names the field and what is
 * measured: a rule about anything else would hold for ever. Points can be ranked, but not ended, by what is measured at their end.
 */
export const requireMeasures = (
  { best, stop = {}, measure: atEnd }: Pick<SweepPlan, "best" | "stop" | "measure">,
  measured: ReadonlyArray<string>
): Result.Result<void, SettingsError> => {
  const asked: ReadonlyArray<readonly [field: string, measure: string]> = [
    ...(best === undefined || (atEnd !== undefined && measuredAtEnd.includes(best.measure))
      ? []
      : [["best.measure", best.measure] as const]),
    ...(stop.bounds ?? []).map(({ measure }, i) => [`stop.bounds.${i}.measure`, measure] as const),
    ...(stop.halving === undefined ? [] : [["stop.halving.measure", stop.halving.measure] as const])
  ]
  const unknown = asked.find(([, measure]) => !measured.includes(measure))
  if (unknown === undefined) return Result.void
  const [field, measure] = unknown
  const known = measured.length === 0 ? "measure nothing" : `measure ${measured.join(", ")}`
  return Result.fail(new SettingsError({ field, problem: `these trainings ${known}, and no ${quotedText(measure)}` }))
}

/** What an update by these settings measures. */
export const measuredBy = ({ training }: ExperimentSettings): ReadonlyArray<string> => [
  ...metricsOf[training.objective],
  ...(training.objective === "variational"
    ? named(training.optimizer.maxGradientNorm, "gradientNorm")
    : [
        ...named(training.gradientPenalty, "gradientPenalty"),
        ...named(training.discriminatorOptimizer.maxGradientNorm, "discriminatorGradientNorm"),
        ...named(training.generatorOptimizer.maxGradientNorm, "generatorGradientNorm")
      ])
]

const named = (setting: unknown, metric: string): ReadonlyArray<string> => (setting === undefined ? [] : [metric])

const within =
  (part: string) =>
  ({ field, problem }: SettingsError): SettingsError =>
    new SettingsError({ field: `${part}: ${field}`, problem })

/**
 * A point fitted to its data and ready to be queued. It is computed on one shard if the plan says nothing: trainings side by side use more cores better,
 * and the number of shards decides the last bits. Fails with a `SettingsError` if settings and data do not go together.
 */
export const fittedPoint = (
  plan: SweepPlan,
  { values, seed, said, settings: given }: SettingsPoint,
  data: PointData,
  engine: string,
  digestOf: DigestOfText
): Result.Result<IdentifiedPoint, SettingsError> => {
  const fitted = fitToData(given, said, data.count).settings
  const shards = fitted.training.shards ?? 1
  const perEpoch = updatesPerEpoch(data.count, fitted.training.batchSize)
  const updates = totalUpdates(fitted, perEpoch)
  const training = onShards(decaysOver(fitted.training, updates), shards)
  const sharded = new ExperimentSettings({ ...fitted, name: plan.name, training })
  const problem = misfit(sharded, data.format, data.count)
  if (problem !== undefined) {
    const where = [
      ...Object.entries(values).map(([path, value]) => `${path} = ${JSON.stringify(value)}`),
      `seed ${seed}`
    ]
    return Result.fail(new SettingsError({ field: `${where.join(", ")}: ${problem.field}`, problem: problem.problem }))
  }
  const timing = timesOf(plan, updates, perEpoch, sharded.reporting.logEveryUpdates)
  const settings = new ExperimentSettings({ ...sharded, reporting: reportingOf(sharded, said, timing) })
  const point: PlannedPoint = {
    values,
    seed,
    work: { kind: "settings", settings: settingsJson(settings) },
    updates,
    shards,
    data: { name: data.name, digests: data.digests },
    ...timing
  }
  const id = pointId({ kind: "settings", run: { settings, format: data.format } }, { ...point, engine }, digestOf)
  return Result.succeed({ id, point })
}

/** What a point does when, in updates. */
type Timing = Pick<PlannedPoint, "reportEvery" | "stop" | "images">

/** Reports of a training at most; and at least, if it has as many updates. */
const [mostReports, leastReports] = [100, 10]

/** When a training of this many updates reports, is judged, and draws. Everything is judged at a report. */
export const timesOf = (
  { stop = {}, images }: Pick<SweepPlan, "stop" | "images">,
  updates: number,
  perEpoch: number,
  logEvery: number
): Timing => {
  const { samples, times } = images ?? { samples: 9, times: 6 }
  const reportEvery = Math.max(
    1,
    Math.ceil(updates / mostReports),
    Math.min(logEvery, Math.ceil(updates / leastReports))
  )
  const atReport = (update: number): number => Math.min(updates, Math.ceil(update / reportEvery) * reportEvery)
  const { collapse = false, bounds = [], halving } = stop
  const resolved: PointStop = {
    collapse,
    bounds: bounds.map(({ measure, epoch = 0, update = epoch * perEpoch, most, least }) => ({
      measure,
      update: atReport(update),
      ...(most !== undefined && { most }),
      ...(least !== undefined && { least })
    })),
    ...(halving !== undefined && {
      halving: {
        measure: halving.measure,
        goal: halving.goal,
        factor: halving.factor,
        rungs: [...new Set(rungsOf(halving.first, halving.factor, updates).map(atReport))].filter((at) => at < updates)
      }
    })
  }
  return { reportEvery, stop: resolved, images: { samples, everyUpdates: Math.max(1, Math.ceil(updates / times)) } }
}

/** Reports as the sweep needs them; of what is kept, what the plan says, and otherwise the newest checkpoint alone. */
const reportingOf = (
  { reporting }: ExperimentSettings,
  said: SettingsJson,
  { reportEvery, stop }: Timing
): ReportingSettings => {
  const says = Object.getOwnPropertyDescriptor(said, "reporting")?.value
  const isSaid = (field: string): boolean => typeof says === "object" && says !== null && Object.hasOwn(says, field)
  const { milestoneEpochs, keepCheckpoints, ...others } = reporting
  return new ReportingSettings({
    ...others,
    logEveryUpdates: reportEvery,
    keepCheckpoints: isSaid("keepCheckpoints") && keepCheckpoints !== undefined ? keepCheckpoints : { last: 1 },
    ...(isSaid("milestoneEpochs") && milestoneEpochs !== undefined && { milestoneEpochs }),
    ...(stop.collapse && { onCollapse: "stop" as const })
  })
}
