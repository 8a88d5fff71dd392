import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { chooseWidth, parzenProgram, parzenWidths } from "../../../src/domain/metrics/parzen.ts"
import { evaluateNamed } from "../../support/evaluateNamed.ts"
import { normals } from "../../support/randomNumbers.ts"

type Row = ReadonlyArray<number>

const computed = (
  samples: ArrayLike<number>,
  points: ArrayLike<number>,
  sigmas: Row,
  dimension: number
): Float64Array => {
  const program = parzenProgram({
    samples: samples.length / dimension,
    batch: points.length / dimension,
    dimension,
    widths: sigmas.length
  })
  const [logLikelihoods] = evaluateNamed([program.outputs.logLikelihoods], { samples, points, sigmas })
  return logLikelihoods ?? new Float64Array(0)
}

/** The density summed as it is written. */
const plain = (samples: Float64Array, image: Float64Array, sigma: number): number => {
  const d = image.length
  const n = samples.length / d
  let density = 0
  for (let i = 0; i < n; i++) {
    let kernel = 1 / n
    for (let k = 0; k < d; k++) {
      const difference = ((image[k] ?? 0) - (samples[i * d + k] ?? 0)) / sigma
      kernel *= Math.exp(-(difference * difference) / 2) / (sigma * Math.sqrt(2 * Math.PI))
    }
    density += kernel
  }
  return Math.log(density)
}

describe("the Parzen window's log-likelihood", () => {
  it("is that of direct loops, for each width and image", () => {
    const count = fc.integer({ min: 1, max: 6 })
    const widths = fc.array(fc.double({ min: 0.3, max: 3, noNaN: true }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.nat(9999), count, count, count, widths, (seed, n, batch, d, sigmas) => {
        const samples = normals(seed, "samples", [n, d])
        const points = normals(seed, "points", [batch, d])
        const found = computed(samples, points, sigmas, d)
        sigmas.forEach((sigma, w) => {
          for (let j = 0; j < batch; j++) {
            const expected = plain(samples, points.slice(j * d, (j + 1) * d), sigma)
            assert.closeTo(found[w * batch + j] ?? Number.NaN, expected, 1e-9 * (1 + Math.abs(expected)))
          }
        })
      }),
      { numRuns: 50 }
    )
  })

  it("is that of a density: over the line it integrates to 1", () => {
    const step = 0.01
    const grid = Array.from({ length: 2000 }, (_, i) => (i - 1000) * step)
    const sigmas = [0.1, 0.5, 1]
    const found = computed([-1.3, 0.2, 0.25, 2], grid, sigmas, 1)
    sigmas.forEach((_, w) => {
      const densities = found.subarray(w * grid.length, (w + 1) * grid.length).map(Math.exp)
      assert.closeTo(
        densities.reduce((sum, density) => sum + density * step, 0),
        1,
        1e-6
      )
    })
  })

  it("of a sample of its own, far from all others, is the peak of one kernel", () => {
    const found = computed([0, 0, 1e4, 1e4], [0, 0], [0.2], 2)
    assert.closeTo(found[0] ?? Number.NaN, -Math.log(2) - Math.log(2 * Math.PI * 0.04), 1e-12)
  })

  it("stays finite where every kernel underflows", () => {
    const found = computed([0, 1], [500], [0.1], 1)
    const nearest = -(499 ** 2) / 0.02 - Math.log(2) - Math.log(0.1 * Math.sqrt(2 * Math.PI))
    assert.closeTo(found[0] ?? Number.NaN, nearest, 1e-3)
  })

  it("leaves its samples as they are, and takes the names it says", () => {
    const { state, next, inputs, outputs } = parzenProgram({ samples: 5, batch: 2, dimension: 3, widths: 4 })
    assert.deepStrictEqual(Object.keys(state), ["samples"])
    assert.strictEqual(next["samples"], state["samples"])
    assert.deepStrictEqual([inputs.points.shape, inputs.sigmas.shape], [[2, 3], [4]])
    assert.deepStrictEqual(outputs.logLikelihoods.shape, [4, 2])
  })
})

describe("the width", () => {
  it("is one of ten from 0.1 to 1, each the same multiple of the last", () => {
    assert.strictEqual(parzenWidths.length, 10)
    assert.closeTo(parzenWidths[0] ?? 0, 0.1, 1e-15)
    assert.closeTo(parzenWidths[9] ?? 0, 1, 1e-15)
    const ratios = parzenWidths.slice(1).map((width, i) => width / (parzenWidths[i] ?? 1))
    for (const ratio of ratios) assert.closeTo(ratio, 10 ** (1 / 9), 1e-12)
  })

  it("is the one under which validation images are likeliest on average", () => {
    const chosen = chooseWidth(
      [0.4, 0.1, 0.2],
      [
        [4, 2],
        [1, 9],
        [6, 4]
      ]
    )
    assert.strictEqual(chosen.sigma, 0.1)
    assert.deepStrictEqual(chosen.logLikelihood, { mean: 5, standardError: 4, count: 2 })
    assert.throws(() => chooseWidth([0.1], []), RangeError)
  })
})
