import { randomUUID } from "node:crypto"
import * as Effect from "effect/Effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"

/** The format of the tables. A store of a higher one is not touched. */
export const STORE_FORMAT = 1

const tables = (blob: string): ReadonlyArray<string> => [
  "CREATE TABLE fovea_store (format INTEGER NOT NULL, id TEXT NOT NULL)",
  `CREATE TABLE fovea_sweeps (
    name TEXT PRIMARY KEY,
    place INTEGER NOT NULL,
    plan TEXT NOT NULL,
    submitted DOUBLE PRECISION NOT NULL,
    cancelled INTEGER NOT NULL
  )`,
  // Times are milliseconds since 1970 by the database's clock. The order is that of the first submission.
  `CREATE TABLE fovea_points (
    id TEXT PRIMARY KEY,
    place INTEGER NOT NULL,
    payload TEXT NOT NULL,
    version INTEGER NOT NULL,
    engine TEXT NOT NULL,
    state TEXT NOT NULL,
    token INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    fruitless INTEGER NOT NULL,
    progressed INTEGER NOT NULL,
    renewed DOUBLE PRECISION NOT NULL,
    expires DOUBLE PRECISION NOT NULL,
    worker TEXT,
    claim TEXT,
    update_done INTEGER,
    update_last INTEGER,
    result TEXT,
    error TEXT,
    taken DOUBLE PRECISION,
    ended DOUBLE PRECISION
  )`,
  "CREATE INDEX fovea_points_next ON fovea_points (state, place)",
  `CREATE TABLE fovea_members (
    sweep TEXT NOT NULL REFERENCES fovea_sweeps (name),
    id TEXT NOT NULL REFERENCES fovea_points (id),
    place INTEGER NOT NULL,
    PRIMARY KEY (sweep, id)
  )`,
  "CREATE INDEX fovea_members_id ON fovea_members (id)",
  `CREATE TABLE fovea_reports (
    id TEXT NOT NULL REFERENCES fovea_points (id),
    update_done INTEGER NOT NULL,
    update_last INTEGER NOT NULL,
    measures TEXT NOT NULL,
    PRIMARY KEY (id, update_done)
  )`,
  // What a run keeps where machines share no disk. A file lies in parts, which hold none of what the database may refuse for its size.
  `CREATE TABLE fovea_checkpoints (
    run TEXT NOT NULL,
    update_done INTEGER NOT NULL,
    manifest ${blob} NOT NULL,
    PRIMARY KEY (run, update_done)
  )`,
  `CREATE TABLE fovea_tensors (
    run TEXT NOT NULL,
    update_done INTEGER NOT NULL,
    part INTEGER NOT NULL,
    content ${blob} NOT NULL,
    PRIMARY KEY (run, update_done, part),
    FOREIGN KEY (run, update_done) REFERENCES fovea_checkpoints (run, update_done)
      ON DELETE CASCADE ON UPDATE CASCADE
  )`,
  `CREATE TABLE fovea_log_lines (
    run TEXT NOT NULL,
    line INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (run, line)
  )`,
  `CREATE TABLE fovea_files (
    run TEXT NOT NULL,
    name TEXT NOT NULL,
    part INTEGER NOT NULL,
    content ${blob},
    PRIMARY KEY (run, name, part)
  )`
]

/** What lies in a database: a store by its id, or why there is none. */
export type FoundStore =
  | { readonly _tag: "Store"; readonly id: string }
  | { readonly _tag: "Empty" }
  | { readonly _tag: "Foreign"; readonly table: string }
  | { readonly _tag: "Newer"; readonly format: number }

/** What a database differs in from others, as far as opening a store goes. */
export interface Dialect {
  /** The type of bytes. */
  readonly blob: string
  /** The names of all tables, as `name`. */
  readonly tables: string
  /** Lets one process at a time make tables, until its transaction ends. */
  readonly alone: string | undefined
}

/** Looks for a store, and makes one in an empty database if it may. To be run within a transaction. */
export const openTables = Effect.fnUntraced(function* (
  sql: SqlClient,
  { alone, blob, tables: listTables }: Dialect,
  create: boolean
): Effect.fn.Return<FoundStore, SqlError> {
  if (alone !== undefined) yield* sql.unsafe(alone)
  const found = (yield* sql.unsafe<{ readonly name: string }>(listTables)).map(({ name }) => name)
  const [first] = found
  if (found.includes("fovea_store")) {
    const [store] = yield* sql<{ readonly format: number; readonly id: string }>`SELECT format, id FROM fovea_store`
    if (store === undefined) return { _tag: "Foreign", table: "fovea_store" }
    return store.format > STORE_FORMAT ? { _tag: "Newer", format: store.format } : { _tag: "Store", id: store.id }
  }
  if (first !== undefined) return { _tag: "Foreign", table: first }
  if (!create) return { _tag: "Empty" }
  for (const statement of tables(blob)) yield* sql.unsafe(statement)
  const id = randomUUID()
  yield* sql`INSERT INTO fovea_store (format, id) VALUES (${STORE_FORMAT}, ${id})`
  return { _tag: "Store", id }
})
