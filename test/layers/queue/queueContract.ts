import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { TrainingQueue } from "../../../src/layers/queue/TrainingQueue.ts"
import { abc, plan, pointOf, queueWith, taken, workerOf } from "../../support/queues.ts"
import { leaseContract } from "./leaseContract.ts"

/**
 * What every `TrainingQueue` promises. `layer` builds an empty one, afresh for each test. `shortLease`, in milliseconds: longer
 * than an answer takes.
 */
export const queueContract = (name: string, layer: Layer.Layer<TrainingQueue, unknown>, shortLease: number): void => {
  const withQueue = queueWith(layer, 60_000)

  // At the same time, for each has a queue of its own: they wait for leases to run out.
  describe.concurrent(`${name}: the contract of TrainingQueue`, () => {
    it.live("hands out each point once, in the plan's order, and keeps results", () =>
      withQueue((queue) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* queue.submit(plan, abc), { added: 3, present: 0, finished: 0 })
          const leases = yield* Effect.forEach(["w1", "w2", "w3"], (worker) => taken(queue, worker))
          assert.deepStrictEqual(
            leases.map(({ point }) => point),
            abc
          )
          assert.deepStrictEqual(
            leases.map(({ attempt, sweep, token }) => ({ attempt, sweep, token })),
            abc.map(() => ({ attempt: 1, sweep: "seeds", token: 1 }))
          )
          assert.deepStrictEqual(yield* queue.claim(workerOf("w4")), Option.none())
          for (const { finish, point } of leases) yield* finish(`{"id":"${point.id}"}`)
          const results = yield* queue.results("seeds")
          assert.deepStrictEqual(
            results.map(({ point, result, state, worker }) => ({ point, result, state, worker })),
            abc.map((point, index) => ({
              point,
              result: Option.some(`{"id":"${point.id}"}`),
              state: "finished" as const,
              worker: Option.some(`w${index + 1}`)
            }))
          )
          assert.deepStrictEqual(yield* queue.claim(workerOf("w4")), Option.none())
          for (const { ended, taken } of results) {
            assert.isAtLeast(Option.getOrThrow(ended), Option.getOrThrow(taken))
            assert.approximately(Option.getOrThrow(ended), Date.now(), 60_000)
          }
        })
      )
    )

    it.live("does not train again what is finished anywhere in the store", () =>
      withQueue((queue) =>
        Effect.gen(function* () {
          yield* queue.submit(plan, [pointOf("a"), pointOf("b")])
          yield* (yield* taken(queue, "w1")).finish('{"loss":1}')
          const more = { name: "more", plan: "{}" }
          assert.deepStrictEqual(yield* queue.submit(more, [pointOf("c"), pointOf("a"), pointOf("b")]), {
            added: 1,
            present: 2,
            finished: 1
          })
          assert.deepStrictEqual(
            (yield* queue.results("more")).map(({ point, state }) => [point.id, state]),
            [
              ["c", "waiting"],
              ["a", "finished"],
              ["b", "waiting"]
            ]
          )
          assert.deepStrictEqual(yield* queue.submit(plan, [pointOf("a"), pointOf("b")]), {
            added: 0,
            present: 2,
            finished: 1
          })
          assert.strictEqual((yield* queue.results("seeds")).length, 2)
          const rest = [yield* taken(queue, "w1"), yield* taken(queue, "w1")]
          assert.deepStrictEqual(
            rest.map(({ point }) => point.id),
            ["b", "c"]
          )
        })
      )
    )

    it.live("refuses another plan under a name that is taken, and adds nothing of it", () =>
      withQueue((queue) =>
        Effect.gen(function* () {
          yield* queue.submit(plan, [pointOf("a")])
          const error = yield* Effect.flip(queue.submit({ name: "seeds", plan: '{"other":1}' }, [pointOf("b")]))
          assert.strictEqual(error._tag, "SweepConflictError")
          assert.include(error.message, "already has a sweep seeds with another plan")
          assert.strictEqual((yield* queue.results("seeds")).length, 1)
          assert.strictEqual(yield* queue.plan("seeds"), "{}")
          const unknown = yield* Effect.flip(queue.results("sees"))
          assert.include(unknown.message, "has no sweep sees, but seeds.")
        })
      )
    )

    it.live("gives no point to a worker of another version or engine, and says how many there are", () =>
      withQueue((queue) =>
        Effect.gen(function* () {
          yield* queue.submit(plan, [
            pointOf("a", { version: 2 }),
            pointOf("b", { engine: "onnxruntime-cuda" }),
            pointOf("c"),
            pointOf("d", { version: 2 })
          ])
          const worker = workerOf("w1")
          assert.deepStrictEqual(yield* queue.outlook({ ...worker, except: ["c"] }), {
            waiting: 0,
            running: 0,
            unfit: [
              { version: 1, engine: "onnxruntime-cuda", count: 1 },
              { version: 2, engine: "onnxruntime-cpu", count: 2 }
            ]
          })
          assert.deepStrictEqual(yield* queue.claim({ ...worker, except: ["c"] }), Option.none())
          assert.strictEqual((yield* taken(queue, "w1")).point.id, "c")
          assert.deepStrictEqual(yield* queue.claim(worker), Option.none())
          const newer = workerOf("w2", { versions: [1, 2] })
          assert.strictEqual(Option.getOrThrow(yield* queue.claim(newer)).point.id, "a")
          assert.deepStrictEqual(yield* queue.outlook(newer), {
            waiting: 1,
            running: 2,
            unfit: [{ version: 1, engine: "onnxruntime-cuda", count: 1 }]
          })
        })
      )
    )

    it.live("cancels what no other sweep wants, and takes it up again when it is asked for", () =>
      withQueue((queue) =>
        Effect.gen(function* () {
          yield* queue.submit(plan, abc)
          yield* queue.submit({ name: "other", plan: "{}" }, [pointOf("c")])
          const held = yield* taken(queue, "w1")
          assert.strictEqual(yield* queue.cancel("seeds"), 2)
          assert.include((yield* Effect.flip(held.renew)).message, "its sweep was cancelled")
          const c = yield* taken(queue, "w1")
          assert.deepStrictEqual([c.point.id, c.sweep], ["c", "other"])
          assert.deepStrictEqual(yield* queue.claim(workerOf("w1")), Option.none())
          const [seeds, other] = yield* queue.status
          assert.deepStrictEqual(seeds?.points, { waiting: 0, running: 1, finished: 0, failed: 0, cancelled: 2 })
          assert.deepStrictEqual([seeds?.cancelled, other?.cancelled], [true, false])
          assert.deepStrictEqual(yield* queue.submit(plan, abc), { added: 0, present: 3, finished: 0 })
          assert.isAbove((yield* taken(queue, "w1")).token, held.token)
          assert.include((yield* Effect.flip(held.renew)).message, "worker w1 has taken the point over")
        })
      )
    )

    it.live("retries failed points when asked, and no others", () =>
      withQueue((queue) =>
        Effect.gen(function* () {
          yield* queue.submit(plan, abc)
          yield* (yield* taken(queue, "w1")).fail("no such file")
          yield* (yield* taken(queue, "w1")).finish("{}")
          assert.strictEqual(yield* queue.retry("seeds"), 1)
          const again = yield* taken(queue, "w1")
          assert.deepStrictEqual([again.point.id, again.attempt], ["a", 2])
          assert.strictEqual(yield* queue.retry("seeds"), 0)
        })
      )
    )

    it.live("tells who trains what, how far it is, and how long its holder has been silent", () =>
      withQueue((queue) =>
        Effect.gen(function* () {
          yield* queue.submit(plan, abc)
          const lease = yield* taken(queue, "w1")
          yield* lease.report({ update: 3, of: 9 })
          yield* Effect.sleep("60 millis")
          const [status] = yield* queue.status
          assert.deepStrictEqual(status?.points, { waiting: 2, running: 1, finished: 0, failed: 0, cancelled: 0 })
          const [running] = status?.running ?? []
          assert.deepStrictEqual([running?.id, running?.worker], ["a", "w1"])
          assert.deepStrictEqual(running?.progress, Option.some({ update: 3, of: 9 }))
          assert.isAbove(running?.silent ?? 0, 0.05)
          assert.isBelow(running?.silent ?? 99, 30)
          assert.approximately(status?.submitted ?? 0, Date.now(), 60_000)
        })
      )
    )

    it.live("gives every point to one of many workers that ask at once", () =>
      withQueue((queue) =>
        Effect.gen(function* () {
          const ids = Array.from({ length: 30 }, (_, index) => `p${index}`)
          yield* queue.submit(
            plan,
            ids.map((id) => pointOf(id))
          )
          const work = (worker: string) =>
            Effect.gen(function* () {
              const done: Array<string> = []
              for (;;) {
                const lease = yield* queue.claim(workerOf(worker))
                if (Option.isNone(lease)) return done
                yield* lease.value.finish("{}")
                done.push(lease.value.point.id)
              }
            })
          const done = yield* Effect.forEach(["w1", "w2", "w3", "w4"], work, { concurrency: "unbounded" })
          assert.deepStrictEqual(done.flat().toSorted(), ids.toSorted())
        })
      )
    )

    it.live("gives a worker of one sweep the points of that sweep alone", () =>
      withQueue((queue) =>
        Effect.gen(function* () {
          yield* queue.submit(plan, abc)
          yield* queue.submit({ name: "other", plan: "{}" }, [pointOf("c"), pointOf("d")])
          const worker = workerOf("w", { only: "other" })
          const { waiting } = yield* queue.outlook(worker)
          assert.strictEqual(waiting, 2)
          const leases = yield* Effect.forEach([1, 2], () => Effect.map(queue.claim(worker), Option.getOrThrow))
          assert.deepStrictEqual(
            leases.map(({ point, sweep }) => [point.id, sweep]),
            [
              ["c", "other"],
              ["d", "other"]
            ]
          )
          assert.isTrue(Option.isNone(yield* queue.claim(worker)))
        })
      )
    )

    it.live("keeps the last word on what was measured at an update, in order", () =>
      withQueue((queue) =>
        Effect.gen(function* () {
          yield* queue.submit(plan, abc)
          const [a, b] = [yield* taken(queue, "w1"), yield* taken(queue, "w1")]
          yield* b.report({ update: 10, of: 20, measures: { fid: 7 } })
          yield* a.report({ update: 20, of: 20, measures: { fid: 2 } })
          yield* a.report({ update: 10, of: 20, measures: { fid: 3 } })
          yield* a.report({ update: 10, of: 20, measures: { fid: 4, loss: 0.1 } })
          yield* a.report({ update: 15, of: 20 })
          assert.deepStrictEqual(yield* queue.reports("seeds"), [
            { id: "a", update: 10, of: 20, measures: { fid: 4, loss: 0.1 } },
            { id: "a", update: 20, of: 20, measures: { fid: 2 } },
            { id: "b", update: 10, of: 20, measures: { fid: 7 } }
          ])
          assert.deepStrictEqual(yield* queue.reports("seeds", { after: 10, upTo: 20 }), [
            { id: "a", update: 20, of: 20, measures: { fid: 2 } }
          ])
          assert.deepStrictEqual(
            (yield* queue.reports("seeds", { after: 0, upTo: 10 })).map(({ id }) => id),
            ["a", "b"]
          )
        })
      )
    )

    leaseContract(layer, shortLease)
  })
}
