import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Semaphore from "effect/Semaphore"
import { eachPart, joinedParts } from "../sql/byteParts.ts"
import { Database } from "../sql/Database.ts"
import { guardedWrite, type WriterLease } from "./leaseGuard.ts"
import { type LeaseLostError, QueueError } from "./queueErrors.ts"

/** Small files of a run, such as its figures, where whoever goes on with it finds them. */
export class RunFiles extends Context.Service<
  RunFiles,
  {
    /** Keeps a file, replacing one of the same name. Whole, or not at all. */
    readonly put: (name: string, bytes: Uint8Array) => Effect.Effect<void, LeaseLostError | QueueError>
    /** The file of this name, if there is one; a copy. */
    readonly get: (name: string) => Effect.Effect<Option.Option<Uint8Array>, QueueError>
    /** The names of all, in order. */
    readonly list: Effect.Effect<ReadonlyArray<string>, QueueError>
  }
>()("fovea/layers/RunFiles") {}

/** Whose files they are. */
export interface SqlRunFilesOptions {
  /** The run's name in the database: the id of a point. */
  readonly run: string
  /** By which it may write. Once it is lost, the database refuses every file. */
  readonly lease?: WriterLease
  /** The bytes of one file at most, and how many files there may be. */
  readonly mostBytes?: number | undefined
  readonly mostFiles?: number | undefined
}

/** Files of a run in the database of its queue, each at most 16 MiB, and at most 1,000, if not said otherwise. */
export const layerSqlRunFiles = ({
  run,
  lease,
  mostBytes = 2 ** 24,
  mostFiles = 1000
}: SqlRunFilesOptions): Layer.Layer<RunFiles, never, Database> =>
  Layer.effect(
    RunFiles,
    Effect.gen(function* () {
      const database = yield* Database
      const { location, read, sql } = database
      const turn = yield* Semaphore.make(1)
      const names = Effect.map(
        sql<{ readonly name: string }>`SELECT DISTINCT name FROM fovea_files WHERE run = ${run}`,
        (rows) => rows.map(({ name }) => name).sort()
      )
      const put = Effect.fn("RunFiles.put")(function* (name: string, bytes: Uint8Array) {
        const refused = (detail: string) =>
          new QueueError({ store: location, action: `keep the file ${name} of run ${run}`, detail })
        if (bytes.length > mostBytes) {
          return yield* refused(`it has ${bytes.length} bytes, and ${mostBytes} are allowed`)
        }
        const kept = yield* guardedWrite(
          database,
          lease,
          "keep a file",
          Effect.gen(function* () {
            const others = (yield* names).filter((other) => other !== name)
            if (others.length >= mostFiles) return false
            yield* sql`DELETE FROM fovea_files WHERE run = ${run} AND name = ${name}`
            yield* eachPart(
              bytes,
              (part, content) =>
                sql`INSERT INTO fovea_files (run, name, part, content) VALUES (${run}, ${name}, ${part}, ${content})`
            )
            return true
          }),
          bytes.length
        )
        if (!kept) return yield* refused(`there are ${mostFiles} files already, and no more are allowed`)
      }, turn.withPermit)
      const get = Effect.fn("RunFiles.get")(function* (name: string) {
        const rows = yield* read(
          "read a file",
          sql<{ readonly content: Uint8Array | null }>`
            SELECT content FROM fovea_files WHERE run = ${run} AND name = ${name} ORDER BY part`,
          mostBytes
        )
        return rows.length === 0 ? Option.none() : Option.some(joinedParts(rows.map(({ content }) => content)))
      })
      return RunFiles.of({ put, get, list: read("list files", names) })
    })
  )
