import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { holdLease } from "../../../src/layers/queue/holdLease.ts"
import { LeaseLostError } from "../../../src/layers/queue/queueErrors.ts"
import type { TrainingQueue } from "../../../src/layers/queue/TrainingQueue.ts"
import { plan, pointOf, queueWith, taken, workerOf } from "../../support/queues.ts"

/**
 * What every `TrainingQueue` promises of the leases that it gives out: a part of `queueContract`, in whose group its
 * tests are.
 */
export const leaseContract = (layer: Layer.Layer<TrainingQueue, unknown>, shortLease: number): void => {
  const withQueue = queueWith(layer, 60_000)
  /** For tests in which leases run out, and nothing depends on one that has not. */
  const withShortLeases = queueWith(layer, shortLease)
  /** For tests in which some run out and others must not, even where the machine stands still for a second. */
  const withPatientLeases = queueWith(layer, 5 * shortLease)

  it.live(
    "gives the point of a silent worker to another, with a higher token, and takes nothing more from the first",
    () =>
      withShortLeases((queue, silence) =>
        Effect.gen(function* () {
          yield* queue.submit(plan, [pointOf("a")])
          const first = yield* taken(queue, "w1")
          yield* first.report({ update: 5, of: 20, measures: { loss: 0.5 } })
          yield* silence
          const second = yield* taken(queue, "w2")
          assert.strictEqual(second.point.id, "a")
          assert.isAbove(second.token, first.token)
          assert.strictEqual(second.attempt, 2)
          assert.deepStrictEqual(second.progress, Option.some({ update: 5, of: 20 }))
          for (const write of [
            first.renew,
            first.report({ update: 6, of: 20, measures: { loss: 9 } }),
            first.finish("{}"),
            first.fail("late")
          ]) {
            const error = yield* Effect.flip(write)
            assert.instanceOf(error, LeaseLostError)
            assert.include(error.message, "worker w2 has taken the point over")
          }
          yield* first.release
          yield* second.renew
          yield* second.finish('{"by":2}')
          const lost = yield* Effect.flip(first.finish("{}"))
          assert.include(lost.message, "it has finished meanwhile")
          const [result] = yield* queue.results("seeds")
          assert.deepStrictEqual(result?.result, Option.some('{"by":2}'))
          assert.deepStrictEqual(yield* queue.reports("seeds"), [
            { id: "a", update: 5, of: 20, measures: { loss: 0.5 } }
          ])
        })
      )
  )

  it.live("lets a holder go on that was silent for too long, if nobody took its point", () =>
    withPatientLeases((queue, silence) =>
      Effect.gen(function* () {
        yield* queue.submit(plan, [pointOf("a")])
        const lease = yield* taken(queue, "w1")
        yield* silence
        yield* lease.renew
        assert.deepStrictEqual(yield* queue.claim(workerOf("w2")), Option.none())
        yield* lease.finish("{}")
      })
    )
  )

  it.live("keeps a point for whoever renews its lease", () =>
    withPatientLeases((queue, silence) =>
      Effect.gen(function* () {
        yield* queue.submit(plan, [pointOf("a")])
        const lease = yield* taken(queue, "w1")
        yield* holdLease(lease)(silence)
        assert.deepStrictEqual(yield* queue.claim(workerOf("w2")), Option.none())
      })
    )
  )

  it.live("interrupts what a worker does under a lease that it lost", () =>
    withShortLeases((queue) =>
      Effect.gen(function* () {
        yield* queue.submit(plan, [pointOf("a")])
        const lease = yield* taken(queue, "w1")
        yield* queue.cancel("seeds")
        const exit = yield* Effect.exit(holdLease(lease)(Effect.never))
        assert.isTrue(Exit.isFailure(exit))
        const error = yield* Effect.flip(holdLease(lease)(Effect.fail("refused by a store")))
        assert.instanceOf(error, LeaseLostError)
        assert.include(error.message, "its sweep was cancelled")
      })
    )
  )

  it.live("takes the same end twice from the same holder, as when an answer was lost", () =>
    withQueue((queue) =>
      Effect.gen(function* () {
        yield* queue.submit(plan, [pointOf("a"), pointOf("b")])
        const [a, b] = [yield* taken(queue, "w1"), yield* taken(queue, "w1")]
        yield* Effect.repeat(a.finish("{}"), { times: 1 })
        yield* Effect.repeat(b.fail("out of memory"), { times: 1 })
        assert.deepStrictEqual(
          (yield* queue.results("seeds")).map(({ error, state }) => [state, Option.getOrNull(error)]),
          [
            ["finished", null],
            ["failed", "out of memory"]
          ]
        )
      })
    )
  )

  it.live("gives a point up that worker after worker vanishes at, but not while it gets on", () =>
    withShortLeases((queue, silence) =>
      Effect.gen(function* () {
        yield* queue.submit(plan, [pointOf("a")])
        for (const update of [1, 2]) {
          yield* (yield* taken(queue, "w1")).report({ update, of: 9 })
          yield* silence
        }
        for (const _ of [1, 2]) {
          yield* taken(queue, "w1")
          yield* silence
        }
        assert.deepStrictEqual(yield* queue.claim(workerOf("w1")), Option.none())
        const [record] = yield* queue.results("seeds")
        assert.deepStrictEqual(
          [record?.state, record?.error],
          ["failed", Option.some("2 workers in a row vanished without getting on from its update 2")]
        )
        assert.strictEqual(yield* queue.retry("seeds"), 1)
        yield* (yield* taken(queue, "w1")).finish("{}")
      })
    )
  )

  it.live("takes a point back that is given back, at no cost", () =>
    withQueue((queue) =>
      Effect.gen(function* () {
        yield* queue.submit(plan, [pointOf("a")])
        for (const attempt of [1, 2, 3, 4, 5]) {
          const lease = yield* taken(queue, "w1")
          assert.strictEqual(lease.attempt, attempt)
          yield* lease.release
          assert.include((yield* Effect.flip(lease.renew)).message, "put back into the queue")
        }
      })
    )
  )
}
