import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { SqlError } from "effect/sql/SqlError"
import type { Database } from "../sql/Database.ts"
import { lostLease, type PointRow } from "./pointRows.ts"
import type { LeaseLostError, QueueError } from "./queueErrors.ts"
import type { Lease } from "./TrainingQueue.ts"

/** By what right something is written for a run: the lease of its point; none where no queue is in play. */
export type WriterLease = Pick<Lease, "point" | "token"> | undefined

/** More than this takes so long to send that the lease is renewed once more at the end. */
const muchBytes = 2 ** 20

/**
 * A transaction of a run's writer: the store looks in it whether the lease still holds, renews it, and keeps it until the
 * transaction has ended; otherwise nothing is written, and it fails with a `LeaseLostError`. `bytes`: how much is sent.
 */
export const guardedWrite = <A, R>(
  { now, sql, write }: Database["Service"],
  lease: WriterLease,
  action: string,
  statements: Effect.Effect<A, SqlError, R>,
  bytes = 0
): Effect.Effect<A, LeaseLostError | QueueError, R> => {
  const guarded = Effect.gen(function* () {
    if (lease === undefined) return Result.succeed(yield* statements)
    const { point, token } = lease
    // For as long as its holder has asked for.
    const renew = sql`UPDATE fovea_points SET expires = ${now} + (expires - renewed), renewed = ${now}
      WHERE id = ${point.id} AND token = ${token} AND state = 'running' RETURNING id`
    if ((yield* renew).length === 0) {
      const [found] = yield* sql<PointRow>`SELECT * FROM fovea_points WHERE id = ${point.id}`
      return Result.fail(lostLease({ point: point.id, token }, found))
    }
    const written = yield* statements
    if (bytes > muchBytes) yield* renew
    return Result.succeed(written)
  })
  return Effect.flatMap(write(action, guarded, bytes), Effect.fromResult)
}
