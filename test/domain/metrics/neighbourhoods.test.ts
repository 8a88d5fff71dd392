import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import {
  coverageOfShares,
  densityCoverage,
  neighbourhoods,
  precisionRecall
} from "../../../src/domain/metrics/neighbourhoods.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertFails, float64, normalSamples, reversed } from "./samples.ts"

const measures = (real: TensorData, generated: TensorData, k?: number) => {
  const both = Result.getOrThrow(neighbourhoods(real, generated, k))
  return { ...precisionRecall(both), ...densityCoverage(both) }
}

describe("precision, recall, density and coverage", () => {
  it("on a line, by hand", () => {
    // k = 1. Radii of real 0, 1, 3, 10: 1, 1, 2, 7. Of generated 0.5, 2, 20: 1.5, 1.5, 18.
    const found = measures(float64([4, 1], [0, 1, 3, 10]), float64([3, 1], [0.5, 2, 20]), 1)
    // 0.5 lies in the balls of 0 and 1, 2 in those of 1 and 3; 20 in none.
    assert.closeTo(found.precision, 2 / 3, 1e-12)
    assert.closeTo(found.density, 4 / 3, 1e-12)
    assert.strictEqual(found.coverage, 3 / 4)
    // 0 and 1 lie in [-1, 2], 3 and 10 in [2, 38].
    assert.strictEqual(found.recall, 1)
  })

  it("of a set with itself are perfect, with density (k + 1) / k: each sample is in its own ball as well", () => {
    fc.assert(
      fc.property(fc.nat(9999), fc.integer({ min: 6, max: 90 }), fc.integer({ min: 1, max: 6 }), (seed, n, d) => {
        const set = normalSamples(seed, "set", [n, d])
        const { precision, recall, density, coverage } = measures(set, set)
        assert.deepStrictEqual([precision, recall, coverage], [1, 1, 1])
        assert.closeTo(density, 6 / 5, 1e-9)
      }),
      { numRuns: 30 }
    )
  })

  it("exchange precision and recall with the sets, and do not depend on the order of samples or on units", () => {
    fc.assert(
      fc.property(fc.nat(9999), fc.integer({ min: 6, max: 80 }), fc.integer({ min: 6, max: 80 }), (seed, n, m) => {
        const [x, y] = [normalSamples(seed, "x", [n, 3]), normalSamples(seed, "y", [m, 3], 0.5, 1.3)]
        const [there, back] = [measures(x, y), measures(y, x)]
        assert.deepStrictEqual([there.precision, there.recall], [back.recall, back.precision])
        assert.deepStrictEqual(measures(reversed(x), reversed(y)), there)
        const scaled = ({ shape, values }: TensorData) =>
          float64(
            shape,
            [...values].map((value) => value * 4)
          )
        assert.deepStrictEqual(measures(scaled(x), scaled(y)), there)
        for (const share of [there.precision, there.recall, there.coverage]) {
          assert.isAtLeast(share, 0)
          assert.isAtMost(share, 1)
        }
      }),
      { numRuns: 30 }
    )
  })

  it("come near their expectations for two sets of one distribution", () => {
    const n = 1000
    const found = measures(normalSamples(5, "x", [n, 4]), normalSamples(5, "y", [n, 4]))
    const uncovered = [1, 2, 3, 4, 5].reduce((product, j) => (product * (n - j)) / (2 * n - j), 1)
    assert.closeTo(found.coverage, 1 - uncovered, 0.02)
    assert.closeTo(found.density, 1, 0.06)
    assert.isAbove(found.precision, 0.9)
    assert.isAbove(found.recall, 0.9)
  })

  it("are all zero for sets far apart, and tell collapse from noise", () => {
    const real = normalSamples(6, "real", [200, 3])
    assert.deepStrictEqual(measures(real, normalSamples(6, "far", [200, 3], 1000)), {
      precision: 0,
      recall: 0,
      density: 0,
      coverage: 0
    })
    const collapsed = measures(real, normalSamples(6, "collapsed", [200, 3], 0, 0.05))
    assert.isAbove(collapsed.precision, 0.95)
    assert.isBelow(collapsed.recall, 0.05)
    assert.isBelow(collapsed.coverage, 0.2)
    const noisy = measures(real, normalSamples(6, "noisy", [200, 3], 0, 8))
    assert.isBelow(noisy.precision, 0.2)
    assert.isAbove(noisy.recall, 0.9)
  })

  it("need k + 1 samples of each", () => {
    const [few, enough] = [normalSamples(7, "few", [4, 2]), normalSamples(7, "enough", [6, 2])]
    assertFails(neighbourhoods(enough, few), /generated: needs at least 6 samples, 4 were given: 2 are missing/)
    assertFails(neighbourhoods(few, enough), /real: needs at least 6/)
    assert.isTrue(Result.isSuccess(neighbourhoods(few, few, 3)))
  })
})

describe("the coverage that classes' shares leave", () => {
  it("is what samples of far apart classes have on the average, drawn in unequal numbers", () => {
    const [real, generated, k] = [[30, 40, 20], [60, 10, 0], 3] as const
    // Classes a thousand deviations apart: none reaches into another.
    const drawn = (seed: number, set: string, counts: ReadonlyArray<number>) =>
      counts.flatMap((count, c) =>
        count === 0 ? [] : [...normalSamples(seed, `${set} ${c}`, [count, 2], 1000 * c).values]
      )
    const rounds = 400
    let total = 0
    for (let seed = 0; seed < rounds; seed++) {
      const [x, y] = [drawn(seed, "real", real), drawn(seed, "generated", generated)]
      total += measures(float64([x.length / 2, 2], x), float64([y.length / 2, 2], y), k).coverage
    }
    assert.closeTo(total / rounds, coverageOfShares(real, generated, k), 0.01)
    // Of the whole, so that the test can tell a wrong rule: without the shares it would be far more.
    assert.isBelow(coverageOfShares(real, generated, k), coverageOfShares([90], [70], k) - 0.2)
  })

  it("is that of Naeem et al. for equal numbers in one class, 0 for none, and does not depend on the classes' order", () => {
    fc.assert(
      fc.property(fc.integer({ min: 6, max: 1000 }), fc.integer({ min: 1, max: 5 }), (n, k) => {
        let uncovered = 1
        for (let i = 1; i <= k; i++) uncovered *= (n - i) / (2 * n - i)
        assert.closeTo(coverageOfShares([n], [n], k), 1 - uncovered, 1e-12)
        assert.strictEqual(coverageOfShares([n, n], [0, 0], k), 0)
        assert.closeTo(coverageOfShares([n, 2 * n], [3, n], k), coverageOfShares([2 * n, n], [n, 3], k), 1e-12)
      })
    )
    assert.throws(() => coverageOfShares([1, 2], [1], 5), RangeError)
  })
})
