import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { ImageSet } from "../../../src/domain/data/Images.ts"
import { syntheticImages } from "../../../src/domain/data/syntheticImages.ts"
import { meanAndError } from "../../../src/domain/metrics/MeanAndError.ts"
import { nearestReferences } from "../../../src/domain/metrics/nearestNeighbours.ts"
import { densityCoverage, neighbourhoods, precisionRecall } from "../../../src/domain/metrics/neighbourhoods.ts"
import type { Neighbourhoods } from "../../../src/domain/metrics/neighbourhoodTally.ts"
import { rowsOf } from "../../../src/domain/metrics/Rows.ts"
import { type TensorData, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { firstImages } from "../../../src/programs/evaluation/EvaluationReference.ts"
import { neighboursOnBackend, realNeighbours } from "../../../src/programs/evaluation/neighboursOnBackend.ts"
import { nearestDistances } from "../../../src/programs/evaluation/pairDistances.ts"
import { parzenLikelihood } from "../../../src/programs/evaluation/parzenLikelihood.ts"
import { generated, normalSamples } from "../../domain/metrics/samples.ts"
import { assertClose } from "../../support/assertClose.ts"

const images = (stream: string, count: number): ImageSet =>
  syntheticImages({ count, channels: 1, height: 5, width: 4, seed: 3, stream })

// More than a batch and no multiple of it, so that the last one is filled up.
const [shown, training] = [firstImages(images("shown", 130), 130), images("training", 150)]
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

const sharesOf = (both: Neighbourhoods) => Object.values({ ...precisionRecall(both), ...densityCoverage(both) })

describe.each([
  ["reference", layerReference, 1e-9],
  ["ONNX Runtime", layerOnnxRuntime, 1e-3]
] as const)("on the backend %s", (_, backend, tolerance) => {
  layer(backend)((it) => {
    it.effect("the nearest images are those of the function of all pairs", () =>
      Effect.gen(function* () {
        // In three blocks, the last of which overlaps the second.
        const found = yield* nearestDistances(shown, training, 64)
        const atOnce = yield* nearestDistances(shown, training)
        const expected = nearestReferences(rowsOf(shown), rowsOf(firstImages(training, training.count))).distances
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

    it.effect.each<readonly [at: number, scale: number]>([
      [1e8, 1],
      [-1e8, 1],
      [0, 1e40],
      [0, 1e-40],
      [1e-30, 1e-32],
      [1e130, 1e129]
    ])("neighbourhoods of features about %s of scale %s are those at the origin", ([at, scale]) =>
      Effect.gen(function* () {
        const set = (name: string, mean: number) => normalSamples(4, name, [120, 3], mean)
        const moved = ({ shape, values }: TensorData) =>
          tensorData(
            shape,
            Float64Array.from(values, (value) => at + scale * Math.fround(value))
          )
        const [real, generated] = [set("real", 0), set("generated", 0.5)]
        const found = yield* neighboursOnBackend(yield* realNeighbours(moved(real)), moved(generated))
        const expected = yield* neighboursOnBackend(yield* realNeighbours(real), generated)
        assertClose(sharesOf(found), sharesOf(expected), 0.02)
      })
    )

    it.effect(
      "neighbourhoods of two far clusters, and of one far outlier, are those of the function of all pairs",
      () =>
        Effect.gen(function* () {
          for (const far of [1e9, 1e20]) {
            const spread = normalSamples(5, "set", [120, 3])
            const clusters = generated([120, 3], (i) => (spread.values[i] ?? 0) + (i < 180 ? far : 0))
            const outlier = generated([120, 3], (i) => (spread.values[i] ?? 0) + (i < 3 ? far : 0))
            for (const [x, y] of [
              [clusters, outlier],
              [outlier, clusters],
              [spread, outlier]
            ] as const) {
              const found = yield* neighboursOnBackend(yield* realNeighbours(x), y)
              // Of those that lie near one another; to the far ones all are equally far in float32.
              const near = ({ generatedAround }: Neighbourhoods) => [...generatedAround.subarray(60)]
              assertClose(near(found), near(Result.getOrThrow(neighbourhoods(x, y))), 1)
            }
          }
        })
    )

    it.effect("neighbourhoods of features that are not finite, or too few, are refused in words", () =>
      Effect.gen(function* () {
        const good = normalSamples(6, "good", [20, 3])
        const refusal = (x: TensorData, y: TensorData) =>
          realNeighbours(x).pipe(
            Effect.flatMap((real) => neighboursOnBackend(real, y)),
            Effect.flip,
            Effect.map(({ message }) => message)
          )
        const spoilt = (value: number) => generated([20, 3], (i) => (i === 4 ? value : i))
        assert.match(yield* refusal(good, spoilt(Number.NaN)), /generated: sample 1 holds NaN/)
        assert.match(yield* refusal(spoilt(Number.POSITIVE_INFINITY), good), /real: sample 1 holds Infinity/)
        assert.match(yield* refusal(good, spoilt(1e200)), /generated: sample 1 holds 1e\+200; .*scale them down/)
        assert.match(yield* refusal(normalSamples(6, "few", [5, 3]), good), /real: needs at least 6 samples/)
        assert.match(yield* refusal(good, normalSamples(6, "wide", [20, 4])), /generated: its samples are \[4\]/)
      })
    )

    it.effect("the Parzen window's width is chosen on validation images and its likelihood is the test's", () =>
      Effect.gen(function* () {
        const widths = [0.1, 0.25, 0.6]
        const found = yield* parzenLikelihood(shown, { validation, test }, widths)
        const samples = Float64Array.from(shown.values)
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
