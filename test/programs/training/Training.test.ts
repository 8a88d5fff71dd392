import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as fc from "fast-check"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { checkpointEvery, every, logEvery, type TrainingProgress } from "../../../src/programs/training/Training.ts"
import {
  describeSnapshot,
  dueUpdates,
  lengths,
  madeByHand,
  snapshotAt,
  updatesOf,
  withStores
} from "../../support/madeByHand.ts"
import { eventsOf } from "./tinyExperiment.ts"

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
