import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as fc from "fast-check"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { layerMemory as layerCheckpointMemory } from "../../../src/layers/checkpoint/memory.ts"
import { layerMemory as layerLogMemory, type TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { DivergedError } from "../../../src/programs/training/DivergedError.ts"
import {
  checkpointEvery,
  type Describe,
  every,
  logEvery,
  type Snapshot,
  type TrainingProgress
} from "../../../src/programs/training/Training.ts"
import { eventsOf, noEvents } from "./tinyExperiment.ts"

const snapshotAt = (update: number): Snapshot => ({
  update,
  tensors: { "generator.bias": tensorData([1], Float32Array.of(update)) },
  metrics: { loss: 1 / update }
})

const byHand: TrainingProgress["run"] = {
  program: "by hand",
  seed: 0,
  batchSize: 1,
  shards: 1,
  backend: "none",
  data: { name: "none", digests: {} }
}

/** A run made by hand: updates `from + 1 .. total` in epochs of 4, whose state is the number of updates. */
const madeByHand = (total: number, from = 0): Stream.Stream<TrainingProgress> =>
  Stream.range(from + 1, total).pipe(
    Stream.map((update) => ({
      update,
      totalUpdates: total,
      epoch: update / 4,
      run: byHand,
      metrics: { loss: 1 / update },
      snapshot: Effect.sync(() => snapshotAt(update)),
      state: Effect.sync(() => snapshotAt(update))
    }))
  )

const describeSnapshot: Describe = ({ update, metrics }) =>
  Effect.succeed({
    library: { name: "fovea", version: "0.0.0" },
    model: "by hand",
    update,
    seed: 0,
    settings: {},
    backend: "none",
    dataset: { name: "none", digests: {} },
    metrics,
    createdAt: "2026-01-01T00:00:00.000Z"
  })

const updatesOf = (elements: ReadonlyArray<{ readonly update: number }>) => elements.map(({ update }) => update)

/** Runs with a fresh store and log; gives the test both. */
const withStores = <A, E>(
  test: (events: Ref.Ref<ReadonlyArray<TrainingEvent>>) => Effect.Effect<A, E, CheckpointStore | TrainingLog>
): Effect.Effect<A, E> =>
  Effect.flatMap(noEvents, (events) =>
    Effect.provide(test(events), Layer.merge(layerCheckpointMemory, layerLogMemory(events)), { local: true })
  )

/** The multiples of `period` up to `total`, and `total`. */
const dueUpdates = (total: number, period: number): ReadonlyArray<number> =>
  Array.from({ length: total }, (_, i) => i + 1).filter((update) => update % period === 0 || update === total)

const lengths = fc.record({ total: fc.integer({ min: 1, max: 12 }), period: fc.integer({ min: 1, max: 15 }) })

describe("every", () => {
  it.effect("acts at the multiples and at the end, once each, and hands every element on", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(lengths, async ({ total, period }) => {
          const acted: Array<number> = []
          const elements = await Effect.runPromise(
            madeByHand(total).pipe(
              every(period, ({ update }) => Effect.sync(() => acted.push(update))),
              Stream.runCollect
            )
          )
          assert.deepStrictEqual(acted, dueUpdates(total, period))
          assert.deepStrictEqual(
            updatesOf(elements),
            Array.from({ length: total }, (_, i) => i + 1)
          )
        })
      )
    )
  )

  it.effect("acts before the next update is made, and its failure ends the run", () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      const failed = yield* madeByHand(6).pipe(
        Stream.tap(({ update }) => Effect.sync(() => order.push(`update ${update}`))),
        every(2, ({ update }) =>
          Effect.suspend(() => {
            order.push(`act ${update}`)
            return update === 4 ? Effect.fail("disk full" as const) : Effect.void
          })
        ),
        Stream.runDrain,
        Effect.flip
      )
      assert.strictEqual(failed, "disk full")
      assert.deepStrictEqual(order, ["update 1", "update 2", "act 2", "update 3", "update 4", "act 4"])
    })
  )

  it.effect("an operator of one's own is an ordinary function of streams", () =>
    Effect.gen(function* () {
      // Stops when the loss has been small enough for the first time.
      const untilLoss =
        (bound: number) =>
        <E, R>(training: Stream.Stream<TrainingProgress, E, R>): Stream.Stream<TrainingProgress, E, R> =>
          Stream.takeUntil(training, ({ metrics }) => (metrics["loss"] ?? 0) <= bound)
      const saved = yield* withStores(() =>
        Effect.gen(function* () {
          yield* madeByHand(100).pipe(checkpointEvery(3, describeSnapshot), untilLoss(0.1), Stream.runDrain)
          return yield* Effect.flatMap(CheckpointStore, ({ list }) => list)
        })
      )
      assert.deepStrictEqual(saved, [3, 6, 9])
    })
  )
})

