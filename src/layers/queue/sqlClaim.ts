import { randomUUID } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import type { Database } from "../sql/Database.ts"
import { encodeMeasures, lostLease, type PointRow, progressIn } from "./pointRows.ts"
import type { LeaseLostError } from "./queueErrors.ts"
import type { Lease, Progress, QueueWorker, TrainingQueue } from "./TrainingQueue.ts"

/** How long leases hold, and how many holders in a row may vanish without progress. */
export interface LeaseBounds {
  readonly leaseMillis: number
  readonly fruitless: number
}

/** Which points a worker wants, behind other conditions on `fovea_points`. */
export const chosenPoints = (sql: SqlClient, { except = [], only }: QueueWorker) => {
  const others = except.length === 0 ? sql.literal("") : sql`AND id NOT IN ${sql.in(except)}`
  return only === undefined ? others : sql`${others} AND id IN (SELECT id FROM fovea_members WHERE sweep = ${only})`
}

/** `claim` of a queue in a database. */
export const claimFrom = (
  database: Database["Service"],
  { fruitless, leaseMillis }: LeaseBounds
): TrainingQueue["Service"]["claim"] => {
  const { now, read, skipLocked, sql, write } = database

  /** A clock that was set back makes no lease hold for longer than it should have. */
  const silent = sql`state = 'running' AND (expires < ${now} OR expires > ${now} + ${2 * leaseMillis} + 1000)`
  const fitting = (worker: QueueWorker) => {
    const { engine, versions } = worker
    const others = chosenPoints(sql, worker)
    return sql`FROM fovea_points WHERE (state = 'waiting' OR ${silent})
      AND engine = ${engine} AND version IN ${sql.in(versions)} ${others}`
  }
  const renewal = sql`renewed = ${now}, expires = ${now} + ${leaseMillis}`

  const take = (worker: QueueWorker, claim: string): Effect.Effect<PointRow | undefined, SqlError> =>
    Effect.gen(function* () {
      for (;;) {
        const [next] = yield* sql<PointRow>`SELECT * ${fitting(worker)} ORDER BY place LIMIT 1 ${skipLocked}`
        if (next === undefined) return undefined
        const vain = next.state === "waiting" ? next.fruitless : next.progressed === 1 ? 0 : next.fruitless + 1
        if (vain >= fruitless) {
          yield* sql`UPDATE fovea_points SET state = 'failed', ended = ${now}, error = ${gaveUp(vain, progressIn(next))}
            WHERE id = ${next.id}`
          continue
        }
        const [taken] = yield* sql<PointRow>`
          UPDATE fovea_points SET state = 'running', token = token + 1, attempts = attempts + 1, fruitless = ${vain},
            progressed = 0, worker = ${worker.name}, claim = ${claim}, taken = ${now}, ${renewal}
          WHERE id = ${next.id} RETURNING *`
        return taken
      }
    })
  const sweepOf = (id: string, only: string | undefined) =>
    Effect.map(
      sql<{ readonly name: string }>`SELECT s.name FROM fovea_sweeps s JOIN fovea_members m ON m.sweep = s.name
        WHERE m.id = ${id} ${only === undefined ? sql.literal("") : sql`AND s.name = ${only}`} ORDER BY s.cancelled, s.place LIMIT 1`,
      ([sweep]) => sweep?.name ?? ""
    )

  return Effect.fn("TrainingQueue.claim")(function* (worker) {
    const none = Option.none<Lease>()
    if (worker.versions.length === 0) return none
    // Without a transaction: most of the time there is nothing, and many ask.
    const [any] = yield* read("look for a point", sql`SELECT id ${fitting(worker)} LIMIT 1`)
    if (any === undefined) return none
    const claim = randomUUID()
    const taken = yield* write(
      "claim a point",
      Effect.gen(function* () {
        // Of an earlier try whose answer was lost.
        const [mine] = yield* sql<PointRow>`SELECT * FROM fovea_points WHERE claim = ${claim} AND state = 'running'`
        const row = mine ?? (yield* take(worker, claim))
        return row === undefined ? undefined : { row, sweep: yield* sweepOf(row.id, worker.only) }
      })
    )
    return taken === undefined ? none : Option.some(leaseOf(database, leaseMillis, taken.row, taken.sweep))
  })
}

/** What the holder of a point may do. */
const leaseOf = (
  { now, sql, write }: Database["Service"],
  leaseMillis: number,
  row: PointRow,
  sweep: string
): Lease => {
  const { attempts, engine, id, payload, token, version } = row
  const mine = sql`id = ${id} AND token = ${token} AND state = 'running'`
  /** Changes the point (`column = value,` ...) and renews, if the lease holds, in one statement; then does the rest within the same transaction. */
  const held = (
    action: string,
    change: Fragment,
    rest: Effect.Effect<unknown, SqlError> = Effect.void,
    isDone: (found: PointRow) => boolean = () => false
  ) =>
    Effect.gen(function* () {
      const lost = yield* write(
        action,
        Effect.gen(function* (): Effect.fn.Return<LeaseLostError | undefined, SqlError> {
          const changed = yield* sql`UPDATE fovea_points SET ${change}
            renewed = ${now}, expires = ${now} + ${leaseMillis} WHERE ${mine} RETURNING id`
          if (changed.length > 0) {
            yield* rest
            return undefined
          }
          const [found] = yield* sql<PointRow>`SELECT * FROM fovea_points WHERE id = ${id}`
          // An earlier try whose answer was lost.
          if (found?.token === token && isDone(found)) return undefined
          return lostLease({ point: id, token }, found)
        })
      )
      if (lost !== undefined) return yield* lost
    })
  return {
    point: { id, payload, version, engine },
    sweep,
    token,
    attempt: attempts,
    progress: progressIn(row),
    renew: held("renew a lease", sql.literal("")),
    report: Effect.fn("Lease.report")(({ measures, of, update }) =>
      held(
        "report progress",
        sql`progressed = CASE WHEN ${update} > coalesce(update_done, -1) THEN 1 ELSE progressed END,
          update_done = ${update}, update_last = ${of},`,
        measures === undefined
          ? Effect.void
          : sql`INSERT INTO fovea_reports (id, update_done, update_last, measures)
              VALUES (${id}, ${update}, ${of}, ${encodeMeasures(measures)})
              ON CONFLICT (id, update_done) DO UPDATE SET update_last = excluded.update_last, measures = excluded.measures`
      )
    ),
    finish: Effect.fn("Lease.finish")((result) =>
      held(
        "finish a point",
        sql`state = 'finished', result = ${result}, error = NULL, ended = ${now},`,
        Effect.void,
        ({ state }) => state === "finished"
      )
    ),
    fail: Effect.fn("Lease.fail")((error) =>
      held(
        "end a point",
        sql`state = 'failed', error = ${error}, ended = ${now},`,
        Effect.void,
        ({ state }) => state === "failed"
      )
    ),
    release: held("give a point back", sql`state = 'waiting', fruitless = 0,`).pipe(
      Effect.catchTag("LeaseLostError", () => Effect.void),
      Effect.withSpan("Lease.release")
    )
  }
}

/** Why a point is given up that no worker gets on with. */
const gaveUp = (workers: number, progress: Option.Option<Progress>): string => {
  const where = Option.match(progress, { onNone: () => "beginning", onSome: ({ update }) => `update ${update}` })
  return `${workers} workers in a row vanished without getting on from its ${where}`
}
