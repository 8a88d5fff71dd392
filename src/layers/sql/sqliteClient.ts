import type { DatabaseSync, SQLInputValue } from "node:sqlite"
import * as Effect from "effect/Effect"
import type * as Reactivity from "effect/reactivity/Reactivity"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as SqlClient from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import { ConnectionError, classifySqliteError, SqlError } from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"

/** How long SQLite itself waits for another process's transaction, with this thread; then the caller's patience counts. */
const busyMillis = 500

/**
 * Effect's `SqlClient` over Node's own SQLite, until `@effect/sql-sqlite-node` has a release for this version of Effect: one
 * connection, whose transactions are writers from the start, so that none has to be repeated because another wrote in between.
 * The file is made if there is none. Fails with a `SqlError` if it cannot be opened.
 */
export const makeSqliteClient = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<SqlClient.SqlClient, SqlError, Scope.Scope | Reactivity.Reactivity> {
  const database = yield* Effect.acquireRelease(
    Effect.try({ try: () => openDatabase(file), catch: failedTo("open") }),
    (database) => Effect.sync(() => database.close())
  )
  const connection = connectionOf(database)
  const acquirers = SqlClient.makeSqliteAcquirers({
    connection: Effect.succeed(connection),
    semaphore: yield* Semaphore.make(1),
    isTransaction: () => database.isTransaction
  })
  return yield* SqlClient.make({
    ...acquirers,
    compiler: Statement.makeCompilerSqlite(),
    driver: "node-sqlite",
    beginTransaction: "BEGIN IMMEDIATE",
    spanAttributes: [["db.system.name", "sqlite"]]
  })
})

const connectionOf = (database: DatabaseSync): Connection => {
  const prepare = (sql: string, params: ReadonlyArray<unknown>) => ({
    statement: database.prepare(sql),
    values: params.map(asInput)
  })
  const run = <A>(evaluate: () => A) => Effect.try({ try: evaluate, catch: failedTo("execute") })
  const rowsOf = (sql: string, params: ReadonlyArray<unknown>) => {
    const { statement, values } = prepare(sql, params)
    return statement.all(...values)
  }
  const execute: Connection["execute"] = (sql, params, transform) =>
    run(() => {
      const rows = rowsOf(sql, params)
      return transform === undefined ? rows : transform(rows)
    })
  const valuesOf = (sql: string, params: ReadonlyArray<unknown>) =>
    run(() => rowsOf(sql, params).map((row) => Object.values(row)))
  return {
    execute,
    executeUnprepared: execute,
    executeRaw: (sql, params) => run(() => rowsOf(sql, params)),
    executeValues: valuesOf,
    executeValuesUnprepared: valuesOf,
    executeStream: (sql, params, transform) =>
      Stream.unwrap(Effect.map(execute(sql, params, transform), (rows) => Stream.fromIterable(rows)))
  }
}

/** What SQLite can bind; what it cannot is a programmer's mistake. */
const asInput = (value: unknown): SQLInputValue => {
  if (value === null || value === undefined) return null
  if (typeof value === "boolean") return value ? 1 : 0
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "string") return value
  if (value instanceof Uint8Array) return value
  throw new TypeError(`SQLite cannot bind a value of type ${typeof value}`)
}

const failedTo =
  (operation: string) =>
  (cause: unknown): SqlError =>
    new SqlError({ reason: classifySqliteError(cause, { operation }) })

const openDatabase = (file: string): DatabaseSync => {
  const sqlite = quietly(() => process.getBuiltinModule("node:sqlite"))
  if (sqlite === undefined) {
    throw new SqlError({ reason: new ConnectionError({ cause: new Error("this Node was built without SQLite") }) })
  }
  return new sqlite.DatabaseSync(file, { timeout: busyMillis, enableForeignKeyConstraints: true })
}

/** Node warns that its SQLite may change as soon as it is loaded: of no use to whoever runs a training. All else is passed on. */
const quietly = <A>(load: () => A): A => {
  const { emitWarning } = process
  process.emitWarning = new Proxy(emitWarning, {
    apply: (others, self, parts: ReadonlyArray<unknown>) => {
      if (!String(parts[0]).includes("SQLite is an experimental feature")) Reflect.apply(others, self, parts)
    }
  })
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}
