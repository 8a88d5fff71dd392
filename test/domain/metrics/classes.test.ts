import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import {
  classFrequencies,
  classMeasures,
  entropy,
  labelMeasures,
  mostProbable,
  totalVariation
} from "../../../src/domain/metrics/classes.ts"
import { inceptionScore } from "../../../src/domain/metrics/inceptionScore.ts"
import { meanAndError } from "../../../src/domain/metrics/MeanAndError.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { normals } from "../../support/randomNumbers.ts"
import { assertFails, float64, generated } from "./samples.ts"

const distribution = (size: number): fc.Arbitrary<Float64Array> =>
  fc
    .array(fc.integer({ min: 0, max: 100 }), { minLength: size, maxLength: size })
    .filter((counts) => counts.some((count) => count > 0))
    .map((counts) => {
      const total = counts.reduce((sum, count) => sum + count, 0)
      return Float64Array.from(counts, (count) => count / total)
    })

const probabilities = (minimum: number): fc.Arbitrary<TensorData> =>
  fc.array(distribution(4), { minLength: minimum, maxLength: 30 }).map((rows) =>
    float64(
      [rows.length, 4],
      rows.flatMap((row) => [...row])
    )
  )

const oneHot = (labels: ReadonlyArray<number>, classes: number): TensorData =>
  generated([labels.length, classes], (i) => (labels[Math.floor(i / classes)] === i % classes ? 1 : 0))

const uniform = (n: number) => new Float64Array(n).fill(1 / n)
const score = (p: TensorData) => Result.getOrThrow(inceptionScore(p))

describe("class measures", () => {
  it("by hand", () => {
    const found = Result.getOrThrow(
      classMeasures(float64([4, 3], [0.5, 0.3, 0.2, 0.1, 0.8, 0.1, 0.4, 0.4, 0.2, 0.9, 0.1, 0]), uniform(3))
    )
    assert.deepStrictEqual([...found.frequencies], [0.75, 0.25, 0])
    assert.closeTo(found.entropy, -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), 1e-12)
    assert.closeTo(found.distance, 0.75 - 1 / 3, 1e-12)
    assert.closeTo(found.confidence.mean, (0.5 + 0.8 + 0.4 + 0.9) / 4, 1e-12)
    assert.strictEqual(found.missing, 1)
    assert.strictEqual(found.legible, 0, "0.9 is not over 0.9")
  })

  it("read what they name with a probability over 0.9, and never less than the mean probability allows", () => {
    const some = float64([4, 2], [0.95, 0.05, 0.5, 0.5, 0.08, 0.92, 0.85, 0.15])
    assert.strictEqual(Result.getOrThrow(classMeasures(some, uniform(2))).legible, 0.5)
    fc.assert(
      fc.property(fc.array(distribution(4), { minLength: 1, maxLength: 20 }), (rows) => {
        const p = float64(
          [rows.length, 4],
          rows.flatMap((row) => [...row])
        )
        const { legible, confidence } = Result.getOrThrow(classMeasures(p, uniform(4)))
        // Markov: those over 0.9 have at most 1 each, the others at most 0.9.
        assert.isAtMost(confidence.mean, legible + 0.9 * (1 - legible) + 1e-12)
        assert.isAtLeast(confidence.mean, 0.9 * legible + 0.25 * (1 - legible) - 1e-12)
      })
    )
  })

  it("take the first of equally probable classes", () => {
    assert.deepStrictEqual([...mostProbable(float64([2, 3], [0.4, 0.4, 0.2, 0.2, 0.4, 0.4]))], [0, 1])
  })

  it("have an entropy in [0, ln classes], the largest where all are alike", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }).chain(distribution), (p) => {
        assert.isAtLeast(entropy(p), 0)
        assert.isAtMost(entropy(p), Math.log(p.length) + 1e-12)
        assert.closeTo(entropy(uniform(p.length)), Math.log(p.length), 1e-12)
      })
    )
    assert.strictEqual(entropy(Float64Array.of(0, 1, 0)), 0)
  })

  it("have a distance that is a metric in [0, 1]", () => {
    fc.assert(
      fc.property(distribution(5), distribution(5), distribution(5), (p, q, r) => {
        assert.strictEqual(totalVariation(p, p), 0)
        assert.closeTo(totalVariation(p, q), totalVariation(q, p), 1e-12)
        assert.isAtMost(totalVariation(p, q), 1 + 1e-12)
        assert.isAtMost(totalVariation(p, r), totalVariation(p, q) + totalVariation(q, r) + 1e-12)
      })
    )
    assert.strictEqual(totalVariation(Float64Array.of(1, 0), Float64Array.of(0, 1)), 1)
  })

  it("refuse labels that are no classes, and what is not probabilities", () => {
    assert.throws(() => classFrequencies([0, 3], 3), /Label 1 is 3/)
    assert.throws(() => totalVariation(uniform(2), uniform(3)), RangeError)
    assertFails(classMeasures(float64([1, 2], [0.5, 0.6]), uniform(2)), /sample 0 must be non-negative and sum to 1/)
    assertFails(classMeasures(float64([1, 2], [1.5, -0.5]), uniform(2)), /sample 0 must be non-negative/)
    assertFails(classMeasures(float64([1, 2], [1, 0]), uniform(3)), /frequencies of 2 classes, found 3/)
  })
})

