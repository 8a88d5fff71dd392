import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { layerMemory as layerNoCheckpoints } from "../../../src/layers/checkpoint/memory.ts"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import type { RunRecord } from "../../../src/programs/replay/RunRecord.ts"
import { replayRun } from "../../../src/programs/replay/replayRun.ts"
import { runExperiment } from "../../../src/programs/training/runExperiment.ts"
import { eventsOf, layerTinyData, noEvents, tinySettings, tinyWorld } from "../training/tinyExperiment.ts"

/** The record of a run of four updates, of which the first and the third were logged. */
const recorded = Effect.gen(function* () {
  const events = yield* noEvents
  const newest = yield* Effect.gen(function* () {
    yield* runExperiment(tinySettings({ training: { updates: 4 } }), () => Effect.succeed([]))
    return yield* (yield* CheckpointStore).latest
  }).pipe(Effect.provide(tinyWorld(events), { local: true }))
  const updates = new Map(
    eventsOf("Progress", yield* Ref.get(events))
      .filter(({ update }) => update === 1 || update === 3)
      .map(({ update, metrics }) => [update, [{ kind: "metrics", source: "log", metrics }] as const] as const)
  )
  assert.strictEqual(updates.size, 2)
  const record: RunRecord = { description: Option.getOrThrow(newest).description, updates }
  return record
}).pipe(Effect.provide(layerReference))

/** The reference backend, and how often it has done a step. */
const counting = Effect.gen(function* () {
  const steps = yield* Ref.make(0)
  const { name, compile } = yield* Effect.provide(TensorBackend, layerReference)
  const backend = TensorBackend.of({
    name,
    compile: (program, state) =>
      Effect.map(compile(program, state), (executable) => ({
        ...executable,
        step: (call) =>
          Effect.andThen(
            Ref.update(steps, (n) => n + 1),
            executable.step(call)
          )
      }))
  })
  return { steps: Ref.get(steps), layer: Layer.succeed(TensorBackend, backend) }
})

describe("replayRun", () => {
  it.effect("computes no update after the last that is recorded, however many are asked for", () =>
    Effect.gen(function* () {
      const record = yield* recorded
      const stepsOf = (updates: number) =>
        Effect.gen(function* () {
          const { steps, layer } = yield* counting
          const replayed = yield* replayRun(record, { updates, from: 0 }).pipe(
            Effect.provide(Layer.mergeAll(layer, layerTinyData, layerNoCheckpoints))
          )
          return [replayed.last, replayed.metrics, yield* steps] as const
        })
      const [[, , one], [last, metrics, many]] = [yield* stepsOf(1), yield* stepsOf(100)]
      assert.deepStrictEqual([last, metrics], [3, 2])
      assert.strictEqual(many, 3 * one)
      assert.deepStrictEqual(yield* stepsOf(2), [1, 1, one])
    })
  )

  it.effect("says that the data are other ones, with both digests, and not that the run is another", () =>
    Effect.gen(function* () {
      const record = yield* recorded
      const data = yield* Effect.provide(Dataset, layerTinyData)
      const digests = { ...data.digests, training: "0".repeat(64) }
      const error = yield* replayRun(record, { updates: 3, from: 0 }).pipe(
        Effect.provideService(Dataset, Dataset.of({ ...data, digests })),
        Effect.provide(Layer.merge(layerReference, layerNoCheckpoints)),
        Effect.flip
      )
      const own = record.description.dataset.digests.training
      assert.strictEqual(
        error.message,
        `dataset: not the data that the checkpoint was trained on: training differs: SHA-256 ${own} there, SHA-256 ${digests.training} here`
      )
    })
  )
})
