import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { classifierModel } from "../../../../src/domain/model/classifier/Classifier.ts"
import { ClassifierSettings } from "../../../../src/domain/model/classifier/ClassifierSettings.ts"
import { initialise, parameterPlaceholders } from "../../../../src/domain/nn/parameter.ts"
import { crossEntropy } from "../../../../src/domain/objective/crossEntropy.ts"
import { constant, placeholder } from "../../../../src/domain/tensor/source.ts"
import { isTensor } from "../../../../src/domain/tensor/Tensor.ts"
import { filled, tensorData } from "../../../../src/domain/tensor/TensorData.ts"
import { flattenTree } from "../../../../src/domain/tensor/Tree.ts"
import { assertClose } from "../../../support/assertClose.ts"
import { evaluateNamed } from "../../../support/evaluateNamed.ts"
import { assertGradient } from "../../../support/gradientCheck.ts"
import { normals, normalsFor } from "../../../support/randomNumbers.ts"
import { mnistFormat, seeds } from "../smallModels.ts"

const size = (max: number) => fc.integer({ min: 1, max })

/** Small classifiers for images of even and odd, equal and unequal sizes. */
const smallClassifiers = fc
  .record({
    kernels: fc.tuple(size(3), size(3)),
    kernelSize: fc.constantFrom(1, 3, 5),
    features: size(4),
    channels: size(2),
    height: size(7),
    width: size(7),
    classes: size(4)
  })
  .map(({ channels, height, width, classes, ...settings }) => ({
    settings: new ClassifierSettings(settings),
    format: { channels, height, width },
    classes
  }))

type Numbers = Readonly<Record<string, ArrayLike<number>>>

/** Images as `at(image, channel, row, column)`, with their sizes. */
interface Maps {
  readonly channels: number
  readonly rows: number
  readonly columns: number
  readonly at: (n: number, channel: number, row: number, column: number) => number
}

const relu = (x: number): number => Math.max(x, 0)
const entry = (values: ArrayLike<number> | undefined, i: number): number => values?.[i] ?? Number.NaN

/** A convolution at every second row and column whose kernel's middle lies there, with plain loops. */
const plainConvolution = (numbers: Numbers, name: string, outputs: number, size: number, x: Maps): Maps => {
  const [kernel, bias] = [numbers[`classifier.${name}.kernel`], numbers[`classifier.${name}.bias`]]
  const middle = (size - 1) / 2
  return {
    channels: outputs,
    rows: Math.ceil(x.rows / 2),
    columns: Math.ceil(x.columns / 2),
    at: (n, output, row, column) => {
      let total = entry(bias, output)
      for (let c = 0; c < x.channels; c++) {
        for (let p = 0; p < size; p++) {
          for (let q = 0; q < size; q++) {
            const [i, j] = [2 * row + p - middle, 2 * column + q - middle]
            if (i < 0 || i >= x.rows || j < 0 || j >= x.columns) continue
            total += entry(kernel, ((output * x.channels + c) * size + p) * size + q) * x.at(n, c, i, j)
          }
        }
      }
      return relu(total)
    }
  }
}

const plainLinear = (numbers: Numbers, name: string, outputs: number, x: ReadonlyArray<number>): Array<number> =>
  Array.from({ length: outputs }, (_, j) =>
    x.reduce(
      (total, value, k) => total + value * entry(numbers[`classifier.${name}.weight`], k * outputs + j),
      entry(numbers[`classifier.${name}.bias`], j)
    )
  )

describe("classifierModel", () => {
  it("is its formulas in plain loops", () => {
    fc.assert(
      fc.property(smallClassifiers, seeds, ({ settings, format, classes }, seed) => {
        const model = classifierModel(settings, format, classes)
        const { channels, height, width } = format
        const count = 2
        const images = placeholder("images", [count, channels, height, width])
        const parameters = parameterPlaceholders(model.parameters, "classifier")
        const features = model.features(parameters, images)
        const logits = model.logits(parameters, features)
        assert.deepStrictEqual(
          [features.shape, logits.shape],
          [
            [count, settings.features],
            [count, classes]
          ]
        )
        const numbers = normalsFor(seed, { ...flattenTree({ classifier: parameters }, isTensor), images }, 0.6)

        const pixel = (n: number, c: number, i: number, j: number) =>
          entry(numbers["images"], ((n * channels + c) * height + i) * width + j)
        const given: Maps = { channels, rows: height, columns: width, at: pixel }
        const [first, second] = settings.kernels
        const once = plainConvolution(numbers, "convolution1", first, settings.kernelSize, given)
        const twice = plainConvolution(numbers, "convolution2", second, settings.kernelSize, once)
        const expected = Array.from({ length: count }, (_, n) => {
          const seen: Array<number> = []
          for (let c = 0; c < second; c++) {
            for (let i = 0; i < twice.rows; i++) {
              for (let j = 0; j < twice.columns; j++) seen.push(twice.at(n, c, i, j))
            }
          }
          return plainLinear(numbers, "hidden", settings.features, seen).map(relu)
        })
        const [foundFeatures = [], foundLogits = []] = evaluateNamed([features, logits], numbers)
        assertClose(foundFeatures, expected.flat(), 1e-12, "features")
        assertClose(
          foundLogits,
          expected.flatMap((row) => plainLinear(numbers, "output", classes, row)),
          1e-12,
          "logits"
        )
      }),
      { numRuns: 30 }
    )
  })

  it("has the gradient of its formulas in every parameter", () => {
    fc.assert(
      fc.property(smallClassifiers, seeds, ({ settings, format, classes }, seed) => {
        const model = classifierModel(settings, format, classes)
        const shape = [2, format.channels, format.height, format.width]
        const images = constant(tensorData(shape, normals(seed, "images", shape)))
        const parameters = parameterPlaceholders(model.parameters, "classifier")
        const labels = constant(tensorData([2, classes], normals(seed, "labels", [2, classes]).map(Math.abs)))
        const loss = crossEntropy(model.logits(parameters, model.features(parameters, images)), labels)
        const given = flattenTree({ classifier: parameters }, isTensor)
        assertGradient(loss, given, normalsFor(seed, given, 0.6), { seed, kinks: true, spacing: 1e-4 })
      }),
      { numRuns: 8 }
    )
  })

  it("begins as He's rule has it: maps of images of about the size of the images", () => {
    const settings = new ClassifierSettings({ kernels: [8, 12], kernelSize: 5, features: 32 })
    const { parameters } = classifierModel(settings, mnistFormat, 10)
    const marginals = { mean: filled([1], 0), sample: filled([1], 0) }
    const first = initialise(parameters, 1, marginals)
    for (const [path, inputs] of [
      ["convolution1.kernel", 25],
      ["convolution2.kernel", 8 * 25],
      ["hidden.weight", 12 * 49]
    ] as const) {
      const values = Array.from(first[path]?.values ?? [])
      const variance = values.reduce((total, value) => total + value * value, 0) / values.length
      // 200 draws at the least, from a uniform distribution: a standard error of 0.06 of the variance.
      assert.approximately((variance * inputs) / 2, 1, 0.25, path)
    }
    for (const path of ["convolution1.bias", "convolution2.bias", "hidden.bias", "output.bias"]) {
      assert.isTrue(
        first[path]?.values.every((value) => value === 0),
        path
      )
    }
  })
})
