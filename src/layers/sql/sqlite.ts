import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Reactivity from "effect/reactivity/Reactivity"
import { explain, makeFolderSynced } from "../file/atomicWrite.ts"
import { requireFile } from "../file/readBounded.ts"
import { QueueError } from "../queue/queueErrors.ts"
import { Database } from "./Database.ts"
import { openDatabase } from "./openDatabase.ts"
import { makeSqliteClient } from "./sqliteClient.ts"

const opened = Effect.fnUntraced(function* (location: string, file: string, create: boolean) {
  const sql = yield* Effect.mapError(makeSqliteClient(file), ({ reason: { cause, message } }) => {
    const detail = cause instanceof Error ? cause.message : message
    return new QueueError({ store: location, action: "be opened", detail })
  })
  return yield* openDatabase({
    location,
    sql,
    create,
    dialect: {
      blob: "BLOB",
      tables: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
      alone: undefined
    },
    now: sql.literal("(unixepoch('subsec') * 1000)"),
    // Transactions are alone here from their start.
    forUpdate: sql.literal(""),
    skipLocked: sql.literal("")
  })
})

/** Where a store in a file lies. */
export interface SqliteOptions {
  readonly file: string
  /** Whether a file that is not there is made, with its folders (yes if not given). */
  readonly create?: boolean | undefined
}

/**
 * A store in one file, by Node's own SQLite: for any number of processes on one machine, and not on a disk that machines share. What
 * is written is on the disk once it succeeds. Fails with a `QueueError` for a file that is no store.
 */
export const layerSqlite = ({
  file,
  create = true
}: SqliteOptions): Layer.Layer<Database, QueueError, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    Database,
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { dirname, resolve } = yield* Path.Path
      const location = `sqlite:${file}`
      const failed = (detail: string) => new QueueError({ store: location, action: "be opened", detail })
      const exists = yield* Effect.mapError(fs.exists(file), (error) => failed(explain(error)))
      if (!exists && !create) return yield* failed("there is no such file")
      if (exists) {
        yield* Effect.mapError(
          Effect.flatMap(fs.stat(file), (found) => requireFile(file, found)),
          (error) => failed(explain(error))
        )
      }
      yield* Effect.mapError(makeFolderSynced(fs, dirname, dirname(file)), (error) => failed(explain(error)))
      // A whole path: SQLite itself takes `:memory:` and others for no file at all, and what is written there is lost.
      const database = yield* opened(location, resolve(file), create)
      // Readers do not wait for writers then. Not before it is known to be a store: this changes the file.
      yield* database.read("set its journal", database.sql.unsafe("PRAGMA journal_mode = WAL"))
      return database
    })
  ).pipe(Layer.provide(Reactivity.layer))

/** A store that lives as long as its layer, for the workers of one process. */
export const layerSqliteMemory: Layer.Layer<Database> = Layer.effect(
  Database,
  Effect.orDie(opened("memory", ":memory:", true))
).pipe(Layer.provide(Reactivity.layer))
