import * as PgClient from "@effect/sql-pg/PgClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Reactivity from "effect/reactivity/Reactivity"
import { QueueError } from "../queue/queueErrors.ts"
import { Database } from "./Database.ts"
import { openDatabase } from "./openDatabase.ts"
import { passwordFor, placeOf } from "./postgresPassword.ts"

/** Where a store in Postgres lies. */
export interface PostgresOptions {
  /** `postgres://USER@HOST:PORT/DATABASE`, with `?sslmode=require` where the way there is not trusted. It holds no password. */
  readonly url: string
  /** If not given: `PGPASSWORD`, or the line of `PGPASSFILE` (or `~/.pgpass`) for this database. */
  readonly password?: Redacted.Redacted | undefined
  /** Whether an empty database becomes a store (yes if not given). */
  readonly create?: boolean | undefined
}

/** What every session asks of the server: that it lets go of a client that is gone, with all that it holds. */
const session = {
  idle_in_transaction_session_timeout: "20s",
  lock_timeout: "10s",
  statement_timeout: "60s",
  tcp_keepalives_idle: "10",
  tcp_keepalives_interval: "5",
  tcp_keepalives_count: "3",
  tcp_user_timeout: "20s"
}

/**
 * A store in Postgres, for workers on many machines. Connections are opened when they are needed and closed soon after, so that
 * workers that wait hold none. Fails with a `QueueError` that never tells the password.
 */
export const layerPostgres = ({
  url,
  password,
  create = true
}: PostgresOptions): Layer.Layer<Database, QueueError, FileSystem.FileSystem> =>
  Layer.effect(
    Database,
    Effect.gen(function* () {
      const place = yield* placeOf(url)
      const secret = password ?? (yield* passwordFor(place))
      const sql = yield* PgClient.make({
        url: place.url,
        host: place.host,
        port: place.port,
        database: place.database,
        username: place.username,
        password: secret,
        applicationName: "fovea",
        maxConnections: 4,
        idleTimeout: Duration.seconds(1),
        keepAlive: Duration.seconds(10),
        startupParameters: session,
        // A result holds images.
        maxMessageSize: 2 ** 28
      }).pipe(
        Effect.mapError(
          ({ message }) => new QueueError({ store: place.location, action: "be opened", detail: message })
        )
      )
      return yield* openDatabase({
        location: place.location,
        sql,
        create,
        dialect: {
          blob: "BYTEA",
          tables: "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema()",
          alone: "SELECT pg_advisory_xact_lock(7079766561)"
        },
        now: sql.literal("(extract(epoch FROM clock_timestamp()) * 1000)::double precision"),
        forUpdate: sql.literal("FOR UPDATE"),
        skipLocked: sql.literal("FOR UPDATE SKIP LOCKED")
      })
    })
  ).pipe(Layer.provide(Reactivity.layer))
