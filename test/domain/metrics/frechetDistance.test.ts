import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { type FeatureStatistics, featureStatistics } from "../../../src/domain/metrics/featureStatistics.ts"
import { frechetDistance } from "../../../src/domain/metrics/frechetDistance.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertFails, float64, normalSamples, rotated } from "./samples.ts"

const statistics = (features: TensorData) => Result.getOrThrow(featureStatistics(features))
const distance = (a: FeatureStatistics, b: FeatureStatistics) => Result.getOrThrow(frechetDistance(a, b))
const between = (a: TensorData, b: TensorData) => distance(statistics(a), statistics(b))

const diagonal = (mean: ReadonlyArray<number>, deviations: ReadonlyArray<number>): FeatureStatistics => ({
  count: 100,
  mean: Float64Array.from(mean),
  covariance: Float64Array.from({ length: mean.length ** 2 }, (_, i) =>
    i % (mean.length + 1) === 0 ? (deviations[i % mean.length] ?? 0) ** 2 : 0
  )
})

const seeds = fc.nat(10_000)
const sizes = fc.record({ n: fc.integer({ min: 2, max: 30 }), d: fc.integer({ min: 1, max: 8 }) })

describe("feature statistics", () => {
  it("are mean and covariance, by hand", () => {
    const { count, mean, covariance } = statistics(float64([3, 2], [1, 2, 3, 6, 5, 4]))
    assert.strictEqual(count, 3)
    assert.deepStrictEqual([...mean].map(Math.round), [3, 4])
    for (const [i, expected] of [4, 2, 2, 4].entries()) assert.closeTo(covariance[i] ?? 0, expected, 1e-12)
  })

  it("say how many samples are missing, and where a number is not finite", () => {
    assertFails(featureStatistics(float64([1, 2], [1, 2])), /needs at least 2 samples, 1 were given: 1 are missing/)
    assertFails(featureStatistics(float64([2, 2], [1, 2, 3, Number.NaN])), /sample 1 holds NaN/)
    assertFails(featureStatistics(float64([4], [1, 2, 3, 4])), /expected a tensor \[n, d\], found one of shape \[4\]/)
  })
})

describe("the Frechet distance", () => {
  it("is zero between equal sets, even with fewer samples than features", () => {
    fc.assert(
      fc.property(seeds, sizes, (seed, { n, d }) => {
        const features = normalSamples(seed, "x", [n, d], 3, 2)
        assert.isAtMost(between(features, features), 1e-5)
      }),
      { numRuns: 50 }
    )
  })

  it("is symmetric and not negative", () => {
    fc.assert(
      fc.property(seeds, sizes, (seed, { n, d }) => {
        const [a, b] = [normalSamples(seed, "a", [n, d]), normalSamples(seed, "b", [n + 3, d], 0.5, 2)]
        const forth = between(a, b)
        assert.isAtLeast(forth, 0)
        assert.closeTo(between(b, a), forth, 1e-5 * (1 + forth))
      }),
      { numRuns: 50 }
    )
  })

  it("of diagonal Gaussians is |m1 - m2|^2 + sum (s1 - s2)^2", () => {
    const entry = fc.record({
      m1: fc.double({ min: -5, max: 5, noNaN: true }),
      m2: fc.double({ min: -5, max: 5, noNaN: true }),
      s1: fc.double({ min: 0, max: 3, noNaN: true }),
      s2: fc.double({ min: 0, max: 3, noNaN: true })
    })
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 6 }), (axes) => {
        const first = diagonal(
          axes.map(({ m1 }) => m1),
          axes.map(({ s1 }) => s1)
        )
        const second = diagonal(
          axes.map(({ m2 }) => m2),
          axes.map(({ s2 }) => s2)
        )
        const expected = axes.reduce((sum, { m1, m2, s1, s2 }) => sum + (m1 - m2) ** 2 + (s1 - s2) ** 2, 0)
        assert.closeTo(distance(first, second), expected, 1e-6 * (1 + expected))
      })
    )
  })

  it("of two Gaussians in the plane follows the closed form tr (S1 S2)^1/2 = sqrt(tr S1 S2 + 2 sqrt det S1 S2)", () => {
    const [s1, s2] = [
      [2, 0.6, 0.6, 1],
      [1, -0.4, -0.4, 3]
    ]
    const product = (2 * 1 - 0.6 * 0.4) * 1 + (0.6 * -0.4 + 3)
    const determinant = (2 - 0.36) * (3 - 0.16)
    const expected = 25 + 3 + 4 - 2 * Math.sqrt(product + 2 * Math.sqrt(determinant))
    const gaussian = (mean: ReadonlyArray<number>, covariance: ReadonlyArray<number> = []) => ({
      count: 9,
      mean: Float64Array.from(mean),
      covariance: Float64Array.from(covariance)
    })
    assert.closeTo(distance(gaussian([0, 0], s1), gaussian([3, 4], s2)), expected, 1e-9)
  })

  it("does not change under rotation of both, and grows by the squared shift", () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 6, noNaN: true }), (seed, angle) => {
        const [a, b] = [normalSamples(seed, "a", [20, 5]), normalSamples(seed, "b", [25, 5], 0.5, 1.5)]
        const straight = between(a, b)
        assert.closeTo(between(rotated(a, angle), rotated(b, angle)), straight, 1e-6 * (1 + straight))
        const shifted = float64(
          a.shape,
          [...a.values].map((value) => value + angle)
        )
        assert.closeTo(between(a, shifted), 5 * angle ** 2, 1e-5 * (1 + angle ** 2))
      }),
      { numRuns: 30 }
    )
  })

  it("asks for statistics of one dimension", () => {
    assertFails(frechetDistance(diagonal([0, 0], [1, 1]), diagonal([0], [1])), /generated: .*2 features.*found 1/)
    assertFails(frechetDistance(diagonal([Number.NaN], [1]), diagonal([0], [1])), /real: .*finite/)
  })
})
