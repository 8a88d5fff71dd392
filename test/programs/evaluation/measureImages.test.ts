import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type ImageSet, joinImages, selectImages, takeImages } from "../../../src/domain/data/Images.ts"
import { AvailableMeasures } from "../../../src/domain/metrics/AvailableMeasures.ts"
import { HistoryMeasures, SampleMeasures } from "../../../src/domain/metrics/SampleMeasures.ts"
import { permutation } from "../../../src/domain/random/permutation.ts"
import { filled, type TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { layerSynthetic } from "../../../src/layers/dataset/synthetic.ts"
import { drawnImages, firstImages, openReference } from "../../../src/programs/evaluation/EvaluationReference.ts"
import { evaluateImages } from "../../../src/programs/evaluation/evaluateImages.ts"
import { measureAvailable, measureHistory, measureSamples } from "../../../src/programs/evaluation/measureImages.ts"
import { measureReferences } from "../../../src/programs/evaluation/measureReferences.ts"
import { tinyClassifier } from "./tinyClassifier.ts"

const world = Layer.mergeAll(
  layerOnnxRuntime,
  layerSynthetic({ count: 360, channels: 1, height: 8, width: 8, seed: 0 })
)

const opened = Effect.gen(function* () {
  const dataset = yield* Dataset
  return { dataset, reference: yield* openReference(tinyClassifier(dataset.training, 10)) }
})

const allFinite = (measures: unknown) =>
  assert.notInclude(JSON.stringify(measures), "null", "a number is not finite, which JSON cannot say")

describe("the measures of images", () => {
  layer(world)((it) => {
    it.effect("are the same whenever they are taken, and those of real images are good", () =>
      Effect.gen(function* () {
        const { dataset, reference } = yield* opened
        const images = firstImages(dataset.validation, 60)
        const found = yield* measureSamples(reference, images)
        assert.deepStrictEqual(yield* measureSamples(reference, images), found)
        Schema.decodeUnknownSync(SampleMeasures)(found)
        allFinite(found)
        assert.strictEqual(found.count, 60)
        for (const share of [found.precision, found.recall, found.coverage]) assert.isAbove(share, 0.8)
        assert.closeTo(found.density, 1, 0.3)
        assert.closeTo(found.sharpness.value, 1, 0.1)
        assert.closeTo(found.memorisation.ratio, 1, 0.2)

        const course = yield* measureHistory(reference, images)
        Schema.decodeUnknownSync(HistoryMeasures)(course)
        assert.strictEqual(course.frechetDistance, found.frechetDistance)
        assert.strictEqual(course.coverage, found.coverage)
        assert.strictEqual(course.sharpness, found.sharpness.value)
      })
    )

    it.effect("tell copies of training images", () =>
      Effect.gen(function* () {
        const { dataset, reference } = yield* opened
        const { memorisation } = yield* measureSamples(reference, drawnImages(dataset.training, 60, 0, "copies"))
        assert.isBelow(memorisation.ratio, 0.01)
        assert.strictEqual(memorisation.nearerThanTest, 1)
      })
    )

    it.effect("have a floor and ceilings, all of them finite", () =>
      Effect.gen(function* () {
        const { reference } = yield* opened
        const { testImages, noise, meanImage } = yield* measureReferences(reference, 60)
        for (const measures of [testImages, noise, meanImage]) {
          assert.strictEqual(measures.count, 60)
          allFinite(measures)
          assert.isAtLeast(measures.frechetDistance, testImages.frechetDistance)
          assert.isAtLeast(measures.kernelDistance.value, testImages.kernelDistance.value)
          assert.isAtMost(measures.coverage, testImages.coverage)
          assert.isAtMost(measures.parzen.logLikelihood, testImages.parzen.logLikelihood)
        }
        assert.strictEqual(meanImage.inceptionScore.value, 1)
        assert.strictEqual(meanImage.classEntropy, 0)
        assert.strictEqual(meanImage.recall, 0)
        assert.isAbove(noise.memorisation.ratio, 1.2)
        // A window that held the test images themselves would call them far likelier than other real images.
        assert.isBelow(testImages.parzen.logLikelihood, 60)
      })
    )

    it.effect("of images that are all black are finite", () =>
      Effect.gen(function* () {
        const { reference } = yield* opened
        const found = yield* measureSamples(reference, filled([40, 1, 8, 8], 0))
        allFinite(found)
        assert.deepStrictEqual(found.sharpness, { value: 0, standardError: 0 })
      })
    )

    it.effect("are refused for too few images, or of another size", () =>
      Effect.gen(function* () {
        const { reference } = yield* opened
        const samples = (images: TensorData) => Effect.asVoid(measureSamples(reference, images))
        const course = (images: TensorData) => Effect.asVoid(measureHistory(reference, images))
        for (const [measure, shape, message] of [
          [samples, [5, 1, 8, 8], /needs at least 6 images and as many training images, found 5/],
          [samples, [30, 1, 8, 7], /expected images \[1, 8, 8\] .*found \[1, 8, 7\]/],
          [course, [5, 1, 8, 8], /needs at least 6 images and as many training images, found 5/],
          [course, [30, 3, 8, 8], /expected images \[1, 8, 8\] .*found \[3, 8, 8\]/]
        ] as const) {
          const error = yield* Effect.flip(measure(filled(shape, 0.5)))
          assert.strictEqual(error._tag, "MeasureError")
          assert.match(error.message, message)
        }
      })
    )

    it.effect("need enough real data, and test images that are no copies", () =>
      Effect.gen(function* () {
        const dataset = yield* Dataset
        const { training, validation, test } = dataset
        for (const [changes, message] of [
          [{ validation: takeImages(validation, 0, 0) }, /Parzen window: validation images: there are none/],
          [{ test: takeImages(test, 0, 1) }, /memorisation: test images: needs at least 2 .* the data have 1/],
          [{ test: takeImages(test, 0, 0) }, /real data: test images: there are none/],
          [{ test: takeImages(training, 0, 30) }, /test images: all are training images, too/],
          [{ training: takeImages(training, 0, 1) }, /feature statistics: features: needs at least 2 samples/],
          [{ training: takeImages(training, 0, 0) }, /real data: training images: there are none/]
        ] as const) {
          const error = yield* openReference(tinyClassifier(training, 10)).pipe(
            Effect.flatMap((reference) => measureSamples(reference, firstImages(validation, 30))),
            Effect.provideService(Dataset, { ...dataset, ...changes }),
            Effect.flip
          )
          assert.match(error.message, message)
        }
      })
    )

    it.effect("are the same to the last bit whatever the order of the images and of the data", () =>
      Effect.gen(function* () {
        const dataset = yield* Dataset
        const shuffled = (set: ImageSet, seed: number) =>
          selectImages(set, permutation({ seed, stream: "shuffled", step: 0 }, set.count))
        // With copies, as folders of images have them.
        const images = joinImages([takeImages(dataset.validation, 0, 40), takeImages(dataset.validation, 0, 9)])
        const classifier = tinyClassifier(dataset.training, 10)
        const measured = (data: Dataset["Service"], set: ImageSet) =>
          openReference(classifier).pipe(
            Effect.flatMap((reference) =>
              Effect.all([
                measureSamples(reference, firstImages(set, set.count)),
                measureHistory(reference, firstImages(set, set.count)),
                measureReferences(reference, 30)
              ])
            ),
            Effect.provideService(Dataset, data)
          )
        const there = yield* measured(dataset, images)
        const { training, validation, test } = dataset
        const turned = {
          ...dataset,
          training: shuffled(training, 1),
          validation: shuffled(validation, 2),
          test: shuffled(test, 3)
        }
        const again = yield* measured(turned, shuffled(images, 4))
        const numbers = (measures: unknown) =>
          JSON.stringify(measures, (_, value) => (typeof value === "number" ? Number(value.toPrecision(9)) : value))
        assert.strictEqual(numbers(again), numbers(there))
      })
    )

    it.effect("are taken as far as there are images, and say what is missing of the others", () =>
      Effect.gen(function* () {
        const { dataset, reference } = yield* opened
        for (const [count, missing] of [
          [1, ["frechetDistance", "kernelDistance", "precision", "recall", "density", "coverage"]],
          [2, ["kernelDistance", "precision", "recall", "density", "coverage"]],
          [5, ["precision", "recall", "density", "coverage"]],
          [6, []],
          [101, []]
        ] as const) {
          const found = yield* measureAvailable(reference, firstImages(dataset.training, count))
          allFinite(found)
          assert.sameMembers(
            found.unmeasured.flatMap(({ measures }) => measures),
            [...missing]
          )
          for (const field of missing) assert.notProperty(found, field)
          assert.strictEqual(found.count, count)
          Schema.decodeUnknownSync(AvailableMeasures)(JSON.parse(JSON.stringify(found)))
        }
      })
    )

    it.effect("stand beside their source in an evaluation, which says what is done", () =>
      Effect.gen(function* () {
        const { training, validation } = yield* Dataset
        const said: Array<string> = []
        const evaluation = yield* evaluateImages({
          images: firstImages(validation, 30),
          source: "somewhere",
          classifier: Result.succeed(tinyClassifier(training, 10)),
          say: (what) => Effect.sync(() => said.push(what))
        })
        assert.strictEqual(evaluation.source, "somewhere")
        assert.deepStrictEqual(evaluation.classifier, { epochs: 0, testAccuracy: 0.1 })
        assert.strictEqual(evaluation.samples.count, 30)
        assert.strictEqual(evaluation.references.noise.count, 30)
        assert.strictEqual(said.length, 3)
      })
    )
  })
})
