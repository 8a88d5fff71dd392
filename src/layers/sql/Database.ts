import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type { SqlClient } from "effect/sql/SqlClient"
import { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import { QueueError } from "../queue/queueErrors.ts"
import { type Trouble, troubleOf } from "./trouble.ts"

/**
 * How long a database that cannot be reached, or has no space or no connection left, is waited for, and how long one answer may
 * take. A worker waits without end.
 */
export const StorePatience = Context.Reference<{
  readonly patience: Duration.Duration
  readonly answer: Duration.Duration
}>("fovea/layers/StorePatience", {
  defaultValue: () => ({ patience: Duration.seconds(30), answer: Duration.seconds(20) })
})

/** A database that holds a Fovea store, and has been looked at: its tables are there. */
export class Database extends Context.Service<
  Database,
  {
    /** `sqlite:FILE` or `postgres://USER@HOST/DATABASE`: nothing secret. */
    readonly location: string
    /** Unlike every other store's. */
    readonly id: string
    readonly sql: SqlClient
    /** Milliseconds since 1970 by the clock of the database. */
    readonly now: Fragment
    /** What keeps a row that was read from others until the transaction ends; and the same, passing over rows that others keep. */
    readonly forUpdate: Fragment
    readonly skipLocked: Fragment
    /** Reads, again and again while the database is away. `action` is for the message of the error: `claim a point`. */
    readonly read: Attempt
    /**
     * The same within one transaction, whose statements may be run several times. Once begun it is not interrupted, only the waiting for
     * a database that is away.
     */
    readonly write: Attempt
  }
>()("fovea/layers/Database") {}

/**
 * Runs statements until the database has answered, or patience has ended (see `StorePatience`). `bytes`: how much is sent, for which
 * more time is given (a second each MiB).
 */
export type Attempt = <A, R>(
  action: string,
  statements: Effect.Effect<A, SqlError, R>,
  bytes?: number
) => Effect.Effect<A, QueueError, R>

/**
 * What runs statements on one database: it says once that the database is away, and once that it is back. What is tried `whole` is not
 * interrupted while it is tried.
 */
export const patientAttempts = (location: string): { readonly any: Attempt; readonly whole: Attempt } => {
  let awaySince: number | undefined

  const announce = Effect.fnUntraced(function* ({ detail }: Trouble, now: number) {
    if (awaySince !== undefined) return
    awaySince = now
    yield* Effect.logWarning(`${location} does not answer: ${detail}. Waiting for it.`)
  })
  const welcome = Effect.fnUntraced(function* () {
    if (awaySince === undefined) return
    const seconds = Math.round(((yield* Clock.currentTimeMillis) - awaySince) / 1000)
    awaySince = undefined
    yield* Effect.logInfo(`${location} answers again, after ${seconds} seconds.`)
  })

  const attempt =
    (around: <A, R>(once: Effect.Effect<A, never, R>) => Effect.Effect<A, never, R>): Attempt =>
    (action, statements, bytes = 0) =>
      Effect.gen(function* () {
        const { answer, patience } = yield* StorePatience
        const began = yield* Clock.currentTimeMillis
        const once = troubled(statements, Duration.sum(answer, Duration.seconds(Math.ceil(bytes / 2 ** 20))))
        for (let pause = 50; ; pause = Math.min(2 * pause, 5000)) {
          const outcome = yield* around(once)
          if (Result.isSuccess(outcome)) {
            yield* welcome()
            return outcome.success
          }
          const now = yield* Clock.currentTimeMillis
          const { detail, kind } = outcome.failure
          if (kind === "refused" || now - began >= Duration.toMillis(patience)) {
            return yield* new QueueError({ store: location, action, detail })
          }
          if (kind === "away" || now - began > 2000) yield* announce(outcome.failure, now)
          yield* Effect.sleep(Duration.millis(pause * (0.5 + (yield* Random.next))))
        }
      })
  return { any: attempt((once) => once), whole: attempt(toItsEnd) }
}

/** In a fiber of its own, which may still be ended from within, by a time limit. */
const toItsEnd = <A, R>(once: Effect.Effect<A, never, R>): Effect.Effect<A, never, R> =>
  Effect.uninterruptible(Effect.flatMap(Effect.forkDetach(once, { startImmediately: true }), Fiber.join))

/** What the database failed with, as a value; also where it was made a defect, as of a ROLLBACK on a connection that is gone. */
const troubled = <A, R>(
  statements: Effect.Effect<A, SqlError, R>,
  answer: Duration.Duration
): Effect.Effect<Result.Result<A, Trouble>, never, R> => {
  const silence: Trouble = { kind: "away", detail: `no answer within ${Duration.toSeconds(answer)} seconds` }
  return statements.pipe(
    Effect.catchDefect((defect) => (defect instanceof SqlError ? Effect.fail(defect) : Effect.die(defect))),
    Effect.mapError(troubleOf),
    Effect.timeoutOrElse({ duration: answer, orElse: () => Effect.fail(silence) }),
    Effect.result
  )
}
