import type { Worker } from "node:worker_threads"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { layerSynthetic } from "../../../src/layers/dataset/synthetic.ts"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { runExperiment } from "../../../src/programs/training/runExperiment.ts"
import { drawNothing, trained, trainedUntil } from "../../support/trainedExperiments.ts"
import {
  assertSameBits,
  eventsOf,
  metricsByUpdate,
  noEvents,
  tinySettings,
  tinyUpdates,
  tinyWorld
} from "./tinyExperiment.ts"

describe("runExperiment without a number of shards", () => {
  /** A backend that runs so many shards at the same time, as far as it says. */
  const layerParallel = (parallelism: number | undefined) =>
    Layer.effect(
      TensorBackend,
      Effect.gen(function* () {
        const { name, compile } = yield* TensorBackend
        return TensorBackend.of({ name, compile, ...(parallelism === undefined ? {} : { parallelism }) })
      })
    ).pipe(Layer.provide(layerReference))

  it.effect.each([
    [undefined, 1],
    [1, 1],
    [2, 2],
    [3, 2],
    [64, 2]
  ] as const)(
    "takes those that the backend runs at once, %s, if a batch of 50 divides so: %s",
    ([parallelism, shards]) =>
      Effect.gen(function* () {
        const settings = tinySettings({
          dataset: { kind: "synthetic", count: 50, height: 6, width: 5 },
          training: { batchSize: 50, updates: 1 }
        })
        const log = yield* noEvents
        const data = layerSynthetic({ count: 50, channels: 1, height: 6, width: 5, seed: 0 })
        const { run } = yield* runExperiment(settings, drawNothing).pipe(
          Effect.provide(data),
          Effect.provide(tinyWorld(log), { local: true }),
          Effect.provide(layerParallel(parallelism), { local: true })
        )
        assert.strictEqual(run.settings.training.shards, shards)
        const [started] = eventsOf("Started", yield* Ref.get(log))
        assert.include(JSON.stringify(started?.settings), `"shards":${shards}`)
      })
  )
})

describe("runExperiment on two shards", () => {
  const settings = tinySettings({ training: { shards: 2 } })

  it.effect("is the same to the bit in every run, interrupted and gone on with or not", () =>
    Effect.gen(function* () {
      const whole = yield* trained(settings)
      const log = yield* noEvents
      const snapshot = yield* Effect.gen(function* () {
        for (const at of [2, 7]) assert.isTrue(Exit.hasInterrupts(yield* trainedUntil(at, settings)), `at ${at}`)
        return (yield* runExperiment(settings, drawNothing)).snapshot
      }).pipe(Effect.provide(tinyWorld(log), { local: true }))
      assertSameBits(snapshot.tensors, whole.snapshot.tensors)
      assert.deepStrictEqual(metricsByUpdate(yield* Ref.get(log)), metricsByUpdate(whole.events))
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("goes on from a checkpoint on as many shards only", () =>
    Effect.gen(function* () {
      const log = yield* noEvents
      yield* Effect.gen(function* () {
        yield* trainedUntil(2, settings)
        const error = yield* Effect.flip(runExperiment(tinySettings({ training: { shards: 1 } }), drawNothing))
        assert.include(error.message, "training.shards: the checkpoint was made with 2, but 1 is asked for")
        // Asked for none, it takes the checkpoint's.
        const { run, snapshot } = yield* runExperiment(tinySettings(), drawNothing)
        assert.deepStrictEqual([run.settings.training.shards, snapshot.update], [2, tinyUpdates])
      }).pipe(Effect.provide(tinyWorld(log), { local: true }))
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("ends with the error of a thread that dies, and leaves the last checkpoint", () =>
    Effect.gen(function* () {
      const threads: Array<Worker> = []
      const remember = (worker: Worker) => threads.push(worker)
      process.on("worker", remember)
      const events = yield* noEvents
      yield* Effect.gen(function* () {
        const log = yield* TrainingLog
        const killing = TrainingLog.of({
          record: (event) =>
            Effect.andThen(
              log.record(event),
              event._tag === "Progress" && event.update === 8
                ? Effect.promise(() => Promise.all(threads.slice(0, 1).map((thread) => thread.terminate())))
                : Effect.void
            )
        })
        const error = yield* Effect.flip(
          Effect.provideService(runExperiment(settings, drawNothing), TrainingLog, killing)
        )
        assert.match(
          error.message,
          /could not (run|read) "attention-gan training": the thread of shard 1 of 2 has ended/
        )
        assert.deepStrictEqual(yield* Effect.flatMap(CheckpointStore, ({ list }) => list), [6])
      }).pipe(Effect.provide(tinyWorld(events), { local: true }))
      process.off("worker", remember)
    }).pipe(Effect.provide(layerOnnxRuntime))
  )
})
