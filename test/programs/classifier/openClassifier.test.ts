import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import { takeImages } from "../../../src/domain/data/Images.ts"
import { ClassifierExperiment, classifierPreset } from "../../../src/domain/experiment/ClassifierExperiment.ts"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { mostProbable } from "../../../src/domain/metrics/classes.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import type { Checkpoint } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import {
  ClassifierStore,
  layerClassifier,
  layerClassifierMemory
} from "../../../src/layers/checkpoint/ClassifierStore.ts"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../../../src/layers/dataset/mnist.ts"
import {
  layerMemory as layerLogMemory,
  layerSilent,
  TrainingLog,
  TrainingLogError
} from "../../../src/layers/log/TrainingLog.ts"
import { classifyImageSet } from "../../../src/programs/classifier/classify.ts"
import { openClassifier } from "../../../src/programs/classifier/openClassifier.ts"
import { assertClose } from "../../support/assertClose.ts"
import { assertSameBits, eventsOf, noEvents } from "../training/tinyExperiment.ts"
import { layerChangedData, layerTinyData, tinyExperiment, tinyUpdates, unlabelled } from "./tinyClassifier.ts"

/** A world without a log: the tiny data, ONNX Runtime and an empty store in memory. */
const quietWorld = Layer.mergeAll(layerOnnxRuntime, layerTinyData, layerClassifierMemory, layerSilent)

const latest = Effect.gen(function* () {
  const store = yield* ClassifierStore
  return Option.getOrThrow(yield* store.latest)
})

/** Puts the newest checkpoint back with something about it changed. */
const tamper = (change: (checkpoint: Checkpoint) => Partial<Checkpoint["description"]>) =>
  Effect.gen(function* () {
    const store = yield* ClassifierStore
    const checkpoint = yield* latest
    yield* store.save({ ...checkpoint, description: { ...checkpoint.description, ...change(checkpoint) } })
  })

/** A log that fails from the first record of an update on: a run that is cut short. */
const layerLogUntil = (update: number) =>
  Layer.succeed(TrainingLog, {
    record: (event) =>
      event._tag === "Checkpointed" && event.update >= update
        ? Effect.fail(new TrainingLogError({ log: "test", action: "go on", reason: "cut short" }))
        : Effect.void
  })

