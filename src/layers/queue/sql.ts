import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { SqlError } from "effect/sql/SqlError"
import { Database } from "../sql/Database.ts"
import { type PointRow, progressIn, recordIn, reportIn } from "./pointRows.ts"
import { type QueueError, SweepConflictError, UnknownSweepError } from "./queueErrors.ts"
import { chosenPoints, claimFrom } from "./sqlClaim.ts"
import { LeaseTimes, type SubmittedSweep, type SweepPoint, type SweepStatus, TrainingQueue } from "./TrainingQueue.ts"

/** Rows of one INSERT: databases limit how many values a statement holds. */
const rowsAtOnce = 500

/**
 * The queue in a database: `layerSqlite`, `layerSqliteMemory` or `layerPostgres`. Whether a lease holds is decided by the clock of the database, and
 * whether a writer may write in the transaction that writes.
 */
export const layerSql: Layer.Layer<TrainingQueue, never, Database> = Layer.effect(
  TrainingQueue,
  Effect.gen(function* () {
    const database = yield* Database
    const { forUpdate, location, now, read, sql, write } = database
    const times = yield* LeaseTimes

    /** Fails for a sweep that is not there; `found` is told otherwise by a missing row. */
    const known = Effect.fnUntraced(function* <A>(name: string, found: Effect.Effect<A | undefined, QueueError>) {
      const value = yield* found
      if (value !== undefined) return value
      const names = yield* read(
        "list sweeps",
        sql<{ readonly name: string }>`SELECT name FROM fovea_sweeps ORDER BY place`
      )
      return yield* new UnknownSweepError({ store: location, name, known: names.map(({ name }) => name) })
    })
    const sweepRow = (name: string) =>
      Effect.map(sql<{ readonly plan: string }>`SELECT plan FROM fovea_sweeps WHERE name = ${name}`, ([row]) => row)
    /** Of a sweep that exists. */
    const ofSweep = Effect.fnUntraced(function* <A>(name: string, statements: Effect.Effect<A, SqlError>) {
      return (yield* sweepRow(name)) === undefined ? undefined : yield* statements
    })
    const members = (name: string) => sql`SELECT id FROM fovea_members WHERE sweep = ${name}`

    /** Submissions one after another, or two could give one place to two points. */
    const inTurn = sql`SELECT id FROM fovea_store ${forUpdate}`
    const nextPlace = (table: string) =>
      Effect.map(
        sql<{ readonly place: number }>`SELECT coalesce(max(place), 0) + 1 AS place FROM ${sql(table)}`,
        ([row]) => row?.place ?? 1
      )

    const revive = (name: string, states: ReadonlyArray<string>) =>
      Effect.gen(function* () {
        yield* sql`UPDATE fovea_sweeps SET cancelled = 0 WHERE name = ${name}`
        const revived = yield* sql`
          UPDATE fovea_points SET state = 'waiting', error = NULL, ended = NULL, fruitless = 0
          WHERE id IN (${members(name)}) AND state IN ${sql.in(states)} RETURNING id`
        return revived.length
      })

    const add = (sweep: SubmittedSweep, points: ReadonlyArray<SweepPoint>) =>
      Effect.gen(function* () {
        yield* inTurn
        const before = yield* sweepRow(sweep.name)
        if (before !== undefined && before.plan !== sweep.plan) return undefined
        const each = Arr.dedupeWith(points, (left, right) => left.id === right.id)
        const ids = each.map(({ id }) => id)
        const present = new Map<string, string>()
        for (const some of Arr.chunksOf(ids, rowsAtOnce)) {
          const rows = yield* sql<{ readonly id: string; readonly state: string }>`
            SELECT id, state FROM fovea_points WHERE id IN ${sql.in(some)}`
          for (const { id, state } of rows) present.set(id, state)
        }
        if (before === undefined) {
          const place = yield* nextPlace("fovea_sweeps")
          yield* sql`INSERT INTO fovea_sweeps (name, place, plan, submitted, cancelled)
            VALUES (${sweep.name}, ${place}, ${sweep.plan}, ${now}, 0)`
        }
        const first = yield* nextPlace("fovea_points")
        const fresh = each.filter(({ id }) => !present.has(id)).map((point, index) => rowOf(point, first + index))
        for (const rows of Arr.chunksOf(fresh, rowsAtOnce)) yield* sql`INSERT INTO fovea_points ${sql.insert(rows)}`
        const place = yield* nextPlace("fovea_members")
        const rows = ids.map((id, index) => ({ sweep: sweep.name, id, place: place + index }))
        for (const some of Arr.chunksOf(rows, rowsAtOnce)) {
          yield* sql`INSERT INTO fovea_members ${sql.insert(some)} ON CONFLICT DO NOTHING`
        }
        yield* revive(sweep.name, ["cancelled"])
        const finished = [...present.values()].filter((state) => state === "finished").length
        return { added: fresh.length, present: present.size, finished }
      })

    const status = Effect.gen(function* () {
      const sweeps = yield* sql<{
        readonly name: string
        readonly cancelled: number
        readonly submitted: number
      }>`SELECT name, cancelled, submitted FROM fovea_sweeps ORDER BY place`
      const counts = yield* sql<{ readonly sweep: string; readonly state: string; readonly count: number }>`
        SELECT m.sweep, p.state, CAST(count(*) AS INTEGER) AS count FROM fovea_members m
        JOIN fovea_points p ON p.id = m.id GROUP BY m.sweep, p.state`
      const running = yield* sql<PointRow & { readonly sweep: string; readonly silent: number }>`
        SELECT m.sweep, p.id, p.worker, p.update_done, p.update_last, ${now} - p.renewed AS silent
        FROM fovea_points p JOIN fovea_members m ON m.id = p.id WHERE p.state = 'running' ORDER BY m.place`
      return sweeps.map(({ cancelled, name, submitted }): SweepStatus => {
        const count = (state: string) => counts.find((row) => row.sweep === name && row.state === state)?.count ?? 0
        return {
          name,
          cancelled: cancelled === 1,
          submitted,
          points: {
            waiting: count("waiting"),
            running: count("running"),
            finished: count("finished"),
            failed: count("failed"),
            cancelled: count("cancelled")
          },
          running: running
            .filter(({ sweep }) => sweep === name)
            .map((row) => ({
              id: row.id,
              worker: row.worker ?? "",
              progress: progressIn(row),
              silent: Math.max(row.silent, 0) / 1000
            }))
        }
      })
    })

    const cancel = (name: string) =>
      Effect.gen(function* () {
        yield* sql`UPDATE fovea_sweeps SET cancelled = 1 WHERE name = ${name}`
        const ended = yield* sql`
          UPDATE fovea_points SET state = 'cancelled', ended = ${now}
          WHERE state IN ('waiting', 'running') AND id IN (${members(name)}) AND id NOT IN (
            SELECT m.id FROM fovea_members m JOIN fovea_sweeps s ON s.name = m.sweep WHERE s.cancelled = 0
          ) RETURNING id`
        return ended.length
      })

    return TrainingQueue.of({
      location,
      submit: Effect.fn("TrainingQueue.submit")(function* (sweep, points) {
        const submission = yield* write("submit a sweep", add(sweep, points))
        return submission ?? (yield* new SweepConflictError({ store: location, name: sweep.name }))
      }),
      claim: claimFrom(database, {
        leaseMillis: Duration.toMillis(times.lease),
        fruitless: times.fruitless
      }),
      outlook: Effect.fn("TrainingQueue.outlook")(function* (worker) {
        const others = chosenPoints(sql, worker)
        const rows = yield* read(
          "look for points",
          sql<{ readonly state: string; readonly version: number; readonly engine: string; readonly count: number }>`
            SELECT state, version, engine, CAST(count(*) AS INTEGER) AS count FROM fovea_points
            WHERE state IN ('waiting', 'running') ${others} GROUP BY state, version, engine ORDER BY version, engine`
        )
        const waiting = rows.filter(({ state }) => state === "waiting")
        const fits = ({ engine, version }: { readonly engine: string; readonly version: number }) =>
          engine === worker.engine && worker.versions.includes(version)
        const total = (some: ReadonlyArray<{ readonly count: number }>) =>
          some.reduce((sum, { count }) => sum + count, 0)
        return {
          waiting: total(waiting.filter(fits)),
          running: total(rows.filter(({ state }) => state === "running")),
          unfit: waiting.filter((row) => !fits(row)).map(({ version, engine, count }) => ({ version, engine, count }))
        }
      }),
      status: Effect.withSpan(read("tell the status", status), "TrainingQueue.status"),
      plan: Effect.fn("TrainingQueue.plan")((name) =>
        Effect.map(known(name, read("read a plan", sweepRow(name))), ({ plan }) => plan)
      ),
      results: Effect.fn("TrainingQueue.results")((name) => {
        const rows = sql<PointRow>`SELECT p.* FROM fovea_points p JOIN fovea_members m ON m.id = p.id
          WHERE m.sweep = ${name} ORDER BY m.place`
        return known(name, read("read results", ofSweep(name, Effect.map(rows, Arr.map(recordIn)))))
      }),
      reports: Effect.fn("TrainingQueue.reports")((name, within) => {
        const range =
          within === undefined
            ? sql.literal("")
            : sql`AND r.update_done > ${within.after} AND r.update_done <= ${within.upTo}`
        const rows = sql<PointRow & { readonly measures: string }>`
          SELECT r.* FROM fovea_reports r JOIN fovea_members m ON m.id = r.id
          WHERE m.sweep = ${name} ${range} ORDER BY m.place, r.update_done`
        return known(name, read("read reports", ofSweep(name, Effect.map(rows, Arr.map(reportIn)))))
      }),
      cancel: Effect.fn("TrainingQueue.cancel")((name) =>
        known(name, write("cancel a sweep", ofSweep(name, cancel(name))))
      ),
      retry: Effect.fn("TrainingQueue.retry")((name) =>
        known(name, write("retry a sweep", ofSweep(name, revive(name, ["failed", "cancelled"]))))
      )
    })
  })
)

const rowOf = ({ engine, id, payload, version }: SweepPoint, place: number) => ({
  ...{ id, place, payload, version, engine, state: "waiting" },
  ...{ token: 0, attempts: 0, fruitless: 0, progressed: 0, renewed: 0, expires: 0 }
})
