import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { examples, imageExamples, integers, labelledExamples } from "../../../src/domain/data/Examples.ts"
import { takeImages } from "../../../src/domain/data/Images.ts"
import { type LabelledImages, labelledImages } from "../../../src/domain/data/LabelledImages.ts"
import { syntheticImages } from "../../../src/domain/data/syntheticImages.ts"
import { add, divide, multiply, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../../../src/domain/tensor/broadcast.ts"
import { sqrt } from "../../../src/domain/tensor/elementwise.ts"
import { makeProgram, ProgramError } from "../../../src/domain/tensor/Program.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import { constant, normalNoise, placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { layerMemory as layerCheckpointMemory } from "../../../src/layers/checkpoint/memory.ts"
import { shuffled } from "../../../src/layers/dataset/BatchSource.ts"
import { layerSilent } from "../../../src/layers/log/TrainingLog.ts"
import { checkpointEvery, type Snapshot } from "../../../src/programs/training/Training.ts"
import { type TrainingPlan, trainingSteps } from "../../../src/programs/training/trainingSteps.ts"
import { assertSameBits } from "./tinyExperiment.ts"

const images = syntheticImages({ count: 10, channels: 1, height: 3, width: 2, seed: 0, stream: "test" })

const indices = examples({
  index: integers(
    [],
    Uint32Array.from({ length: 10 }, (_, i) => i)
  )
})

/** A program whose state counts its steps; `loss` and the next `other` are made of the count, images and noise. */
const counting = (
  make: (count: Tensor, images: Tensor) => { readonly loss: Tensor; readonly other?: Tensor }
): TrainingPlan<"loss", "images"> => {
  const count = placeholder("count", [])
  const other = placeholder("other", [])
  const batch = placeholder("images", [2, 1, 3, 2])
  const made = make(count, batch)
  return {
    program: makeProgram({
      name: "counting",
      state: { count, other },
      inputs: { images: batch },
      next: { count: add(count, 1), other: made.other ?? add(other, made.loss) },
      outputs: { loss: made.loss }
    }),
    start: {
      update: 0,
      state: { count: tensorData([], Float32Array.of(0)), other: tensorData([], Float32Array.of(0)) }
    },
    data: shuffled(imageExamples(images)),
    batchSize: 2,
    seed: 5,
    totalUpdates: 12
  }
}

/** The loss of update k depends on everything: the count, the batch and the noise. */
const plain = counting((count, batch) => ({
  loss: add(add(multiply(count, 10), mean(batch)), mean(normalNoise("n", [4])))
}))

const labelled: LabelledImages = Result.getOrThrow(labelledImages(images, "the images of a test", 3))

/** A plan whose loss is `100 count` and the labels of its two images as the digits of a number to the base ten. */
const ofLabels: TrainingPlan<"loss", "images" | "labels"> = (() => {
  const count = placeholder("count", [])
  const other = placeholder("other", [])
  const batch = placeholder("images", [2, 1, 3, 2])
  const labels = placeholder("labels", [2, 3])
  const digits = constant(tensorData([2, 3], Float32Array.of(0, 10, 20, 0, 1, 2)))
  return {
    ...plain,
    program: makeProgram({
      name: "labels",
      state: { count, other },
      inputs: { images: batch, labels },
      next: { count: add(count, 1), other: add(other, sum(multiply(labels, mean(batch)))) },
      outputs: { loss: add(multiply(count, 100), sum(multiply(labels, digits))) }
    }),
    data: shuffled(labelledExamples(labelled))
  }
})()

/** 1 while the count is below `last`, then NaN: the square root of a negative number. */
const sound = (count: Tensor, last: number): Tensor => sqrt(subtract(last, count))

for (const [name, layer] of [
  ["reference", layerReference],
  ["onnxruntime", layerOnnxRuntime]
] as const) {
  describe(`trainingSteps on ${name}`, () => {
    it.effect("makes one element an update, with its metrics, its epoch and a snapshot", () =>
      Effect.gen(function* () {
        const elements = yield* trainingSteps(plain).pipe(
          Stream.mapEffect(({ snapshot, ...rest }) => Effect.map(snapshot, (taken) => ({ ...rest, taken }))),
          Stream.runCollect
        )
        assert.deepStrictEqual(
          elements.map(({ update, totalUpdates, epoch }) => [update, totalUpdates, epoch]),
          // Ten images in batches of two are five updates an epoch.
          Array.from({ length: 12 }, (_, i) => [i + 1, 12, (i + 1) / 5])
        )
        for (const [i, { update, metrics, taken }] of elements.entries()) {
          assert.deepStrictEqual(taken.tensors["count"]?.values[0], i + 1)
          assert.deepStrictEqual([taken.update, taken.metrics], [update, metrics])
          const { loss = Number.NaN } = metrics
          assert.isAbove(loss, 10 * i - 3)
          assert.isBelow(loss, 10 * i + 4)
        }
        // Batches and noise differ from update to update.
        const residues = elements.map(({ metrics }, i) => (metrics["loss"] ?? 0) - 10 * i)
        assert.strictEqual(new Set(residues.map((residue) => residue.toFixed(4))).size, 12)
      }).pipe(Effect.provide(layer))
    )

    it.effect("goes on from the snapshot of any update exactly as the whole run went on", () =>
      Effect.gen(function* () {
        const snapshots = yield* trainingSteps(plain).pipe(
          Stream.mapEffect(({ snapshot }) => snapshot),
          Stream.runCollect
        )
        const end = snapshots.at(-1)
        assert.isDefined(end)
        if (end === undefined) return
        for (const { update, tensors } of snapshots.slice(0, -1)) {
          const resumed = trainingSteps({ ...plain, start: { update, state: tensors } })
          const rest = yield* resumed.pipe(
            Stream.mapEffect(({ snapshot }) => snapshot),
            Stream.runCollect
          )
          const metricsOf = (list: ReadonlyArray<Snapshot>) => list.map(({ metrics }) => metrics)
          assert.deepStrictEqual(metricsOf(rest), metricsOf(snapshots.slice(update)))
          assertSameBits(rest.at(-1)?.tensors ?? {}, end.tensors)
        }
      }).pipe(Effect.provide(layer))
    )

    it.effect("gives a program that learns from labels those of its images, and goes on with them", () =>
      Effect.gen(function* () {
        const snapshots = yield* trainingSteps(ofLabels).pipe(
          Stream.mapEffect(({ snapshot }) => snapshot),
          Stream.runCollect
        )
        const expected = yield* shuffled(indices)
          .batches({ batchSize: 2, seed: 5, firstUpdate: 0 })
          .pipe(
            Stream.take(12),
            Stream.map(
              ({
                inputs: {
                  index: {
                    values: [a = 0, b = 0]
                  }
                },
                update
              }) => {
                return 100 * update + 10 * (images.labels?.[a] ?? Number.NaN) + (images.labels?.[b] ?? Number.NaN)
              }
            ),
            Stream.runCollect
          )
        assert.isAbove(new Set(expected.map((loss) => loss % 100)).size, 3)
        assert.deepStrictEqual(
          snapshots.map(({ metrics }) => metrics["loss"]),
          [...expected]
        )
        const end = snapshots.at(-1)
        for (const { update, tensors } of snapshots.slice(0, -1)) {
          const resumed = trainingSteps({ ...ofLabels, start: { update, state: tensors } })
          const last = Option.getOrThrow(yield* Stream.runLast(resumed))
          assertSameBits((yield* last.snapshot).tensors, end?.tensors ?? {})
        }
      }).pipe(Effect.provide(layer))
    )

    it.effect("does nothing if it starts at its end or beyond", () =>
      Effect.gen(function* () {
        for (const update of [12, 20]) {
          const last = yield* Stream.runLast(trainingSteps({ ...plain, start: { update, state: plain.start.state } }))
          assert.isTrue(Option.isNone(last))
        }
      }).pipe(Effect.provide(layer))
    )

    it.effect("ends at the update whose loss is not finite, and keeps no checkpoint of it", () =>
      Effect.gen(function* () {
        const plan = counting((count) => ({ loss: sound(count, 5.5) }))
        const seen: Array<number> = []
        const error = yield* trainingSteps(plan).pipe(
          Stream.tap(({ update }) => Effect.sync(() => seen.push(update))),
          checkpointEvery(2, describeNothing),
          Stream.runDrain,
          Effect.flip
        )
        assert.strictEqual(
          error.message,
          "Training diverged: after update 7, loss is NaN. The last good checkpoint is memory/update-6."
        )
        assert.deepStrictEqual(seen, [1, 2, 3, 4, 5, 6])
        assert.deepStrictEqual(yield* Effect.flatMap(CheckpointStore, ({ list }) => list), [2, 4, 6])
      }).pipe(Effect.provide([layer, layerCheckpointMemory, layerSilent], { local: true }))
    )

    it.effect("ends where a parameter is not finite at a checkpoint although the loss still is", () =>
      Effect.gen(function* () {
        const plan = counting((count) => ({ loss: add(count, 1), other: divide(1, subtract(count, 3)) }))
        const error = yield* trainingSteps(plan).pipe(checkpointEvery(4, describeNothing), Stream.runDrain, Effect.flip)
        assert.strictEqual(
          error.message,
          "Training diverged: after update 4, other is Infinity. There is no checkpoint to go back to."
        )
        assert.deepStrictEqual(yield* Effect.flatMap(CheckpointStore, ({ list }) => list), [])
      }).pipe(Effect.provide([layer, layerCheckpointMemory, layerSilent], { local: true }))
    )
  })
}

const describeNothing = ({ update, metrics }: Snapshot) =>
  Effect.succeed({
    library: { name: "fovea", version: "0.0.0" },
    model: "counting",
    update,
    seed: 0,
    settings: {},
    backend: "any",
    dataset: { name: "none", digests: {} },
    metrics,
    createdAt: "2026-01-01T00:00:00.000Z"
  })

describe("trainingSteps", () => {
  it.effect("refuses batches larger than the set", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        Stream.runDrain(trainingSteps({ ...plain, data: shuffled(imageExamples(takeImages(images, 0, 1))) }))
      )
      assert.match(error.message, /A batch of 2 examples cannot be taken from a set of 1/)
    }).pipe(Effect.provide(layerReference))
  )

  it("refuses an output that is not a scalar, whatever its size, by its name and shape, before anything is computed", () => {
    const logits = (shape: ReadonlyArray<number>) =>
      counting((count) => ({ loss: broadcast(count, shape), other: count }))
    for (const shape of [[4, 1], [2], [1], [1, 1]]) {
      assert.throws(
        () => trainingSteps(logits(shape)),
        ProgramError,
        `counting: the output "loss" has shape [${shape.join(", ")}]; what a training measures is a scalar`
      )
    }
    assert.doesNotThrow(() => trainingSteps(logits([])))
  })

  it.effect("trains a program without labels on labelled images as on the same without", () =>
    Effect.gen(function* () {
      const losses = (plan: TrainingPlan<"loss", "images">) =>
        trainingSteps(plan).pipe(
          Stream.map(({ metrics }) => metrics),
          Stream.runCollect
        )
      assert.deepStrictEqual(
        yield* losses({ ...plain, data: shuffled(labelledExamples(labelled)) }),
        yield* losses(plain)
      )
    }).pipe(Effect.provide(layerReference))
  )

  it("does not compile for data that lack an input; got round, it names the input and what there is", () => {
    // @ts-expect-error: these data have no labels
    const wrong: TrainingPlan<"loss", "images" | "labels"> = { ...ofLabels, data: shuffled(imageExamples(images)) }
    assert.throws(
      () => trainingSteps(wrong),
      ProgramError,
      'has the input "labels" [2, 3], and the data (memory) have "images" [1, 3, 2]'
    )
  })

  it("says which input the data have in another shape", () => {
    const wide = syntheticImages({ count: 10, channels: 1, height: 3, width: 4, seed: 0, stream: "test" })
    assert.throws(
      () => trainingSteps({ ...plain, data: shuffled(imageExamples(wide)) }),
      ProgramError,
      'counting: has the input "images" [2, 1, 3, 2], but a batch of the data (memory) is [2, 1, 3, 4]'
    )
  })

  it.live("is interrupted within an update on a backend that never waits", () =>
    Effect.gen(function* () {
      let done = 0
      const steps = trainingSteps({ ...plain, totalUpdates: 20_000 }).pipe(
        Stream.tap(({ update }) =>
          Effect.sync(() => {
            done = update
          })
        ),
        Stream.runDrain
      )
      // A run that kept the thread to itself would end before the other fiber is heard.
      const ended = yield* Effect.raceFirst(
        Effect.as(steps, "by itself"),
        Effect.as(Effect.repeat(Effect.yieldNow, { until: () => done >= 3 }), "interrupted")
      )
      assert.strictEqual(ended, "interrupted")
      assert.isAtMost(done, 4)
    }).pipe(Effect.provide(layerReference))
  )

  it.live("finishes the update in hand when it is interrupted", () =>
    Effect.gen(function* () {
      const { list, load } = yield* CheckpointStore
      // Interrupted from outside, at whatever moment of an update comes.
      yield* trainingSteps({ ...plain, totalUpdates: 1_000_000 }).pipe(
        checkpointEvery(1_000_000, describeNothing),
        Stream.runDrain,
        Effect.timeoutOption("150 millis")
      )
      const [update = 0] = yield* list
      assert.isAbove(update, 0)
      const { tensors } = yield* load(update)
      assert.strictEqual(tensors["count"]?.values[0], update)
    }).pipe(Effect.provide(Layer.mergeAll(layerOnnxRuntime, layerCheckpointMemory, layerSilent), { local: true }))
  )
})
