import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { densityCoverage } from "../../../src/domain/evaluation/densityCoverage.ts"
import { neighbourhoods } from "../../../src/domain/evaluation/neighbourhoods.ts"
import { precisionRecall } from "../../../src/domain/evaluation/precisionRecall.ts"
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
