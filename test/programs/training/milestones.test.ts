import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as fc from "fast-check"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { layerFileSystem } from "../../../src/layers/checkpoint/fileSystem.ts"
import { layerMilestones, Milestones } from "../../../src/layers/checkpoint/Milestones.ts"
import { openCheckpoint } from "../../../src/programs/checkpoint/openCheckpoint.ts"
import { sampleImages } from "../../../src/programs/sampling/Sampling.ts"
import { runExperiment } from "../../../src/programs/training/runExperiment.ts"
import { assertSameBits, noEvents, tinySettings, tinyWorld } from "./tinyExperiment.ts"

const drawNothing = () => Effect.succeed([])
const updatesPerEpoch = 6

describe("milestones of a run", () => {
  it.effect("hold the generator, and nothing else, after each epoch asked for and after the last", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
          fc.integer({ min: 1, max: 3 }),
          (milestoneEpochs, epochs) =>
            Effect.gen(function* () {
              const reporting = { milestoneEpochs, checkpointEveryEpochs: 1 }
              yield* runExperiment(tinySettings({ training: { epochs: 1 }, reporting }), drawNothing)
              yield* runExperiment(tinySettings({ training: { epochs }, reporting }), drawNothing)
              const milestones = yield* Milestones
              const store = yield* CheckpointStore
              const expected = new Set([1, epochs, ...milestoneEpochs.filter((epoch) => epoch <= epochs)])
              assert.deepStrictEqual(
                yield* milestones.list,
                [...expected].sort().map((epoch) => epoch * updatesPerEpoch)
              )
              for (const update of yield* milestones.list) {
                const kept = yield* milestones.load(update)
                const { description, tensors } = yield* store.load(update)
                const generator = Object.entries(tensors).filter(([path]) => path.startsWith("generator."))
                assertSameBits(kept.tensors, Object.fromEntries(generator))
                assert.deepStrictEqual(kept.description.settings, description.settings)
              }
            }).pipe(
              Effect.provide(Layer.unwrap(Effect.map(noEvents, tinyWorld)), { local: true }),
              Effect.provide(layerReference),
              Effect.runPromise
            )
        ),
        { numRuns: 6 }
      )
    )
  )

  it.effect("hold the average of G where there is one, under G's names; what is drawn is drawn from it", () =>
    Effect.gen(function* () {
      const training = { epochs: 2, averageDecay: 0.9, gradientPenalty: 1 }
      const settings = tinySettings({ model: { cell: "gated" }, training })
      const { run, snapshot } = yield* runExperiment(settings, drawNothing)
      const { tensors } = yield* (yield* Milestones).load(12)
      const named = (prefix: string) =>
        Object.entries(snapshot.tensors).flatMap(([path, tensor]) =>
          path.startsWith(prefix) ? [[path.replace(prefix, "generator."), tensor] as const] : []
        )
      assertSameBits(tensors, Object.fromEntries(named("average.")))
      const draw = (from: typeof tensors) => sampleImages(run.model, from, { count: 3, seed: 1 })
      const average = yield* draw(tensors)
      assert.deepStrictEqual(yield* draw(snapshot.tensors), average)
      assert.notDeepEqual(yield* draw(Object.fromEntries(named("generator."))), average)
    }).pipe(
      Effect.provide(Layer.unwrap(Effect.map(noEvents, tinyWorld)), { local: true }),
      Effect.provide(layerReference)
    )
  )

  it.effect("are kept all, in a folder that images can be sampled from", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-milestones-" })
      const settings = tinySettings({ training: { epochs: 6 }, reporting: { milestoneEpochs: [1, 2, 3, 4, 5] } })
      const { run, snapshot } = yield* runExperiment(settings, drawNothing).pipe(
        Effect.provide(layerMilestones({ directory }), { local: true }),
        Effect.provide(Layer.unwrap(Effect.map(noEvents, tinyWorld)), { local: true })
      )
      const folders = yield* fs.readDirectory(directory)
      assert.strictEqual(folders.length, 6)
      const opened = yield* Effect.provide(openCheckpoint, layerFileSystem({ directory }), { local: true })
      assert.strictEqual(opened.update, 36)
      const sampling = { count: 3, seed: 1 }
      assert.deepStrictEqual(
        yield* sampleImages(opened.model, opened.tensors, sampling),
        yield* sampleImages(run.model, snapshot.tensors, sampling)
      )
    }).pipe(Effect.scoped, Effect.provide([layerReference, NodeServices.layer]))
  )
})
