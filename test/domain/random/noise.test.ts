import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  bernoulli,
  type NoiseKey,
  normalOfWord,
  randomWords,
  standardNormal,
  uniform
} from "../../../src/domain/random/noise.ts"

const natural = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const anyKey: fc.Arbitrary<NoiseKey> = fc.record({ seed: natural, stream: fc.string(), step: natural })

const makers: ReadonlyArray<
  readonly [name: string, make: (key: NoiseKey, length: number, offset?: number) => ArrayLike<number>]
> = [
  ["randomWords", randomWords],
  ["uniform", uniform],
  ["standardNormal", standardNormal],
  ["bernoulli", (key, length, offset) => bernoulli(key, 0.3, length, offset)]
]

/** Mean, variance and kurtosis (3 for a normal distribution). */
const moments = (values: Float32Array) => {
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / values.length
  let second = 0
  let fourth = 0
  for (const value of values) {
    const square = (value - mean) ** 2
    second += square
    fourth += square * square
  }
  const variance = second / values.length
  return { mean, variance, kurtosis: fourth / values.length / variance ** 2 }
}

/** The largest distance between the values' distribution function and `cdf`. */
const kolmogorovSmirnov = (values: Float32Array, cdf: (x: number) => number): number => {
  const sorted = values.slice().sort()
  const n = sorted.length
  let distance = 0
  for (let i = 0; i < n; i++) {
    const p = cdf(sorted[i] ?? 0)
    distance = Math.max(distance, p - i / n, (i + 1) / n - p)
  }
  return distance
}

/** Abramowitz and Stegun 26.2.17, error below 7.5e-8: not the inverse of anything under test. */
const normalCdf = (x: number): number => {
  const t = 1 / (1 + 0.2316419 * Math.abs(x))
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * polynomial
  return x < 0 ? tail : 1 - tail
}

describe("values by key", () => {
  it.each(makers)("%s: any slice agrees with the whole", (_, make) => {
    fc.assert(
      fc.property(anyKey, fc.nat(40), fc.nat(40), (key, offset, length) => {
        const whole = make(key, offset + length)
        assert.deepStrictEqual(Array.from(make(key, length, offset)), Array.from(whole).slice(offset))
      })
    )
  })

  it.each(makers)("%s: slices far out join as well, past block 2^32 too", (_, make) => {
    fc.assert(
      fc.property(anyKey, fc.integer({ min: 2 ** 34 - 30, max: 2 ** 34 }), fc.nat(30), (key, offset, cut) => {
        const joined = [...Array.from(make(key, cut, offset)), ...Array.from(make(key, 40 - cut, offset + cut))]
        assert.deepStrictEqual(Array.from(make(key, 40, offset)), joined)
      })
    )
  })

  it("differ between seeds, streams and steps, also where only the high words differ", () => {
    const key: NoiseKey = { seed: 1, stream: "a", step: 1 }
    const others: ReadonlyArray<NoiseKey> = [
      { ...key, seed: 2 },
      { ...key, seed: 1 + 2 ** 32 },
      { ...key, stream: "b" },
      { ...key, stream: "" },
      { ...key, step: 2 },
      { ...key, step: 1 + 2 ** 32 }
    ]
    const seen = new Set([key, ...others].map((k) => randomWords(k, 4).join()))
    assert.strictEqual(seen.size, others.length + 1)
  })

  it("two streams are not correlated", () => {
    const a = standardNormal({ seed: 5, stream: "a", step: 0 }, 100_000)
    const b = standardNormal({ seed: 5, stream: "b", step: 0 }, 100_000)
    const next = standardNormal({ seed: 5, stream: "a", step: 1 }, 100_000)
    const correlation = (x: Float32Array, y: Float32Array) =>
      x.reduce((sum, v, i) => sum + v * (y[i] ?? 0), 0) / x.length
    // Standard deviation 1 / sqrt(100,000) = 0.0032; four of them.
    assert.closeTo(correlation(a, b), 0, 0.0127)
    assert.closeTo(correlation(a, next), 0, 0.0127)
    assert.closeTo(correlation(a.subarray(1), a), 0, 0.0127)
  })

  it("are the same for ever", () => {
    // From a second implementation (Python integers; the quantiles from scipy 1.x `ndtri`), by the layout in the docs.
    const key = { seed: 2 ** 40 + 7, stream: "generator/z", step: 3 }
    const words = Array.from(randomWords(key, 5), (word) => word >>> 0)
    assert.deepStrictEqual(words, [0xcc107d06, 0x36cd6b0b, 0xac413901, 0xac1b531c, 0x1c049475])
    assert.deepStrictEqual(Array.from(uniform(key, 3)), [0.7971265912055969, 0.21407192945480347, 0.6728702187538147])
    const normals = [
      -0.5326827841665633, 0.5653199879988134, -0.9428836119221059, -0.9451469038607221, 0.277872503507836
    ]
    standardNormal(key, 5).forEach((value, i) => {
      assert.closeTo(value, normals[i] ?? 0, 1e-7)
    })
    const far = randomWords({ seed: 2 ** 40 + 7, stream: "générateur/z", step: 2 ** 35 + 1 }, 3, 2 ** 34 - 2)
    assert.deepStrictEqual(
      Array.from(far, (word) => word >>> 0),
      [0xf30d5a36, 0x9f66b85a, 0x3244830f]
    )
  })

  it.each([
    [{ seed: -1, stream: "a", step: 0 }, 1, 0, "NoiseKey.seed"],
    [{ seed: 0.5, stream: "a", step: 0 }, 1, 0, "NoiseKey.seed"],
    [{ seed: 0, stream: "a", step: 2 ** 53 }, 1, 0, "NoiseKey.step"],
    [{ seed: 0, stream: "a", step: 0 }, -1, 0, "number of random values"],
    [{ seed: 0, stream: "a", step: 0 }, 1, -1, "offset of random values"]
  ] as const)("throws for %o", (key, length, offset, named) => {
    assert.throws(() => uniform(key, length, offset), RangeError, named)
  })
})

