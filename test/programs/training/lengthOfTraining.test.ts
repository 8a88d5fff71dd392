import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { runExperiment } from "../../../src/programs/training/runExperiment.ts"
import { drawNothing, trained } from "../../support/trainedExperiments.ts"
import { assertSameBits, eventsOf, noEvents, tinySettings, tinyUpdates, tinyWorld } from "./tinyExperiment.ts"

describe("runExperiment", () => {
  it.effect("at its end it trains no more, draws again, and changes no checkpoint", () =>
    Effect.gen(function* () {
      const events = yield* noEvents
      yield* Effect.gen(function* () {
        const store = yield* CheckpointStore
        const first = yield* runExperiment(tinySettings(), drawNothing)
        const before = yield* store.load(tinyUpdates)
        const again = yield* runExperiment(tinySettings(), () => Effect.succeed(["again.png"]))
        assertSameBits(again.snapshot.tensors, first.snapshot.tensors)
        assert.deepStrictEqual(yield* store.load(tinyUpdates), before)
        // Asked for less than what is already done, it stays where it is, and says so.
        const shorter = yield* runExperiment(tinySettings({ training: { updates: 5 } }), drawNothing)
        assert.strictEqual(shorter.snapshot.update, tinyUpdates)
      }).pipe(Effect.provide(tinyWorld(events), { local: true }))
      const told = yield* Ref.get(events)
      assert.deepStrictEqual(eventsOf("PictureWritten", told), [
        { _tag: "PictureWritten", update: tinyUpdates, path: "again.png" }
      ])
      assert.deepStrictEqual(
        eventsOf("Finished", told).map(({ update }) => update),
        [tinyUpdates, tinyUpdates, tinyUpdates]
      )
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("may be made longer, and is then what it would have been from the start", () =>
    Effect.gen(function* () {
      const longer = yield* trained(tinySettings({ training: { epochs: 3 } }))
      const events = yield* noEvents
      const snapshot = yield* Effect.gen(function* () {
        yield* runExperiment(tinySettings({ training: { updates: 7 } }), drawNothing)
        return (yield* runExperiment(tinySettings({ training: { epochs: 3 } }), drawNothing)).snapshot
      }).pipe(Effect.provide(tinyWorld(events), { local: true }))
      assert.strictEqual(snapshot.update, 18)
      assertSameBits(snapshot.tensors, longer.snapshot.tensors)
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("falls, where no length is said, over the whole training, and is not made longer unless one is said", () =>
    Effect.gen(function* () {
      const falling = (length: object, updates?: number) => {
        const generatorOptimizer = {
          learningRateDecay: { shape: "linear", least: 1e-5, ...(updates && { updates }) }
        }
        return tinySettings({ training: { ...length, generatorOptimizer } })
      }
      const [told, toldLonger] = [
        yield* trained(falling({ epochs: 2 }, tinyUpdates)),
        yield* trained(falling({ epochs: 3 }, tinyUpdates))
      ]
      yield* Effect.gen(function* () {
        const open = yield* runExperiment(falling({ epochs: 2 }), drawNothing)
        assertSameBits(open.snapshot.tensors, told.snapshot.tensors)
        const refused = yield* Effect.flip(runExperiment(falling({ epochs: 3 }), drawNothing))
        assert.include(String(refused), "learningRateDecay.updates")
        assert.match(String(refused), /made with 12, but 18 is asked for/)
        assert.include(String(refused), "--set training.generatorOptimizer.learningRateDecay.updates=12")
        const { snapshot } = yield* runExperiment(falling({ epochs: 3 }, tinyUpdates), drawNothing)
        assert.strictEqual(snapshot.update, 18)
        assertSameBits(snapshot.tensors, toldLonger.snapshot.tensors)
      }).pipe(Effect.provide(tinyWorld(yield* noEvents), { local: true }))
      const longerFromTheStart = yield* trained(falling({ epochs: 3 }))
      assert.notDeepEqual(longerFromTheStart.snapshot.tensors, toldLonger.snapshot.tensors)
    }).pipe(Effect.provide(layerOnnxRuntime))
  )
})
