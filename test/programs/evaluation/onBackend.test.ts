import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { ImageSet } from "../../../src/domain/dataset/Images.ts"
import { syntheticImages } from "../../../src/domain/dataset/syntheticImages.ts"
import { meanAndError } from "../../../src/domain/evaluation/MeanAndError.ts"
import { nearestReferences } from "../../../src/domain/evaluation/nearestNeighbours.ts"
import { neighbourhoods } from "../../../src/domain/evaluation/neighbourhoods.ts"
import { rowsOf } from "../../../src/domain/evaluation/Rows.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { firstImages } from "../../../src/programs/evaluation/EvaluationReference.ts"
import { neighboursOnBackend, realNeighbours } from "../../../src/programs/evaluation/neighboursOnBackend.ts"
import { nearestDistances } from "../../../src/programs/evaluation/pairDistances.ts"
import { parzenLikelihood } from "../../../src/programs/evaluation/parzenLikelihood.ts"
import { normalSamples } from "../../domain/evaluation/samples.ts"

const images = (stream: string, count: number): ImageSet =>
  syntheticImages({ count, channels: 1, height: 5, width: 4, seed: 3, stream })

// More than a batch and no multiple of it, so that the last one is filled up.
const [pictures, training] = [firstImages(images("pictures", 130), 130), images("training", 150)]
const [validation, test] = [images("validation", 30), images("test", 120)]

/** The mean log-likelihood of a set and its error, by direct loops. */
const plainParzen = (samples: Float64Array, set: ImageSet, sigma: number) => {
  const d = 20
  const n = samples.length / d
  const x = firstImages(set, set.count).values
  return meanAndError(
    Array.from({ length: set.count }, (_, j) => {
      const exponents = Array.from({ length: n }, (_, i) => {
        let squared = 0
        for (let k = 0; k < d; k++) squared += ((x[j * d + k] ?? 0) - (samples[i * d + k] ?? 0)) ** 2
        return -squared / (2 * sigma ** 2)
      })
      const most = Math.max(...exponents)
      const total = exponents.reduce((sum, exponent) => sum + Math.exp(exponent - most), 0)
      return most + Math.log(total) - Math.log(n) - (d / 2) * Math.log(2 * Math.PI * sigma ** 2)
    })
  )
}

describe.each([
  ["reference", layerReference, 1e-9],
  ["ONNX Runtime", layerOnnxRuntime, 1e-3]
] as const)("on the backend %s", (_, backend, tolerance) => {
  layer(backend)((it) => {
    it.effect("the nearest images are those of the function of all pairs", () =>
      Effect.gen(function* () {
        // In three blocks, the last of which overlaps the second.
        const found = yield* nearestDistances(pictures, training, 64)
        const atOnce = yield* nearestDistances(pictures, training)
        const expected = nearestReferences(rowsOf(pictures), rowsOf(firstImages(training, training.count))).distances
        assert.strictEqual(found.length, 130)
        found.forEach((distance, i) => {
          assert.closeTo(distance, expected[i] ?? Number.NaN, tolerance)
          assert.closeTo(distance, atOnce[i] ?? Number.NaN, tolerance)
        })
      })
    )

    it.effect("copies of images are found, to the accuracy of the engine", () =>
      Effect.gen(function* () {
        const found = yield* nearestDistances(firstImages(training, 110), training)
        assert.isTrue(found.every((distance) => distance < 5 * tolerance + 1e-6))
      })
    )

    it.effect.each<readonly [seed: number, k: number]>([
      [0, 1],
      [1, 2],
      [2, 5]
    ])("neighbourhoods (seed %s) are those of the function of all pairs", ([seed, k]) =>
      Effect.gen(function* () {
        // Far from the origin, where float32 would lose the distances if they were not centred.
        const real = normalSamples(seed, "real", [130, 3], 1000)
        const generated = normalSamples(seed, "generated", [115, 3], 1000.5, 1.2)
        const found = yield* neighboursOnBackend(yield* realNeighbours(real, k), generated)
        assert.deepStrictEqual(found, Result.getOrThrow(neighbourhoods(real, generated, k)))
      })
    )

    it.effect("the Parzen window's width is chosen on validation images and its likelihood is the test's", () =>
      Effect.gen(function* () {
        const widths = [0.1, 0.25, 0.6]
        const found = yield* parzenLikelihood(pictures, { validation, test }, widths)
        const samples = Float64Array.from(pictures.values)
        const best = widths
          .map((width) => ({ width, mean: plainParzen(samples, validation, width).mean }))
          .toSorted((a, b) => b.mean - a.mean)[0]
        assert.strictEqual(found.width, best?.width)
        const { mean, standardError } = plainParzen(samples, test, found.width)
        assert.closeTo(found.logLikelihood, mean, tolerance)
        assert.closeTo(found.standardError, standardError, tolerance)
      })
    )
  })
})
