import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import type { BackendError } from "../layers/backend/TensorBackend.ts"
import { Violation } from "./Law.ts"

/** How many random cases are tried, and what they are drawn from: the same seed gives the same cases. */
export interface Draw {
  readonly runs: number
  readonly seed: number
}

/**
 * Tries a law on random values. Fails with the smallest value for which it does not hold, as fast-check finds it, and with
 * what is wrong there.
 */
export const forAll = Effect.fnUntraced(function* <A, R>(
  values: fc.Arbitrary<A>,
  { runs, seed }: Draw,
  holds: (value: A) => Effect.Effect<void, Violation | BackendError, R>,
  describe: (value: A) => string
): Effect.fn.Return<void, Violation, R> {
  const context = yield* Effect.context<R>()
  const run = Effect.runPromiseWith(context)
  const details = yield* Effect.promise((signal) =>
    fc.check(
      fc.asyncProperty(values, (value) => run(holds(value), { signal })),
      { numRuns: runs, seed }
    )
  )
  if (!details.failed) return
  const { errorInstance: error, counterexample } = details
  const problem = error instanceof Error ? error.message : String(error)
  const smallest = counterexample === null ? "" : `; the smallest case (seed ${seed}): ${describe(counterexample[0])}`
  return yield* new Violation({ problem: `${problem}${smallest}` })
})

/**
 * The same for a law that can be tried on many values in one go, which is quicker. If it does not hold, the values are
 * tried one by one, for the smallest.
 */
export const forAllAtOnce = <A, R>(
  values: fc.Arbitrary<A>,
  draw: Draw,
  holds: (values: ReadonlyArray<A>) => Effect.Effect<void, Violation | BackendError, R>,
  describe: (value: A) => string
): Effect.Effect<void, Violation | BackendError, R> =>
  Effect.suspend(() =>
    Effect.catch(holds(fc.sample(values, { numRuns: draw.runs, seed: draw.seed })), (found) =>
      Effect.andThen(
        forAll(values, draw, (value) => holds([value]), describe),
        // It shows only when they are together.
        Effect.fail(found)
      )
    )
  )
