import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { gatherImages, type ImageSet } from "../../../src/domain/data/Images.ts"
import { syntheticImages } from "../../../src/domain/data/syntheticImages.ts"
import { classifierState } from "../../../src/domain/experiment/classifierTraining.ts"
import { classifierModel } from "../../../src/domain/model/classifier/Classifier.ts"
import { initialise, parameterPlaceholders } from "../../../src/domain/nn/parameter.ts"
import { softmax } from "../../../src/domain/tensor/reduction.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { filled, type TensorData, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { classify, classifyImageSet } from "../../../src/programs/classifier/classify.ts"
import type { TrainedClassifier } from "../../../src/programs/classifier/TrainedClassifier.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed } from "../../support/evaluateNamed.ts"
import { tinyExperiment } from "./tinyClassifier.ts"

const format = { channels: 1, height: 7, width: 6 }
const settings = tinyExperiment()
const model = classifierModel(settings.model, format, 3)
const noMarginals = { mean: filled([1], 0), sample: filled([1], 0) }

/** As good as a trained one: what is tested does not depend on the numbers. */
const classifier: TrainedClassifier = {
  settings,
  format,
  classes: 3,
  tensors: initialise(classifierState(model, settings.optimizer), 3, noMarginals),
  epochs: 0,
  testAccuracy: 0
}

const imagesOf = (count: number): ImageSet => syntheticImages({ count, ...format, seed: 4, stream: "test" })
const numbersOf = (set: ImageSet): TensorData =>
  gatherImages(
    set,
    Uint32Array.from({ length: set.count }, (_, i) => i)
  )

/** Rows `from .. to - 1`. */
const rows = ({ shape: [, width = 1], values }: TensorData, from: number, to: number) =>
  Array.from(values.subarray(from * width, to * width))

describe("classify", () => {
  it.effect("says of each image what the model's formulas say", () =>
    Effect.gen(function* () {
      const images = numbersOf(imagesOf(4))
      const given = placeholder("images", images.shape)
      const parameters = parameterPlaceholders(model.parameters, "classifier")
      const seen = model.features(parameters, given)
      const [features = [], probabilities = []] = evaluateNamed([seen, softmax(model.logits(parameters, seen))], {
        images: images.values,
        ...mapRecord(classifier.tensors, ({ values }) => values)
      })
      const found = yield* classify(classifier, images)
      assert.deepStrictEqual(
        [found.features.shape, found.probabilities.shape],
        [
          [4, 5],
          [4, 3]
        ]
      )
      assertClose(found.features.values, features, 1e-6, "features")
      assertClose(found.probabilities.values, probabilities, 1e-6, "probabilities")
    }).pipe(Effect.provide(layerReference))
  )

  it.effect("says the same of an image whatever the others are, across batches", () =>
    Effect.gen(function* () {
      const set = imagesOf(405)
      const all = yield* classify(classifier, numbersOf(set))
      assert.deepStrictEqual(all.features.shape, [405, 5])
      for (const i of [0, 199, 200, 399, 400, 404]) {
        const alone = yield* classify(classifier, gatherImages(set, [i]))
        assert.deepStrictEqual(rows(alone.features, 0, 1), rows(all.features, i, i + 1), `features of image ${i}`)
        assert.deepStrictEqual(rows(alone.probabilities, 0, 1), rows(all.probabilities, i, i + 1))
      }
      for (let i = 0; i < 405; i++) {
        const total = rows(all.probabilities, i, i + 1).reduce((sum, p) => sum + p, 0)
        assert.closeTo(total, 1, 1e-6)
        assert.isAtLeast(Math.min(...rows(all.features, i, i + 1)), 0)
      }
      assert.isAbove(new Set(all.probabilities.values).size, 200, "images differ")
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("takes float64 images and bytes as it takes float32 ones", () =>
    Effect.gen(function* () {
      const set = imagesOf(203)
      const images = numbersOf(set)
      const expected = yield* classify(classifier, images)
      const doubles = tensorData(images.shape, Float64Array.from(images.values))
      assert.deepStrictEqual(yield* classify(classifier, doubles), expected)
      assert.deepStrictEqual(yield* classifyImageSet(classifier, set), expected)
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("is a mistake for no images, or images of another size", () =>
    Effect.gen(function* () {
      const wide = yield* Effect.exit(classify(classifier, filled([2, 1, 7, 7], 0)))
      assert.include(
        String(wide),
        "RangeError: this classifier takes one image or more of [1, 7, 6], not 2 of [1, 7, 7]"
      )
      const none = yield* Effect.exit(classifyImageSet(classifier, { ...imagesOf(1), count: 0 }))
      assert.include(String(none), "not 0 of [1, 7, 6]")
    }).pipe(Effect.provide(layerOnnxRuntime))
  )
})