describe("openClassifier", () => {
  it.effect("trains to the end, with its log, and keeps its accuracy with the checkpoint", () =>
    Effect.gen(function* () {
      const events = yield* noEvents
      yield* Effect.gen(function* () {
        const classifier = yield* openClassifier(tinyExperiment())
        assert.deepStrictEqual(classifier.format, { channels: 1, height: 7, width: 6 })
        assert.deepStrictEqual([classifier.classes, classifier.epochs], [3, 3])
        const { description, tensors } = yield* latest
        assertSameBits(classifier.tensors, tensors)
        assert.deepStrictEqual([description.model, description.update], ["classifier", tinyUpdates])
        assert.sameMembers(Object.keys(description.metrics), ["loss", "accuracy", "testAccuracy"])
        assert.strictEqual(description.metrics["testAccuracy"], classifier.testAccuracy)

        const { test } = yield* Dataset
        const named = mostProbable((yield* classifyImageSet(classifier, test)).probabilities)
        const right = [...named].filter((label, i) => label === test.labels?.[i]).length
        assert.strictEqual(classifier.testAccuracy, right / 10)
      }).pipe(Effect.provide(Layer.mergeAll(quietWorld, layerLogMemory(events)), { local: true }))
      const told = yield* Ref.get(events)
      assert.strictEqual(told[0]?._tag, "Started")
      assert.strictEqual(told.at(-1)?._tag, "Finished")
      assert.deepStrictEqual(
        eventsOf("Checkpointed", told).map(({ update }) => update),
        [5, 10, 15]
      )
    })
  )

  it.effect("does not train a finished one again, nor measure it", () =>
    Effect.gen(function* () {
      const first = yield* openClassifier(tinyExperiment())
      yield* tamper(({ description }) => ({ metrics: { ...description.metrics, testAccuracy: 0.125 } }))
      const events = yield* Ref.make<ReadonlyArray<TrainingEvent>>([])
      const again = yield* openClassifier(tinyExperiment()).pipe(Effect.provide(layerLogMemory(events)))
      assert.deepStrictEqual(yield* Ref.get(events), [])
      assertSameBits(again.tensors, first.tensors)
      assert.strictEqual(again.testAccuracy, 0.125)
    }).pipe(Effect.provide(quietWorld, { local: true }))
  )

  it.effect("measures one that was trained to its end and not measured", () =>
    Effect.gen(function* () {
      const { testAccuracy } = yield* openClassifier(tinyExperiment())
      yield* tamper(({ description: { metrics } }) => ({
        metrics: { loss: metrics["loss"] ?? 0, accuracy: metrics["accuracy"] ?? 0 }
      }))
      assert.strictEqual((yield* openClassifier(tinyExperiment())).testAccuracy, testAccuracy)
      assert.strictEqual((yield* latest).description.metrics["testAccuracy"], testAccuracy)
    }).pipe(Effect.provide(quietWorld, { local: true }))
  )

  it.effect("goes on with an unfinished one to the same bits as without a break", () =>
    Effect.gen(function* () {
      const whole = yield* openClassifier(tinyExperiment()).pipe(Effect.provide(quietWorld, { local: true }))
      yield* Effect.gen(function* () {
        const error = yield* openClassifier(tinyExperiment()).pipe(Effect.provide(layerLogUntil(10)), Effect.flip)
        assert.strictEqual(error._tag, "TrainingLogError")
        assert.strictEqual((yield* latest).description.update, 10)
        const events = yield* noEvents
        const resumed = yield* openClassifier(tinyExperiment()).pipe(Effect.provide(layerLogMemory(events)))
        assert.deepStrictEqual(
          eventsOf("Started", yield* Ref.get(events)).map(({ update }) => update),
          [10]
        )
        assertSameBits(resumed.tensors, whole.tensors)
        assert.strictEqual(resumed.testAccuracy, whole.testAccuracy)
      }).pipe(Effect.provide(quietWorld, { local: true }))
    })
  )

  it.effect("refuses a store that holds something else, naming what differs", () =>
    Effect.gen(function* () {
      yield* openClassifier(tinyExperiment())
      const refusal = (settings: ClassifierExperiment) => Effect.map(Effect.flip(openClassifier(settings)), String)
      assert.include(
        yield* refusal(tinyExperiment({ epochs: 4 })),
        "classifier: settings.epochs: the checkpoint in memory was made with 3, but 4 is asked for"
      )
      assert.include(
        yield* refusal(tinyExperiment({ model: { ...tinyExperiment().model, features: 9 } })),
        "classifier: settings.model.features: the checkpoint in memory was made with 5, but 9 is asked for"
      )
      const otherData = layerChangedData(({ digests }) => ({ digests: { ...digests, test: "0".repeat(64) } }))
      assert.include(
        yield* refusal(tinyExperiment()).pipe(Effect.provide(otherData, { local: true })),
        "classifier: dataset: the checkpoint in memory was made with other data (test differs: SHA-256 "
      )
      yield* tamper(() => ({ model: "attention-gan" }))
      assert.include(
        yield* refusal(tinyExperiment()),
        'classifier: model: the checkpoint in memory was made with the model "attention-gan", but "classifier" is asked for'
      )
    }).pipe(Effect.provide(quietWorld, { local: true }))
  )

  it.effect("says what is missing of data without labels or without test images, and of a single class", () =>
    Effect.gen(function* () {
      const refusal = (change: Parameters<typeof layerChangedData>[0]) =>
        openClassifier(tinyExperiment()).pipe(
          Effect.flip,
          Effect.map(({ message }) => message),
          Effect.provide(layerChangedData(change), { local: true })
        )
      const name = "synthetic:1x7x6:0"
      assert.include(
        yield* refusal(({ training }) => ({ training: unlabelled(training) })),
        `the training images of ${name}: they have no labels`
      )
      assert.include(
        yield* refusal(({ test }) => ({ test: unlabelled(test) })),
        `the test images of ${name}: they have no labels`
      )
      assert.include(
        yield* refusal(({ test }) => ({ test: takeImages(test, 0, 0) })),
        `the test images of ${name}: there are none`
      )
      assert.include(
        yield* refusal(({ training }) => ({ training: { ...training, labels: new Uint8Array(60).fill(2) } })),
        `the training images of ${name}: they are all of one class`
      )
      const store = yield* ClassifierStore
      assert.deepStrictEqual(yield* store.list, [])
    }).pipe(Effect.provide(quietWorld, { local: true }))
  )

  it.effect("learns from fewer images than a batch, and knows classes that only test images show", () =>
    Effect.gen(function* () {
      const classifier = yield* openClassifier(tinyExperiment({ leastUpdates: 7 })).pipe(
        Effect.provide(
          layerChangedData(({ training, test }) => ({
            training: takeImages(training, 0, 11),
            test: { ...test, labels: Uint8Array.of(0, 1, 2, 3, 3, 3, 3, 3, 3, 3) }
          })),
          { local: true }
        )
      )
      assert.deepStrictEqual([classifier.classes, classifier.epochs], [4, 7])
      assert.deepStrictEqual([classifier.testImages, classifier.commonestShare], [10, 0.7])
      assert.strictEqual((yield* latest).description.update, 7)
    }).pipe(Effect.provide(quietWorld, { local: true }))
  )

  it.effect("averages in float32 whatever the decay: after one update the average is what was trained", () =>
    Effect.gen(function* () {
      for (const averageDecay of [0, 0.5, 0.999999, 1 - 1e-8, 1 - 1e-12]) {
        const once = tinyExperiment({ epochs: 1, batchSize: 60, averageDecay })
        const { tensors } = yield* openClassifier(once).pipe(Effect.provide(layerClassifierMemory, { local: true }))
        for (const [path, { values }] of Object.entries(tensors).filter(([name]) => name.startsWith("classifier."))) {
          assertClose(values, tensors[path.replace("classifier.", "trained.")]?.values ?? [], 1e-6, path)
        }
      }
    }).pipe(Effect.provide(quietWorld, { local: true }))
  )

  it.effect("keeps one checkpoint in a folder of its own", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = `${yield* fs.makeTempDirectoryScoped()}/classifier`
      const open = openClassifier(tinyExperiment()).pipe(
        Effect.provide(Layer.mergeAll(layerOnnxRuntime, layerTinyData, layerSilent, layerClassifier({ directory })), {
          local: true
        })
      )
      const first = yield* open
      assert.deepStrictEqual(yield* fs.readDirectory(directory), ["update-00000015"])
      const again = yield* open
      assertSameBits(again.tensors, first.tensors)
      assert.strictEqual(again.testAccuracy, first.testAccuracy)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect(
    "is as good after few updates as the parameters it averages: the first, random ones have no part in it",
    () =>
      Effect.gen(function* () {
        const settings = new ClassifierExperiment({ ...classifierPreset, epochs: 1, leastUpdates: 100, batchSize: 50 })
        const classifier = yield* openClassifier(settings)
        const { test } = yield* Dataset
        const moved = Object.entries(classifier.tensors).map(
          ([path, tensor]) => [path.replace("classifier.", "-").replace("trained.", "classifier."), tensor] as const
        )
        const trained = { ...classifier, tensors: Object.fromEntries(moved) }
        const named = mostProbable((yield* classifyImageSet(trained, test)).probabilities)
        const ofTrained = [...named].filter((label, i) => label === test.labels?.[i]).length / test.count
        assert.isAbove(ofTrained, 0.8)
        assert.isAbove(classifier.testAccuracy, ofTrained - 0.05)
      }).pipe(Effect.provide(Layer.mergeAll(layerOnnxRuntime, layerFewDigits, layerClassifierMemory, layerSilent))),
    60_000
  )
})

const layerFewDigits = Layer.effect(
  Dataset,
  Effect.map(Dataset, (mnist) => ({
    ...mnist,
    training: takeImages(mnist.training, 0, 2000),
    test: takeImages(mnist.test, 0, 1000)
  }))
).pipe(Layer.provide(layerMnist), Layer.provide(NodeServices.layer))
