import { assert, describe, it } from "@effect/vitest"
import { whole } from "../../../src/domain/data/Examples.ts"
import { gaussianMixture } from "../../../src/domain/data/gaussianMixture.ts"
import { modeCoverage } from "../../../src/domain/metrics/modeCoverage.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"

const centres = [
  [-2, 0],
  [2, 0],
  [0, 3]
]

describe("modeCoverage", () => {
  it("finds every mode of the mixture's own points, and 98.9% of them within three deviations", () => {
    const { points } = whole(gaussianMixture({ centres, standardDeviation: 0.1, count: 3000, seed: 5 }))
    const { modes, share, counts } = modeCoverage(points, centres, 0.3)
    assert.strictEqual(modes, 3)
    assert.closeTo(share, 1 - Math.exp(-9 / 2), 0.006)
    assert.strictEqual(
      counts.reduce((a, b) => a + b, 0),
      share * 3000
    )
  })

  it("counts a mode that no sample is near as missed, and samples between modes as on none", () => {
    const points = tensorData([5, 2], Float32Array.from([-2, 0.2, -2.25, 0, 0, 1, Number.NaN, 0, 2, 9]))
    assert.deepStrictEqual(modeCoverage(points, centres, 0.25), { modes: 1, share: 0.4, counts: [2, 0, 0] })
  })

  it("gives a sample that is near two modes to the nearer one", () => {
    const points = tensorData([1, 2], Float32Array.from([0.5, 0]))
    assert.deepStrictEqual(modeCoverage(points, centres, 10).counts, [0, 1, 0])
  })

  it("refuses no points, and centres of another space", () => {
    assert.throws(() => modeCoverage(tensorData([0, 2], new Float32Array(0)), centres, 1), RangeError)
    assert.throws(() => modeCoverage(tensorData([1, 3], new Float32Array(3)), centres, 1), /\[1, 3\].*2, 2, 2/)
  })
})
