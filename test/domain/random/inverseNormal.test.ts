import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { central, inverseNormal } from "../../../src/domain/random/inverseNormal.ts"

// Computed with mpmath 1.3 to 40 digits: -sqrt(2) erfinv(1 - 2p).
const QUANTILES: ReadonlyArray<readonly [p: number, x: number]> = [
  [1e-300, -37.0470962993612],
  [1e-20, -9.262340089798407],
  [1e-9, -5.997807015007687],
  [2 ** -33, -6.337957754553789],
  [1e-6, -4.753424308822899],
  [0.001, -3.0902323061678136],
  [0.0124, -2.2445038731653932],
  [0.025, -1.9599639845400543],
  [0.074, -1.4466320671589785],
  [0.0751, -1.4388253927525398],
  [0.1, -1.2815515655446006],
  [0.25, -0.6744897501960817],
  [0.4, -0.2533471031357998],
  [0.6, 0.2533471031357998],
  [0.9249, 1.4388253927525398],
  [0.926, 1.4466320671589785],
  [0.975, 1.9599639845400543],
  [0.99, 2.326347874040841],
  [0.999, 3.0902323061678136]
]

describe("inverseNormal", () => {
  it.each(QUANTILES)("is right at p = %d", (p, x) => {
    assert.closeTo(inverseNormal(p) / x, 1, 5e-8)
  })

  it.each(QUANTILES.filter(([p]) => p < 0.075))("is exact in the tails, at p = %d", (p, x) => {
    assert.closeTo(inverseNormal(p) / x, 1, 2e-15)
  })

  it("is q times the published quotient up to 0.425 from one half, and that bound included", () => {
    const { bound, pivot, quotient } = central
    const polynomial = (coefficients: ReadonlyArray<number>, r: number) =>
      coefficients.reduce((value, coefficient) => value * r + coefficient)
    for (const p of [0.5 - bound, 0.2, 0.6, 0.9249]) {
      const q = p - 0.5
      const r = pivot - q * q
      assert.isAtMost(Math.abs(q), bound)
      const expected = (q * polynomial(quotient.numerator, r)) / polynomial(quotient.denominator, r)
      assert.strictEqual(inverseNormal(p), expected, `p = ${p}`)
    }
  })

  it("is 0 at one half, infinite at 0 and 1, and nothing outside", () => {
    assert.strictEqual(inverseNormal(0.5), 0)
    assert.strictEqual(inverseNormal(0), Number.NEGATIVE_INFINITY)
    assert.strictEqual(inverseNormal(1), Number.POSITIVE_INFINITY)
    assert.isNaN(inverseNormal(-0.1))
    assert.isNaN(inverseNormal(1.1))
    assert.isNaN(inverseNormal(Number.NaN))
  })

  // Multiples of 2^-33 are exact on both sides of one half, as the sampler's probabilities are.
  const exactProbability = fc.integer({ min: 1, max: 2 ** 33 - 1 }).map((i) => i * 2 ** -33)

  it("is antisymmetric about one half", () => {
    fc.assert(
      fc.property(exactProbability, (p) => {
        assert.strictEqual(inverseNormal(1 - p) + inverseNormal(p), 0)
      })
    )
  })

  it("rises, also across the seams between its pieces", () => {
    const near = (p: number) => fc.double({ min: p - 1e-3, max: p + 1e-3, noNaN: true })
    const anywhere = fc.oneof(exactProbability, near(0.075), near(0.925), near(0.5))
    fc.assert(
      fc.property(anywhere, fc.double({ min: 1e-6, max: 1e-2, noNaN: true }), (p, gap) => {
        fc.pre(p + gap < 1)
        assert.isBelow(inverseNormal(p), inverseNormal(p + gap))
      })
    )
  })
})