describe("the Inception score", () => {
  it("is the number of classes for sure and even answers, and 1 for answers that tell nothing", () => {
    const sure = oneHot(
      Array.from({ length: 40 }, (_, i) => i % 10),
      10
    )
    assert.closeTo(score(sure).mean, 10, 1e-9)
    assert.closeTo(score(sure).standardError, 0, 1e-9)
    const vague = generated([40, 10], (i) => ((i % 10) + 1) / 55)
    assert.closeTo(score(vague).mean, 1, 1e-12)
    const collapsed = oneHot(new Array<number>(20).fill(3), 10)
    assert.closeTo(score(collapsed).mean, 1, 1e-12)
  })

  it("lies between 1 and the number of classes, whatever the order of classes", () => {
    fc.assert(
      fc.property(probabilities(1), (p) => {
        const found = score(p).mean
        assert.isAtLeast(found, 1 - 1e-12)
        assert.isAtMost(found, 4 + 1e-9)
        const turned = generated(p.shape, (i) => p.values[i - (i % 4) + ((i + 1) % 4)] ?? 0)
        assert.closeTo(score(turned).mean, found, 1e-9)
      })
    )
  })

  it("of sure answers is e to the entropy of their classes", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { minLength: 2, maxLength: 40 }), (labels) => {
        const expected = Math.exp(entropy(classFrequencies(labels, 5)))
        assert.closeTo(score(oneHot(labels, 5)).mean, expected, 1e-9)
      })
    )
  })

  it("has the spread of scores of fresh samples as its standard error", () => {
    const drawn = (seed: number) =>
      generated([200, 3], (i) => {
        const noise = normals(seed, "answers", [200], 0.15)[Math.floor(i / 3)] ?? 0
        const sure = Math.min(Math.max(0.7 + noise, 0.34), 1)
        return i % 3 === Math.floor(i / 3) % 3 ? sure : (1 - sure) / 2
      })
    const scores = Array.from({ length: 200 }, (_, seed) => score(drawn(seed)))
    const spread = meanAndError(scores.map(({ mean }) => mean)).standardError * Math.sqrt(scores.length)
    const stated = meanAndError(scores.map(({ standardError }) => standardError)).mean
    assert.closeTo(stated / spread, 1, 0.15)
  })

  it("of images sorted by class is that of the same images in any order", () => {
    const labels = Array.from({ length: 200 }, (_, i) => Math.floor(i / 20))
    assert.closeTo(score(oneHot(labels, 10)).mean, 10, 1e-9)
  })

  it("of one sample is 1, with an error that nobody knows; of none it is refused", () => {
    assert.deepStrictEqual(score(oneHot([2], 3)), { mean: 1, standardError: Number.NaN, count: 1 })
    assertFails(inceptionScore(float64([0, 3], [])), /needs at least 1 samples/)
  })
})

describe("label measures", () => {
  const seen = float64([3, 3], [0.7, 0.2, 0.1, 0.3, 0.6, 0.1, 0, 0, 1])

  it("are the probabilities of what was asked for, and the share of images that show it", () => {
    const { confidence, accuracy } = Result.getOrThrow(labelMeasures(seen, [0, 0, 2]))
    assert.closeTo(confidence.mean, (0.7 + 0.3 + 1) / 3, 1e-15)
    assert.strictEqual(confidence.count, 3)
    assert.strictEqual(accuracy, 2 / 3)
  })

  it("are those of class measures where every image is asked to be what it shows", () => {
    fc.assert(
      fc.property(probabilities(1), (p) => {
        const { confidence, accuracy } = Result.getOrThrow(labelMeasures(p, mostProbable(p)))
        assert.strictEqual(accuracy, 1)
        assert.strictEqual(confidence.mean, Result.getOrThrow(classMeasures(p, uniform(4))).confidence.mean)
      })
    )
  })

  it("say which labels do not fit the samples", () => {
    assertFails(labelMeasures(seen, [0, 1]), /expected one for each of 3 samples, found 2/)
    assertFails(labelMeasures(seen, [0, 1, 3]), /label 2 is 3, but there are 3 classes from 0/)
    assertFails(labelMeasures(seen, [0, 0.5, 2]), /label 1 is 0\.5/)
    assertFails(labelMeasures(seen, [0, -1, 2]), /label 1 is -1/)
    assertFails(labelMeasures(float64([1, 2], [0.5, 0.6]), [0]), /sum to 1/)
  })
})