describe("uniform", () => {
  it("is flat on [0, 1)", () => {
    const values = uniform({ seed: 2, stream: "u", step: 0 }, 300_000)
    assert.isTrue(values.every((value) => value >= 0 && value < 1))
    assert.closeTo(moments(values).mean, 1 / 2, 0.0022)
    assert.closeTo(moments(values).variance, 1 / 12, 0.0006)
    assert.isBelow(
      kolmogorovSmirnov(values, (x) => x),
      1.95 / Math.sqrt(values.length)
    )
  })
})

describe("standardNormal", () => {
  it("has the moments and the distribution of a normal variable over a million values", () => {
    const values = standardNormal({ seed: 1, stream: "n", step: 0 }, 1_000_000)
    const { mean, variance, kurtosis } = moments(values)
    // Four standard deviations: 1/sqrt(n), sqrt(2/n), sqrt(24/n).
    assert.closeTo(mean, 0, 0.004)
    assert.closeTo(variance, 1, 0.0057)
    assert.closeTo(kurtosis, 3, 0.0196)
    // Exceeded by chance once in a thousand seeds.
    assert.isBelow(kolmogorovSmirnov(values, normalCdf), 1.95 / Math.sqrt(values.length))
    assert.isTrue(values.every(Number.isFinite))
    assert.isAbove(
      values.reduce((a, b) => Math.max(a, b), 0),
      4
    )
  })
})

describe("normalOfWord", () => {
  it("is finite for every word, also the extreme ones", () => {
    // The quantile at 2^-33, from mpmath.
    assert.closeTo(normalOfWord(-(2 ** 31)), -6.337957754553789, 1e-12)
    assert.closeTo(normalOfWord(2 ** 31 - 1), 6.337957754553789, 1e-12)
  })

  it("is antisymmetric: a word and its complement give opposite values", () => {
    fc.assert(
      fc.property(fc.integer(), (word) => {
        assert.strictEqual(normalOfWord(word), -normalOfWord(~word))
      })
    )
  })
})

describe("bernoulli", () => {
  it("is 1 as often as it should be, and 0 otherwise", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (probability, seed) => {
        const values = bernoulli({ seed, stream: "dropout", step: 0 }, probability, 4000)
        assert.isTrue(values.every((value) => Object.is(value, 0) || value === 1))
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length
        // Six standard deviations, and one value for the smallest probabilities.
        assert.closeTo(mean, probability, 6 * Math.sqrt((probability * (1 - probability)) / 4000) + 1 / 4000)
      })
    )
  })

  it("compares the unsigned word with the probability, so that greater ones only turn zeros into ones", () => {
    const key = { seed: 3, stream: "dropout", step: 0 }
    const words = randomWords(key, 1000)
    for (const probability of [0, 2 ** -32, 0.2, 0.5, 0.75, 1 - 2 ** -32, 1]) {
      const expected = Array.from(words, (word) => ((word >>> 0) / 2 ** 32 < probability ? 1 : 0))
      assert.deepStrictEqual(Array.from(bernoulli(key, probability, 1000)), expected)
    }
  })

  it.each([-0.1, 1.1, Number.NaN])("throws for the probability %d", (probability) => {
    assert.throws(() => bernoulli({ seed: 0, stream: "a", step: 0 }, probability, 1), RangeError, "probability")
  })
})