describe("logEvery", () => {
  /** The progress that is logged of a run whose updates take so many milliseconds of the test's clock each. */
  const logged = (total: number, period: number, millis: number) =>
    withStores((events) =>
      Effect.gen(function* () {
        const running = yield* madeByHand(total).pipe(
          Stream.mapEffect((progress) => Effect.as(Effect.sleep(millis), progress)),
          logEvery(period),
          Stream.runDrain,
          Effect.forkChild
        )
        yield* TestClock.adjust(millis * total)
        yield* Fiber.join(running)
        return eventsOf("Progress", yield* Ref.get(events))
      })
    )

  it.effect("records epochs, metrics, speed and time left", () =>
    Effect.gen(function* () {
      const records = yield* logged(10, 4, 250)
      assert.deepStrictEqual(
        records.map(({ update, totalUpdates, epoch, metrics }) => ({ update, totalUpdates, epoch, metrics })),
        [4, 8, 10].map((update) => ({ update, totalUpdates: 10, epoch: update / 4, metrics: { loss: 1 / update } }))
      )
      assert.deepStrictEqual(
        records.map(({ updatesPerSecond, secondsLeft }) => [updatesPerSecond, secondsLeft]),
        [
          [4, 1.5],
          [4, 0.5],
          [4, 0]
        ]
      )
    })
  )

  it.effect("has no time left at the end, and none that is not a number, however short the run", () =>
    Effect.gen(function* () {
      for (const [total, period] of [
        [1, 1],
        [1, 5],
        [2, 1],
        [3, 1]
      ] as const) {
        const records = yield* logged(total, period, 100)
        assert.strictEqual(records.at(-1)?.secondsLeft, 0, `${total} updates`)
        assert.isFalse(records.some(({ secondsLeft }) => Number.isNaN(secondsLeft)))
        assert.isTrue(records.every(({ updatesPerSecond }) => Number.isFinite(updatesPerSecond)))
      }
    })
  )

  it.effect("measures the speed since the last record, not since the start", () =>
    Effect.gen(function* () {
      const records = yield* withStores((events) =>
        Effect.gen(function* () {
          const running = yield* madeByHand(6).pipe(
            Stream.mapEffect((progress) => Effect.as(Effect.sleep(progress.update <= 3 ? 1000 : 100), progress)),
            logEvery(3),
            Stream.runDrain,
            Effect.forkChild
          )
          yield* TestClock.adjust(3300)
          yield* Fiber.join(running)
          return eventsOf("Progress", yield* Ref.get(events))
        })
      )
      assert.deepStrictEqual(
        records.map(({ updatesPerSecond }) => updatesPerSecond),
        [1, 10]
      )
    })
  )
})

describe("checkpointEvery", () => {
  it.effect("saves at the multiples and at the end, and logs each", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(lengths, async ({ total, period }) => {
          const { list, events } = await Effect.runPromise(
            withStores((log) =>
              Effect.gen(function* () {
                const store = yield* CheckpointStore
                yield* madeByHand(total).pipe(checkpointEvery(period, describeSnapshot), Stream.runDrain)
                for (const update of yield* store.list) {
                  const { description, tensors } = yield* store.load(update)
                  assert.deepStrictEqual(description, yield* describeSnapshot(snapshotAt(update)))
                  assert.deepStrictEqual(tensors, snapshotAt(update).tensors)
                }
                return { list: yield* store.list, events: yield* Ref.get(log) }
              })
            )
          )
          assert.deepStrictEqual(list, dueUpdates(total, period))
          assert.deepStrictEqual(updatesOf(eventsOf("Checkpointed", events)), list)
          assert.isEmpty(eventsOf("Interrupted", events))
        }),
        { numRuns: 30 }
      )
    )
  )

  it.effect("saves the update in hand when it is interrupted, and says so", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 12 }), async (stopAt, period) => {
          const { list, events } = await Effect.runPromise(
            withStores((log) =>
              Effect.gen(function* () {
                yield* madeByHand(10).pipe(
                  checkpointEvery(period, describeSnapshot),
                  Stream.tap(({ update }) => (update === stopAt ? Effect.interrupt : Effect.void)),
                  Stream.runDrain,
                  Effect.exit
                )
                const { list } = yield* CheckpointStore
                return { list: yield* list, events: yield* Ref.get(log) }
              })
            )
          )
          const atMultiples = Array.from({ length: stopAt }, (_, i) => i + 1).filter((update) => update % period === 0)
          assert.deepStrictEqual(list, [...new Set([...atMultiples, stopAt])])
          assert.deepStrictEqual(updatesOf(eventsOf("Checkpointed", events)), list)
          assert.deepStrictEqual(events.at(-1), { _tag: "Interrupted", update: stopAt })
        }),
        { numRuns: 25 }
      )
    )
  )

  it.effect("saves nothing if it is interrupted before an update was done", () =>
    withStores((events) =>
      Effect.gen(function* () {
        yield* Stream.concat(Stream.fromEffect(Effect.interrupt), madeByHand(3)).pipe(
          checkpointEvery(1, describeSnapshot),
          Stream.runDrain,
          Effect.exit
        )
        assert.deepStrictEqual(yield* Effect.flatMap(CheckpointStore, ({ list }) => list), [])
        assert.deepStrictEqual(yield* Ref.get(events), [])
      })
    )
  )

  it.effect("saves nothing more if what comes after it fails: only an interruption is a reason", () =>
    withStores(() =>
      Effect.gen(function* () {
        yield* madeByHand(9).pipe(
          checkpointEvery(4, describeSnapshot),
          Stream.tap(({ update }) => (update === 6 ? Effect.fail("later") : Effect.void)),
          Stream.runDrain,
          Effect.flip
        )
        assert.deepStrictEqual(yield* Effect.flatMap(CheckpointStore, ({ list }) => list), [4])
      })
    )
  )
})

