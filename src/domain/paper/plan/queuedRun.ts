import { updatesPerEpoch } from "../../data/epochOrder.ts"
import { decaysOver } from "../../experiment/decaysOver.ts"
import { ExperimentSettings, ReportingSettings, totalUpdates } from "../../experiment/ExperimentSettings.ts"
import { settingsJson } from "../../experiment/presets.ts"
import { onShards } from "../../experiment/TrainingSettings.ts"
import type { DigestOfText } from "../../json/checksummedJson.ts"
import type { PlannedPoint } from "../../sweep/PlannedPoint.ts"
import { type IdentifiedPoint, type PointData, timesOf } from "../../sweep/planPoints.ts"
import { pointId } from "../../sweep/pointIdentity.ts"
import type { PlannedRun } from "./ReproductionPlan.ts"

/**
 * A training of a reproduction as a point of a sweep. It is logged and kept as its settings say, and computed on one shard where they say
 * nothing. The settings must suit the data.
 */
export const queuedRun = (
  { experiment, seed, settings: given }: PlannedRun,
  data: PointData,
  engine: string,
  digestOf: DigestOfText
): IdentifiedPoint => {
  const shards = given.training.shards ?? 1
  const perEpoch = updatesPerEpoch(data.count, given.training.batchSize)
  const updates = totalUpdates(given, perEpoch)
  const sharded = new ExperimentSettings({ ...given, training: onShards(decaysOver(given.training, updates), shards) })
  const { logEveryUpdates } = given.reporting
  const { reportEvery, ...timing } = timesOf({}, updates, perEpoch, logEveryUpdates)
  const settings = new ExperimentSettings({
    ...sharded,
    reporting: new ReportingSettings({
      ...given.reporting,
      picturesEveryEpochs: Math.max(1, Math.round(timing.images.everyUpdates / perEpoch))
    })
  })
  const point: PlannedPoint = {
    values: { experiment },
    seed,
    work: { kind: "settings", settings: settingsJson(settings) },
    updates,
    shards,
    data: { name: data.name, digests: data.digests },
    // The queue hears of what is logged, where it is asked for as often.
    reportEvery: Math.ceil(reportEvery / logEveryUpdates) * logEveryUpdates,
    ...timing
  }
  const id = pointId({ kind: "settings", run: { settings, format: data.format } }, { ...point, engine }, digestOf)
  return { id, point }
}
