import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { SqlError } from "effect/sql/SqlError"
import type { Database } from "../sql/Database.ts"
import { lostLease } from "./leaseRules.ts"
import type { PointRow } from "./pointRows.ts"
import type { LeaseLostError, QueueError } from "./queueErrors.ts"
import type { Lease } from "./TrainingQueue.ts"

/** By what right something is written for a run: the lease of its point; none where no queue is in play. */
export type WriterLease = Pick<Lease, "point" | "token"> | undefined

/**
 * A transaction of a run's writer: the store looks in it whether the lease still holds, and keeps it until the transaction has
 * ended; otherwise nothing is written, and it fails with a `LeaseLostError`.
 */
export const guardedWrite = <A, R>(
  { forUpdate, sql, write }: Database["Service"],
  lease: WriterLease,
  action: string,
  statements: Effect.Effect<A, SqlError, R>,
  bytes?: number
): Effect.Effect<A, LeaseLostError | QueueError, R> => {
  const guarded = Effect.gen(function* () {
    if (lease === undefined) return Result.succeed(yield* statements)
    const { point, token } = lease
    const [found] = yield* sql<PointRow>`SELECT * FROM fovea_points WHERE id = ${point.id} ${forUpdate}`
    if (found?.state !== "running" || found.token !== token) {
      return Result.fail(lostLease({ point: point.id, token }, found))
    }
    return Result.succeed(yield* statements)
  })
  return Effect.flatMap(write(action, guarded, bytes), Effect.fromResult)
}
