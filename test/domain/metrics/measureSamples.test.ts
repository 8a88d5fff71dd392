import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { completeMeasures } from "../../../src/domain/metrics/AvailableMeasures.ts"
import { type EvaluatedImages, evaluatedReference, mostPairs } from "../../../src/domain/metrics/evaluatedReference.ts"
import { historyMeasures, measureAttempts } from "../../../src/domain/metrics/measureSamples.ts"
import { neighbourhoods } from "../../../src/domain/metrics/neighbourhoods.ts"
import { HistoryMeasures, SampleMeasures } from "../../../src/domain/metrics/SampleMeasures.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertFails, generated, normalSamples } from "./samples.ts"

const classes = 3

/** Images of one bright pixel each, its class their index's. */
const judged = (seed: number, count: number, shift = 0): EvaluatedImages => ({
  images: generated([count, 1, 4, 4], (i) => (i % 16 === 5 ? 0.5 : 0)),
  features: normalSamples(seed, "features", [count, 4], shift),
  probabilities: generated([count, classes], (i) => (i % classes === Math.floor(i / classes) % classes ? 0.8 : 0.1))
})

const trainingFeatures = normalSamples(1, "training", [400, 4])
const testImages = generated([30, 1, 4, 4], (i) => (i % 16 === 5 ? 1 : 0))
const real = { trainingFeatures, classFrequencies: Float64Array.of(0.5, 0.25, 0.25), testImages, seed: 0 }
const reference = Result.getOrThrow(evaluatedReference(real))

const measures = (own: EvaluatedImages) => {
  const { statistics, features, classFrequencies, testSharpness, testGreyness, testSpeckle } = reference
  const attempts = measureAttempts({
    judged: {
      images: own.images,
      features: Result.succeed(own.features),
      probabilities: Result.succeed(own.probabilities)
    },
    real: {
      features: Result.succeed({ statistics, features }),
      classFrequencies: Result.succeed(classFrequencies),
      looks: {
        testSharpness: Result.succeed(testSharpness),
        testGreyness: Result.succeed(testGreyness),
        testSpeckle: Result.succeed(testSpeckle)
      }
    },
    pairs: {
      neighbourhoods: neighbourhoods(features, own.features),
      memorisation: Result.succeed({ ratio: 1.5, nearerThanTest: 0.25 }),
      parzen: Result.succeed({ logLikelihood: 7, standardError: 2, width: 0.2 })
    }
  })
  return completeMeasures(own.images.shape[0] ?? 0, attempts)
}

const measured = (own: EvaluatedImages) => Result.getOrThrow(measures(own))

describe("the measures of samples", () => {
  it("are each measure in its place", () => {
    const found = measured(judged(2, 300))
    assert.strictEqual(found.count, 300)
    assert.isBelow(found.frechetDistance, 0.2)
    assert.closeTo(found.kernelDistance.value, 0, 0.1)
    for (const share of [found.precision, found.recall, found.coverage]) assert.isAbove(share, 0.8)
    assert.closeTo(found.density, 1, 0.2)
    assert.deepStrictEqual(
      found.classHistogram.map((share) => Math.round(300 * share)),
      [100, 100, 100]
    )
    assert.closeTo(found.classEntropy, Math.log(3), 1e-12)
    assert.closeTo(found.classDistance, 1 / 6, 1e-12)
    assert.closeTo(found.confidence.value, 0.8, 1e-12)
    // Half as bright, so half as sharp.
    assert.closeTo(found.sharpness.value, 0.5, 1e-6)
    assert.deepStrictEqual(found.memorisation, { ratio: 1.5, nearerThanTest: 0.25 })
    assert.deepStrictEqual(found.parzen, { logLikelihood: 7, standardError: 2, width: 0.2 })
    const entropy = -(0.8 * Math.log(0.8) + 0.2 * Math.log(0.1))
    assert.closeTo(found.inceptionScore.value, 3 * Math.exp(-entropy), 1e-3)
    Schema.decodeUnknownSync(SampleMeasures)(JSON.parse(JSON.stringify(found)))
  })

  it("tell features that moved away", () => {
    const [near, far] = [measured(judged(2, 300)), measured(judged(2, 300, 10))]
    assert.closeTo(far.frechetDistance, near.frechetDistance + 400, 20)
    assert.isAbove(far.kernelDistance.value, 100)
    assert.deepStrictEqual([far.precision, far.recall, far.density, far.coverage], [0, 0, 0, 0])
  })

  it("are cheaper over a training, and the same where both are taken", () => {
    const own = judged(2, 200)
    const all = measured(own)
    const few = Result.getOrThrow(
      historyMeasures(own, reference, Result.getOrThrow(neighbourhoods(reference.features, own.features)))
    )
    assert.deepStrictEqual(few, {
      count: 200,
      frechetDistance: all.frechetDistance,
      classEntropy: all.classEntropy,
      confidence: all.confidence.value,
      coverage: all.coverage,
      precision: all.precision,
      sharpness: all.sharpness.value
    })
    Schema.decodeUnknownSync(HistoryMeasures)(few)
  })

  it("need as many samples as have five neighbours each", () => {
    assert.strictEqual(measured(judged(2, 6)).count, 6)
    assertFails(measures(judged(2, 3)), /generated: needs at least \d samples, 3 were given/)
  })

  it("are finite for samples that are all alike", () => {
    const own = {
      images: generated([50, 1, 4, 4], () => 0),
      features: generated([50, 4], () => 0),
      probabilities: generated([50, classes], (i) => (i % classes === 0 ? 1 : 0))
    }
    const numbers = JSON.stringify(measured(own))
    assert.notInclude(numbers, "null")
    assert.strictEqual(measured(own).classEntropy, 0)
  })
})

describe("the reference", () => {
  it("compares pairs with at most ten thousand features, and fits its Gaussian to all", () => {
    const many = tensorData(
      [mostPairs + 5, 1],
      Float32Array.from({ length: mostPairs + 5 }, (_, i) => i)
    )
    const found = Result.getOrThrow(evaluatedReference({ ...real, trainingFeatures: many }))
    assert.deepStrictEqual(found.features.shape, [mostPairs, 1])
    assert.strictEqual(new Set(found.features.values).size, mostPairs)
    assert.strictEqual(found.statistics.count, mostPairs + 5)
    const again = Result.getOrThrow(evaluatedReference({ ...real, trainingFeatures: many, seed: 1 }))
    assert.notDeepEqual(again.features.values, found.features.values)
  })

  it("needs test images with edges", () => {
    const flat = generated([30, 1, 4, 4], () => 0.5)
    assertFails(evaluatedReference({ ...real, testImages: flat }), /sharpness: test images: all are flat/)
  })
})
