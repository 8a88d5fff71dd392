import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as fc from "fast-check"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { DivergedError } from "../../../src/programs/training/DivergedError.ts"
import { checkpointEvery } from "../../../src/programs/training/Training.ts"
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
