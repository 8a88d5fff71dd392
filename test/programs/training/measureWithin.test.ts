import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { MeasureError } from "../../../src/domain/metrics/MeasureError.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerMemory as layerLogMemory } from "../../../src/layers/log/TrainingLog.ts"
import { measureWithin, RunMeasuring } from "../../../src/programs/training/measureWithin.ts"
import { runExperiment } from "../../../src/programs/training/runExperiment.ts"
import type { TrainingProgress } from "../../../src/programs/training/Training.ts"
import { assertSameBits, eventsOf, noEvents, tinySettings, tinyWorld } from "./tinyExperiment.ts"

const progressAt = (update: number): TrainingProgress => {
  const snapshot = Effect.succeed({ update, tensors: {}, metrics: {} })
  const data = { name: "none", digests: {} }
  const run = { program: "p", seed: 1, batchSize: 1, shards: 1, backend: "none", data }
  return { run, update, totalUpdates: 1000, epoch: update, metrics: {}, snapshot, state: snapshot }
}

describe("measuring within a share of the time", () => {
  it.effect("takes no more of it, and no much less, whatever a measure takes", () =>
    Effect.gen(function* () {
      for (const [share, seconds] of [
        [0.05, 2],
        [0.05, 20],
        [0.25, 1]
      ] as const) {
        const events = yield* noEvents
        const measure = () => Effect.as(TestClock.adjust(`${seconds} seconds`), { metrics: { distance: seconds } })
        yield* Stream.range(1, 1000).pipe(
          Stream.map(progressAt),
          Stream.tap(() => TestClock.adjust("1 second")),
          measureWithin(share, measure),
          Stream.runDrain,
          Effect.provide(layerLogMemory(events))
        )
        const measured = eventsOf("Measured", yield* Ref.get(events))
        const part = (measured.length * seconds) / (1000 + measured.length * seconds)
        assert.isAtMost(part, share + 0.01, `${share} ${seconds}`)
        assert.isAtLeast(part, 0.6 * share, `${share} ${seconds}`)
      }
    })
  )

  it.live("draws the samples that it was told to, and changes no number of the training", () =>
    Effect.gen(function* () {
      const seen: Array<TensorData["shape"]> = []
      const measure = (images: TensorData) =>
        Effect.suspend(() => {
          seen.push(images.shape)
          return seen.length === 1
            ? Effect.fail(new MeasureError({ measure: "distance", input: "samples", problem: "they are all alike" }))
            : Effect.succeed({ metrics: { distance: 3 }, classes: [0.25, 0.75] })
        })
      const trained = Effect.fnUntraced(function* (share: number | undefined) {
        const events = yield* noEvents
        const measuring = share === undefined ? undefined : { share, samples: 5, measure }
        const { snapshot } = yield* runExperiment(tinySettings({ training: { shards: 1 } }), () =>
          Effect.succeed([])
        ).pipe(
          Effect.provide(Layer.merge(tinyWorld(events), layerOnnxRuntime), { local: true }),
          Effect.provideService(RunMeasuring, measuring)
        )
        return { snapshot, events: yield* Ref.get(events) }
      })
      const plain = yield* trained(undefined)
      // More than there is: at every update.
      const { snapshot, events } = yield* trained(1e6)
      assertSameBits(snapshot.tensors, plain.snapshot.tensors)
      assert.deepStrictEqual(seen[0], [5, 1, 6, 5])
      const [first, ...others] = eventsOf("Measured", events)
      assert.deepInclude(first, { update: 2, epoch: 2 / 6, metrics: { distance: 3 }, classes: [0.25, 0.75] })
      assert.strictEqual(others.length, 10)
      assert.deepStrictEqual(eventsOf("Measured", plain.events), [])
    })
  )
})