describe("a run that diverges", () => {
  const notFinite = (update: number) =>
    new DivergedError({ update, quantity: "discriminator.output.bias", value: Number.NaN })

  /** As `madeByHand`, but the run fails instead of making update `at`. */
  const diverging = (at: number, from = 0) =>
    Stream.concat(madeByHand(20, from).pipe(Stream.takeWhile(({ update }) => update < at)), Stream.fail(notFinite(at)))

  it.effect("saves nothing, and names the last checkpoint of this run", () =>
    withStores(() =>
      Effect.gen(function* () {
        const { list, load } = yield* CheckpointStore
        const error = yield* diverging(7).pipe(checkpointEvery(3, describeSnapshot), Stream.runDrain, Effect.flip)
        assert.instanceOf(error, DivergedError)
        assert.strictEqual(
          error.message,
          "Training diverged: after update 7, discriminator.output.bias is NaN. The last good checkpoint is memory/update-6."
        )
        assert.deepStrictEqual(yield* list, [3, 6])
        yield* load(6)
      })
    )
  )

  it.effect("names the checkpoint that it went on from if it has saved none itself", () =>
    withStores(() =>
      Effect.gen(function* () {
        const store = yield* CheckpointStore
        yield* madeByHand(5).pipe(checkpointEvery(2, describeSnapshot), Stream.runDrain)
        const error = yield* diverging(8, 5).pipe(checkpointEvery(10, describeSnapshot), Stream.runDrain, Effect.flip)
        assert.match(error.message, /after update 8, .* The last good checkpoint is that of update 5 in memory\.$/)
        assert.deepStrictEqual(yield* store.list, [2, 4, 5])
      })
    )
  )

  it.effect("does not name the poisoned checkpoint that it went on from as the last good one, but one before", () =>
    withStores(() =>
      Effect.gen(function* () {
        const broken = Stream.fail(notFinite(4)).pipe(checkpointEvery(10, describeSnapshot), Stream.runDrain)
        yield* madeByHand(4).pipe(checkpointEvery(4, describeSnapshot), Stream.runDrain)
        const alone = yield* Effect.flip(broken)
        assert.match(alone.message, /after update 4, .* There is no checkpoint to go back to\.$/)
        const store = yield* CheckpointStore
        const before = snapshotAt(3)
        yield* store.save({ description: yield* describeSnapshot(before), tensors: before.tensors })
        const error = yield* Effect.flip(broken)
        assert.match(error.message, /after update 4, .* The last good checkpoint is that of update 3 in memory\.$/)
      })
    )
  )

  it.effect("says that there is no checkpoint if there is none, nor one from before", () =>
    withStores(() =>
      Effect.gen(function* () {
        const store = yield* CheckpointStore
        const snapshot = snapshotAt(30)
        yield* store.save({ description: yield* describeSnapshot(snapshot), tensors: snapshot.tensors })
        const error = yield* diverging(2).pipe(checkpointEvery(10, describeSnapshot), Stream.runDrain, Effect.flip)
        assert.instanceOf(error, DivergedError)
        assert.strictEqual(
          error.message,
          "Training diverged: after update 2, discriminator.output.bias is NaN. There is no checkpoint to go back to."
        )
        // The error's own name is its kind, not the quantity's.
        assert.strictEqual(error.name, "DivergedError")
      })
    )
  )

  it.effect("saves no state that is found broken only when it is read", () =>
    withStores(() =>
      Effect.gen(function* () {
        const { list } = yield* CheckpointStore
        const error = yield* madeByHand(6).pipe(
          Stream.map((progress) =>
            progress.update === 4 ? { ...progress, snapshot: Effect.fail(notFinite(4)) } : progress
          ),
          checkpointEvery(2, describeSnapshot),
          Stream.runDrain,
          Effect.flip
        )
        assert.match(error.message, /after update 4, .* checkpoint is memory\/update-2\.$/)
        assert.deepStrictEqual(yield* list, [2])
      })
    )
  )
})

it.effect("the elements pass through all operators unchanged", () =>
  withStores(() =>
    Effect.gen(function* () {
      const last = yield* madeByHand(5).pipe(
        logEvery(2),
        checkpointEvery(2, describeSnapshot),
        every(2, () => Effect.void),
        Stream.runLast
      )
      const { update, totalUpdates, epoch, metrics, snapshot } = Option.getOrThrow(last)
      assert.deepStrictEqual([update, totalUpdates, epoch, metrics], [5, 5, 1.25, { loss: 0.2 }])
      assert.deepStrictEqual(yield* snapshot, snapshotAt(5))
    })
  )
)
