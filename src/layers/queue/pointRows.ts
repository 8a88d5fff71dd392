import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { LeaseLostError } from "./queueErrors.ts"
import type { PointRecord, PointState, Progress, Report } from "./TrainingQueue.ts"

/** A row of `fovea_points`. */
export interface PointRow {
  readonly id: string
  readonly payload: string
  readonly version: number
  readonly engine: string
  readonly state: PointState
  readonly token: number
  readonly attempts: number
  readonly fruitless: number
  readonly progressed: number
  readonly worker: string | null
  readonly update_done: number | null
  readonly update_last: number | null
  readonly result: string | null
  readonly error: string | null
  readonly taken: number | null
  readonly ended: number | null
}

export const progressIn = (row: Pick<PointRow, "update_done" | "update_last">): Option.Option<Progress> =>
  row.update_done === null || row.update_last === null
    ? Option.none()
    : Option.some({ update: row.update_done, of: row.update_last })

export const recordIn = (row: PointRow): PointRecord => {
  const { attempts, engine, id, payload, state, token, version } = row
  return {
    point: { id, payload, version, engine },
    ...{ state, attempts, token },
    worker: Option.fromNullOr(row.worker),
    progress: progressIn(row),
    result: Option.fromNullOr(row.result),
    error: Option.fromNullOr(row.error),
    taken: Option.fromNullOr(row.taken),
    ended: Option.fromNullOr(row.ended)
  }
}

/** Numbers as JSON has them; what this library wrote and nobody else. */
const measuresAsText = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Finite))
export const encodeMeasures = Schema.encodeSync(measuresAsText)
const decodeMeasures = Schema.decodeSync(measuresAsText)

export const reportIn = (
  row: Pick<PointRow, "id" | "update_done" | "update_last"> & { readonly measures: string }
): Report & { readonly id: string } => ({
  id: row.id,
  update: row.update_done ?? 0,
  of: row.update_last ?? 0,
  measures: decodeMeasures(row.measures)
})

/** What the holder of an older lease finds in its point's place. */
export const lostLease = (
  lease: { readonly point: string; readonly token: number },
  found: PointRow | undefined
): LeaseLostError => new LeaseLostError({ ...lease, found: whatIsFound(found) })

const whatIsFound = (found: PointRow | undefined): LeaseLostError["found"] => {
  switch (found?.state) {
    case undefined:
      return { _tag: "Removed" }
    case "running":
      return { _tag: "Taken", worker: found?.worker ?? "", token: found?.token ?? 0 }
    case "waiting":
      return { _tag: "Waiting" }
    case "cancelled":
      return { _tag: "Cancelled" }
    case "finished":
    case "failed":
      return { _tag: "Ended", state: found?.state ?? "" }
  }
}
