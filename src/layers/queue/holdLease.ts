import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { LeaseLostError, QueueError } from "./queueErrors.ts"
import { type Lease, LeaseTimes } from "./TrainingQueue.ts"

/**
 * Runs an effect while it holds a lease, which is renewed all the while (see `LeaseTimes`). The effect is interrupted once the
 * lease is lost, and whatever it ended with, this fails with the `LeaseLostError` then. A store that cannot be reached does
 * not end it: its next write waits or fails as the store does.
 */
export const holdLease =
  (lease: Lease) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | LeaseLostError, R> =>
    Effect.gen(function* () {
      const { beat } = yield* LeaseTimes
      const renew = lossOf(lease.renew)
      const beating = renew.pipe(Effect.delay(beat), Effect.forever)
      return yield* Effect.raceFirst(effect, beating).pipe(
        // What the effect failed with may be the loss in other words: a checkpoint that the store refused.
        Effect.catchCause((cause) =>
          Effect.andThen(Effect.timeoutOption(renew, Duration.seconds(5)), Effect.failCause(cause))
        )
      )
    })

const lossOf = (renew: Lease["renew"]): Effect.Effect<void, LeaseLostError> =>
  Effect.catchTag(renew, "QueueError", (error: QueueError) => Effect.logWarning(error.message))
