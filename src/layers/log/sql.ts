import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"
import type { TrainingEvent } from "../../domain/experiment/TrainingEvent.ts"
import { guardedWrite, type WriterLease } from "../queue/leaseGuard.ts"
import { Database } from "../sql/Database.ts"
import { lineOfEvent, usualMostBytes } from "./jsonLines.ts"
import { type JsonLinesLog, logOf } from "./readJsonLines.ts"
import { TrainingLog, TrainingLogError } from "./TrainingLog.ts"
import { thinnedLines } from "./thinnedLines.ts"

/** Whose log it is. */
export interface SqlLogOptions {
  /** The run's name in the database: the id of a point. */
  readonly run: string
  /** By which it may write. Once it is lost, the database refuses every line. */
  readonly lease?: WriterLease
  /** The log grows to this many bytes before it is thinned, as the one in a file (2 MiB if not given). */
  readonly mostBytes?: number | undefined
}

const nameOf = (database: Database["Service"], run: string): string => `${database.location} log of run ${run}`

const linesOf = ({ sql }: Database["Service"], run: string) =>
  Effect.map(
    sql<{ readonly content: string }>`SELECT content FROM fovea_log_lines WHERE run = ${run} ORDER BY line`,
    (rows) => new TextEncoder().encode(rows.map(({ content }) => `${content}\n`).join(""))
  )

/** A log in a database, of the same lines as `layerJsonLines` writes. What is recorded is there once `record` succeeds. */
export const layerSql = ({
  run,
  lease,
  mostBytes = usualMostBytes
}: SqlLogOptions): Layer.Layer<TrainingLog, TrainingLogError, Database> =>
  Layer.effect(
    TrainingLog,
    Effect.gen(function* () {
      const database = yield* Database
      const { read, sql } = database
      const turn = yield* Semaphore.make(1)
      const failing = (action: string) =>
        Effect.mapError(
          ({ message }: { readonly message: string }) =>
            new TrainingLogError({ log: nameOf(database, run), action, reason: message })
        )
      const [found] = yield* read(
        "open a log",
        sql<{ readonly size: number }>`SELECT CAST(coalesce(sum(length(content) + 1), 0) AS INTEGER) AS size
          FROM fovea_log_lines WHERE run = ${run}`
      ).pipe(failing("open"))
      let size = found?.size ?? 0
      let bound = mostBytes

      const insert = (line: string) => sql`
        INSERT INTO fovea_log_lines (run, line, content)
        SELECT ${run}, coalesce(max(line), 0) + 1, ${line} FROM fovea_log_lines WHERE run = ${run}`
      const thin = Effect.gen(function* () {
        const bytes = thinnedLines(yield* linesOf(database, run))
        yield* sql`DELETE FROM fovea_log_lines WHERE run = ${run}`
        const lines = new TextDecoder().decode(bytes).split("\n").slice(0, -1)
        for (const line of lines) yield* insert(line)
        return bytes.length
      })
      const record = Effect.fnUntraced(
        function* (event: TrainingEvent) {
          const line = yield* lineOfEvent(event)
          yield* guardedWrite(database, lease, "write a log", insert(line))
          size += line.length + 1
          if (size <= bound) return
          size = yield* guardedWrite(database, lease, "thin a log", thin)
          bound = size < 0.75 * mostBytes ? mostBytes : 2 * size
        },
        (recorded, event) => recorded.pipe(turn.withPermit, failing(`record ${event._tag} of update ${event.update}`))
      )
      return TrainingLog.of({ record })
    })
  )

/** The log of a run in a database as the bytes of a file of JSON lines; none if nothing was recorded. */
export const sqlLogBytes = Effect.fnUntraced(function* (
  run: string
): Effect.fn.Return<Uint8Array, TrainingLogError, Database> {
  const database = yield* Database
  return yield* Effect.mapError(
    database.read("read a log", linesOf(database, run)),
    ({ message }) => new TrainingLogError({ log: nameOf(database, run), action: "read", reason: message })
  )
})

/** Reads the log of a run in a database; as `readJsonLines` reads a file. */
export const readSqlLog = Effect.fn("Logs.readSql")(function* (
  run: string
): Effect.fn.Return<JsonLinesLog, TrainingLogError, Database> {
  const bytes = yield* sqlLogBytes(run)
  return yield* logOf(nameOf(yield* Database, run), bytes)
})
