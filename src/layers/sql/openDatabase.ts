import * as Effect from "effect/Effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { Fragment } from "effect/sql/Statement"
import { QueueError } from "../queue/queueErrors.ts"
import { Database, patientAttempts } from "./Database.ts"
import { type Dialect, type FoundStore, openTables, STORE_FORMAT } from "./tables.ts"

/** A database that is to be opened as a store. */
export interface DatabaseParts {
  readonly location: string
  readonly sql: SqlClient
  readonly dialect: Dialect
  readonly now: Fragment
  readonly forUpdate: Fragment
  readonly skipLocked: Fragment
  /** Whether an empty database becomes a store. */
  readonly create: boolean
}

/**
 * Looks at a database, and makes a store in one that is empty. Fails with a `QueueError` for one that holds something else, or a
 * store of a newer version, and leaves it as it was.
 */
export const openDatabase = Effect.fnUntraced(function* ({
  create,
  dialect,
  location,
  sql,
  ...fragments
}: DatabaseParts): Effect.fn.Return<Database["Service"], QueueError> {
  const attempts = patientAttempts(location)
  const action = "be opened"
  const found = yield* attempts.whole(action, sql.withTransaction(openTables(sql, dialect, create)))
  if (found._tag !== "Store") return yield* new QueueError({ store: location, action, detail: explain(found) })
  return Database.of({
    ...{ location, id: found.id, sql, ...fragments },
    read: attempts.any,
    write: (action, statements, bytes) => attempts.whole(action, sql.withTransaction(statements), bytes)
  })
})

const explain = (found: Exclude<FoundStore, { readonly _tag: "Store" }>): string => {
  switch (found._tag) {
    case "Empty":
      return "it is empty. Submit a sweep to it first"
    case "Foreign":
      return `it is no store of Fovea's, but holds a table ${found.table}. Give Fovea a database of its own`
    case "Newer":
      return `a newer version of Fovea made it: its format is ${found.format}, this version knows those up to ${STORE_FORMAT}. Update Fovea here`
  }
}
