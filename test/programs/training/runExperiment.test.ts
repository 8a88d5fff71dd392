import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as fc from "fast-check"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import type { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { type DivergedStates, layerDivergedStatesMemory } from "../../../src/layers/checkpoint/DivergedStates.ts"
import { layerFileSystem } from "../../../src/layers/checkpoint/fileSystem.ts"
import { layerMilestonesMemory, type Milestones } from "../../../src/layers/checkpoint/Milestones.ts"
import type { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { layerMemory as layerLogMemory, type TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { DivergedError } from "../../../src/programs/training/DivergedError.ts"
import { type DrawImages, runExperiment } from "../../../src/programs/training/runExperiment.ts"
import { drawNothing, trained, trainedUntil } from "../../support/trainedExperiments.ts"
import {
  assertSameBits,
  changedPaths,
  eventsOf,
  layerTinyData,
  metricsByUpdate,
  noEvents,
  tinySettings,
  tinyUpdates,
  tinyWorld
} from "./tinyExperiment.ts"

for (const [name, layer] of [
  ["reference", layerReference],
  ["onnxruntime", layerOnnxRuntime]
] as const satisfies ReadonlyArray<readonly [string, Layer.Layer<TensorBackend, unknown>]>) {
  describe(`runExperiment on ${name}`, () => {
    it.effect("gives the same bits for the same seed", () =>
      Effect.gen(function* () {
        const [first, second] = [yield* trained(tinySettings()), yield* trained(tinySettings())]
        assertSameBits(second.snapshot.tensors, first.snapshot.tensors)
        assert.deepStrictEqual(metricsByUpdate(second.events), metricsByUpdate(first.events))
        const other = yield* trained(tinySettings({ seed: 2 }))
        const changed = changedPaths(first.snapshot.tensors, other.snapshot.tensors)
        // Adam counts updates whatever the seed; everything else is another number.
        assert.sameMembers(
          Object.keys(first.snapshot.tensors).filter((path) => !changed.includes(path)),
          ["optimizer.generator.updates", "optimizer.discriminator.updates"]
        )
        assert.notDeepEqual(metricsByUpdate(other.events), metricsByUpdate(first.events))
      }).pipe(Effect.provide(layer))
    )

    it.effect("interrupted and gone on with is the same to the bit as not interrupted", () =>
      Effect.gen(function* () {
        const settings = tinySettings()
        const whole = yield* trained(settings)
        const context = yield* Effect.context<TensorBackend>()
        // An interruption within the first update after a start keeps nothing of it: stops are at least two apart.
        const stops = fc
          .array(fc.integer({ min: 2, max: 6 }), { minLength: 1, maxLength: 3 })
          .map((steps) => steps.map((_, i) => steps.slice(0, i + 1).reduce((sum, step) => sum + step, 0)))
          .map((positions) => positions.filter((at) => at <= tinyUpdates))
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(stops, async (positions) => {
              const { snapshot, events } = await Effect.runPromiseWith(context)(
                Effect.gen(function* () {
                  const log = yield* noEvents
                  const snapshot = yield* Effect.gen(function* () {
                    for (const at of positions) {
                      const exit = yield* trainedUntil(at, settings)
                      assert.isTrue(Exit.hasInterrupts(exit), `at ${at}`)
                      assert.deepStrictEqual((yield* Ref.get(log)).at(-1), { _tag: "Interrupted", update: at })
                      assert.include(yield* Effect.flatMap(CheckpointStore, ({ list }) => list), at)
                    }
                    return (yield* runExperiment(settings, drawNothing)).snapshot
                  }).pipe(Effect.provide(tinyWorld(log), { local: true }))
                  return { snapshot, events: yield* Ref.get(log) }
                })
              )
              assertSameBits(snapshot.tensors, whole.snapshot.tensors)
              assert.deepStrictEqual(metricsByUpdate(events), metricsByUpdate(whole.events))
              // No update was made twice.
              assert.strictEqual(eventsOf("Progress", events).length, tinyUpdates)
            }),
            { numRuns: 3, examples: [[[2, 6]], [[tinyUpdates]]] }
          )
        )
      }).pipe(Effect.provide(layer))
    )

    it.live("interrupted from outside at any moment, it goes on to the same end", () =>
      Effect.gen(function* () {
        const settings = tinySettings({ training: { epochs: 8 }, reporting: { checkpointEveryEpochs: 3 } })
        const whole = yield* trained(settings)
        const log = yield* noEvents
        const snapshot = yield* Effect.gen(function* () {
          const first = yield* Effect.forkChild(runExperiment(settings, drawNothing))
          yield* Effect.sleep("25 millis")
          yield* Fiber.interrupt(first)
          return (yield* runExperiment(settings, drawNothing)).snapshot
        }).pipe(Effect.provide(tinyWorld(log), { local: true }))
        assertSameBits(snapshot.tensors, whole.snapshot.tensors)
        assert.deepStrictEqual(metricsByUpdate(yield* Ref.get(log)), metricsByUpdate(whole.events))
      }).pipe(Effect.provide(layer))
    )
  })
}

describe("runExperiment", () => {
  it.effect("tells its log what it does, in order", () =>
    Effect.gen(function* () {
      const events = yield* noEvents
      const settings = tinySettings({ reporting: { logEveryUpdates: 4 } })
      const drawn: Array<number> = []
      const draw: DrawImages<never, never> = (_, { update }) =>
        Effect.sync(() => {
          drawn.push(update)
          return [`${update}.png`]
        })
      yield* Effect.provide(runExperiment(settings, draw), tinyWorld(events), { local: true })
      const told = (yield* Ref.get(events)).map(({ _tag, update }) => [_tag, update])
      assert.deepStrictEqual(told, [
        ["Started", 0],
        ["Progress", 4],
        ["Checkpointed", 6],
        ["PictureWritten", 6],
        ["Progress", 8],
        ["Progress", 12],
        ["Checkpointed", 12],
        ["PictureWritten", 12],
        ["Finished", 12]
      ])
      assert.deepStrictEqual(drawn, [6, 12])
      const [started] = eventsOf("Started", yield* Ref.get(events))
      assert.deepInclude(started, { name: "tiny", totalUpdates: 12, backend: "onnxruntime-cpu" })
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("ends with an error that tells the update and the quantity if the learning rate is absurd (float32)", () =>
    Effect.gen(function* () {
      const rate = { learningRate: 1e30 }
      const settings = tinySettings({ training: { generatorOptimizer: rate, discriminatorOptimizer: rate } })
      const log = yield* noEvents
      yield* Effect.gen(function* () {
        const error = yield* Effect.flip(runExperiment(settings, drawNothing))
        assert.instanceOf(error, DivergedError)
        assert.match(
          error.message,
          /^Training diverged: after update \d+, [\w.]+ is (NaN|-?Infinity)\. There is no checkpoint to go back to\. The states before and after are kept in memory\.$/
        )
        assert.deepStrictEqual(yield* Effect.flatMap(CheckpointStore, ({ list }) => list), [])
      }).pipe(Effect.provide(tinyWorld(log), { local: true }))
      assert.isEmpty(eventsOf("Finished", yield* Ref.get(log)))
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("goes on from a real folder in a new store", () =>
    Effect.gen(function* () {
      const whole = yield* trained(tinySettings())
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-run-" })
      const events = yield* noEvents
      const inFolder = <A, E>(
        run: Effect.Effect<A, E, CheckpointStore | Milestones | DivergedStates | Dataset | TrainingLog | TensorBackend>
      ) =>
        Effect.provide(
          run,
          Layer.mergeAll(
            layerFileSystem({ directory, keep: 1 }),
            layerMilestonesMemory,
            layerDivergedStatesMemory,
            layerTinyData,
            layerLogMemory(events)
          ),
          { local: true }
        )
      yield* inFolder(trainedUntil(8, tinySettings()))
      assert.deepStrictEqual(yield* fs.readDirectory(directory), ["update-00000008"])
      const { snapshot } = yield* inFolder(runExperiment(tinySettings(), drawNothing))
      assertSameBits(snapshot.tensors, whole.snapshot.tensors)
      assert.deepStrictEqual(metricsByUpdate(yield* Ref.get(events)), metricsByUpdate(whole.events))
      const started: ReadonlyArray<TrainingEvent> = eventsOf("Started", yield* Ref.get(events))
      assert.deepStrictEqual(
        started.map(({ update }) => update),
        [0, 8]
      )
    }).pipe(Effect.scoped, Effect.provide([layerOnnxRuntime, NodeServices.layer]))
  )

  it.effect("a resumed run that diverges before it saves anything names the checkpoint that it came from", () =>
    Effect.gen(function* () {
      const events = yield* noEvents
      yield* Effect.gen(function* () {
        const store = yield* CheckpointStore
        const { snapshot } = yield* runExperiment(tinySettings(), drawNothing)
        const { description } = yield* store.load(tinyUpdates)
        // Finite numbers, but far too large for float32 to go on with.
        const tensors = Object.fromEntries(
          Object.entries(snapshot.tensors).map(([path, { shape, values }]) => [
            path,
            { shape, values: path.endsWith("updates") ? values : values.map(() => 3e38) }
          ])
        )
        yield* store.save({ description, tensors })
        const error = yield* Effect.flip(runExperiment(tinySettings({ training: { epochs: 9 } }), drawNothing))
        assert.match(
          error.message,
          /after update 13, .* The last good checkpoint is that of update 12 in memory\. The states before and after are kept in memory\.$/
        )
        assert.deepStrictEqual(yield* store.list, [6, 12])
      }).pipe(Effect.provide(tinyWorld(events), { local: true }))
    }).pipe(Effect.provide(layerOnnxRuntime))
  )
})
