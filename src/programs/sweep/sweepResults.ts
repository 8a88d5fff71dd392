import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { byAxisValue, byCombination, measuresOf } from "../../domain/sweep/aggregate.ts"
import { type Measured, recentMeasures } from "../../domain/sweep/earlyStopping.ts"
import { decodeResult, type PointResult } from "../../domain/sweep/PointResult.ts"
import { decodeSubmission, type SweepSubmission } from "../../domain/sweep/Submission.ts"
import { type BestBy, decodeSweepPlan } from "../../domain/sweep/SweepPlan.ts"
import type { PointRow, SweepResults } from "../../domain/sweep/SweepResults.ts"
import { byPoint } from "../../domain/sweep/successiveHalving.ts"
import { QueueError } from "../../layers/queue/queueErrors.ts"
import { type PointRecord, TrainingQueue } from "../../layers/queue/TrainingQueue.ts"
import { libraryVersion } from "../libraryVersion.ts"

/** What came of a sweep so far, with what its page shows besides. */
export interface GatheredSweep {
  readonly results: SweepResults
  /** What each point reported, by its id. */
  readonly courses: ReadonlyMap<string, ReadonlyArray<Measured>>
  /** The image grids of each point, by its id. */
  readonly images: ReadonlyMap<string, PointResult["images"]>
}

/**
 * What the `TrainingQueue` knows of a sweep, finished or not. Fails with an `UnknownSweepError`, and with a `QueueError` where the queue cannot be
 * read, or holds what this version does not understand.
 */
export const gatherSweep = Effect.fn("Sweep.results")(function* (name: string) {
  const queue = yield* TrainingQueue
  const submission = yield* readSubmission(name)
  const records = new Map((yield* queue.results(name)).map((record) => [record.point.id, record]))
  const reports = byPoint(
    (yield* queue.reports(name)).map(({ id, update, measures = {} }) => ({ id, update, measures }))
  )
  const images = new Map<string, PointResult["images"]>()
  const rows = submission.points.map((planned): PointRow => {
    const record = records.get(planned.id)
    const result = record === undefined ? undefined : Option.getOrUndefined(resultIn(record))
    if (result !== undefined) images.set(planned.id, result.images)
    return rowOf(planned, record, result, reports.get(planned.id) ?? [])
  })
  const best = bestOf(submission, rows)
  const results: SweepResults = {
    format: "fovea-sweep",
    version: 1,
    name,
    createdAt: DateTime.formatIso(yield* DateTime.now),
    library: { name: "fovea", version: libraryVersion },
    engine: submission.engine,
    ...(best !== undefined && { best }),
    plan: submission.plan,
    axes: byAxisValue(rows),
    combinations: byCombination(rows, best),
    points: rows
  }
  const gathered: GatheredSweep = { results, courses: reports, images }
  return gathered
})

/** The same with what else was measured of points, by their ids. */
export const withMeasures = (
  gathered: GatheredSweep,
  measures: ReadonlyMap<string, PointRow["measures"]>
): GatheredSweep => {
  const { results } = gathered
  const points = results.points.map((row) => ({ ...row, measures: { ...row.measures, ...measures.get(row.id) } }))
  return {
    ...gathered,
    results: { ...results, points, axes: byAxisValue(points), combinations: byCombination(points, results.best) }
  }
}

/** What a sweep was submitted with. */
export const readSubmission = Effect.fnUntraced(function* (name: string) {
  const { location, plan } = yield* TrainingQueue
  return yield* Effect.fromResult(decodeSubmission(yield* plan(name))).pipe(
    Effect.mapError(
      (problem) => new QueueError({ store: location, action: `read the plan of the sweep ${name}`, detail: problem })
    )
  )
})

const resultIn = ({ result }: PointRecord): Option.Option<PointResult> =>
  Option.flatMap(result, (text) => Result.getSuccess(decodeResult(text)))

const rowOf = (
  { id, values, seed, updates }: SweepSubmission["points"][number],
  record: PointRecord | undefined,
  result: PointResult | undefined,
  reports: ReadonlyArray<Measured>
): PointRow => {
  const update = result?.update ?? reports.at(-1)?.update ?? 0
  const state = record?.state ?? "waiting"
  const reason = result?.reason ?? (record === undefined ? undefined : Option.getOrUndefined(record.error))
  const worker = record === undefined ? undefined : Option.getOrUndefined(record.worker)
  return {
    ...{ id, values, seed, update, updates },
    // A result that this version cannot read is none.
    standing: result?.outcome ?? (state === "finished" ? "failed" : state),
    collapsed: result?.collapsed ?? false,
    measures: result?.measures ?? recentMeasures(reports, update, updates),
    ...(reason !== undefined && { reason }),
    ...(worker !== undefined && { worker }),
    attempts: record?.attempts ?? 0,
    ...(result !== undefined && { seconds: result.seconds }),
    ...(result?.state !== undefined && { state: result.state })
  }
}

/** What the plan ranks by; where it says nothing, what it halves by, the distance if that is measured, or the first measure, the lowest first. */
const bestOf = ({ plan: json }: SweepSubmission, rows: ReadonlyArray<PointRow>): BestBy | undefined => {
  const plan = Result.getOrUndefined(decodeSweepPlan(json))
  const halving = plan?.stop?.halving
  const [measure] = measuresOf(rows)
  if (plan?.best !== undefined) return plan.best
  if (halving !== undefined) return { measure: halving.measure, goal: halving.goal }
  if (plan?.measure !== undefined) return { measure: "frechetDistance", goal: "lowest" }
  return measure === undefined ? undefined : { measure, goal: "lowest" }
}
