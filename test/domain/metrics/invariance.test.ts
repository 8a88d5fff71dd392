import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { classMeasures } from "../../../src/domain/metrics/classes.ts"
import { relativeDiversity } from "../../../src/domain/metrics/collapse.ts"
import { featureStatistics } from "../../../src/domain/metrics/featureStatistics.ts"
import { frechetDistance } from "../../../src/domain/metrics/frechetDistance.ts"
import { greyness } from "../../../src/domain/metrics/greyness.ts"
import { imageDistance } from "../../../src/domain/metrics/imageDistance.ts"
import { inceptionScore } from "../../../src/domain/metrics/inceptionScore.ts"
import { kernelDistance } from "../../../src/domain/metrics/kernelDistance.ts"
import { memorisation } from "../../../src/domain/metrics/memorisation.ts"
import { densityCoverage, neighbourhoods, precisionRecall } from "../../../src/domain/metrics/neighbourhoods.ts"
import { subsample } from "../../../src/domain/metrics/Rows.ts"
import { relativeSharpness, sharpness } from "../../../src/domain/metrics/sharpness.ts"
import { speckle } from "../../../src/domain/metrics/speckle.ts"
import { permutation } from "../../../src/domain/random/permutation.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { generated, normalSamples } from "./samples.ts"

const key = (stream: string) => ({ seed: 7, stream, step: 0 })

/** The same samples in another order. */
const shuffled = (samples: TensorData, seed: number): TensorData => {
  const [n = 0, ...rest] = samples.shape
  const size = rest.reduce((product, axis) => product * axis, 1)
  const order = permutation({ seed, stream: "shuffled", step: 0 }, n)
  return generated(samples.shape, (i) => samples.values[(order[Math.floor(i / size)] ?? 0) * size + (i % size)] ?? 0)
}

const moved = ({ shape, values }: TensorData, by: number, scale: number): TensorData =>
  generated(shape, (i) => by + scale * (values[i] ?? 0))

/** Where neither unit nor origin counts. */
const shares = (real: TensorData, own: TensorData): ReadonlyArray<number> => {
  const both = Result.getOrThrow(neighbourhoods(real, own))
  return Object.values({ ...precisionRecall(both), ...densityCoverage(both) })
}

const frechet = (real: TensorData, own: TensorData): number =>
  Result.getOrThrow(
    Result.flatMap(Result.all([featureStatistics(real), featureStatistics(own)]), ([x, y]) => frechetDistance(x, y))
  )

const estimates = (result: ReturnType<typeof kernelDistance>) => {
  const { mean, standardError } = Result.getOrThrow(result)
  return [mean, standardError]
}

/** Everything that is measured of two sets of features. */
const ofFeatures = (real: TensorData, own: TensorData): ReadonlyArray<number> => [
  frechet(real, own),
  ...estimates(kernelDistance(real, own)),
  ...estimates(kernelDistance(real, own, { blockSize: 5, seed: 3 })),
  ...shares(real, own),
  ...shares(subsample(real, 15, key("real")), subsample(own, 12, key("own"))),
  Result.getOrThrow(relativeDiversity(own, real))
]

/** Everything that is measured of images, against others and fresh ones. */
const ofImages = (real: TensorData, own: TensorData, fresh: TensorData): ReadonlyArray<number> => {
  const { ratio, nearerThanTest } = Result.getOrThrow(memorisation(own, real, fresh))
  return [
    Result.getOrThrow(relativeSharpness(own, real)).ratio,
    Result.getOrThrow(greyness(own)).mean,
    Result.getOrThrow(speckle(own)).mean,
    ratio,
    nearerThanTest
  ]
}

/** Sets with equal samples among them. */
const withCopies = (seed: number, name: string, n: number, mean: number): TensorData => {
  const { values } = normalSamples(seed, name, [n, 3], mean)
  return generated([n, 3], (i) => values[i % (3 * Math.ceil(0.7 * n))] ?? 0)
}

describe("the order of samples", () => {
  it("does not matter to any measure of features, with copies among them or without", () => {
    fc.assert(
      fc.property(fc.nat(9999), fc.integer({ min: 20, max: 60 }), fc.boolean(), (seed, n, copies) => {
        const set = copies
          ? withCopies
          : (s: number, name: string, m: number, mean: number) => normalSamples(s, name, [m, 3], mean)
        const [real, own] = [set(seed, "real", n, 0), set(seed, "own", n + 3, 0.4)]
        const found = ofFeatures(shuffled(real, seed + 1), shuffled(own, seed + 2))
        assertClose(found, ofFeatures(real, own), 1e-9)
      }),
      { numRuns: 20 }
    )
  })

  it("does not matter to any measure of images or of classes", () => {
    fc.assert(
      fc.property(fc.nat(9999), (seed) => {
        const images = (name: string) => moved(normalSamples(seed, name, [20, 1, 4, 4]), 0.5, 0.1)
        const [real, own, fresh] = [images("real"), images("own"), images("fresh")]
        const found = ofImages(shuffled(real, 1), shuffled(own, 2), shuffled(fresh, 3))
        assertClose(found, ofImages(real, own, fresh), 1e-9)
        const answers = generated([30, 3], (i) => ((i * 7 + seed) % 11) + 1)
        const sum = (n: number) => [0, 1, 2].reduce((total, c) => total + (answers.values[3 * n + c] ?? 0), 0)
        const probabilities = generated([30, 3], (i) => (answers.values[i] ?? 0) / sum(Math.floor(i / 3)))
        const ofClasses = (p: TensorData) => {
          const { frequencies, entropy, distance, confidence } = Result.getOrThrow(
            classMeasures(p, Float64Array.of(0.2, 0.3, 0.5))
          )
          const score = Result.getOrThrow(inceptionScore(p))
          return [...frequencies, entropy, distance, confidence.mean, score.mean, score.standardError]
        }
        assertClose(ofClasses(shuffled(probabilities, seed)), ofClasses(probabilities), 1e-12)
      }),
      { numRuns: 20 }
    )
  })

  it("does not matter to which samples are drawn, and the key does", () => {
    const set = normalSamples(1, "set", [50, 2])
    const drawn = (samples: TensorData, seed = 0) => [
      ...subsample(samples, 10, { seed, stream: "drawn", step: 0 }).values
    ]
    assert.deepStrictEqual(drawn(shuffled(set, 5)), drawn(set))
    assert.notDeepEqual(drawn(set, 1), drawn(set))
  })
})

describe("the place and the scale of features", () => {
  const [real, own] = [normalSamples(2, "real", [60, 4]), normalSamples(2, "own", [50, 4], 0.5, 1.2)]
  /** Rounded to float32, so that a shift by 1e8 changes no digit of them. */
  const coarse = ({ shape, values }: TensorData) => generated(shape, (i) => Math.round(1024 * (values[i] ?? 0)) / 1024)
  const [x, y] = [coarse(real), coarse(own)]

  it.each([1e-140, 1e-40, 1e-3, 1e5, 1e30, 1e38, 1e40, 1e135])("count as they should at scale %d", (scale) => {
    const [u, v] = [moved(x, 0, scale), moved(y, 0, scale)]
    assert.closeTo(frechet(u, v) / scale / scale / frechet(x, y), 1, 1e-9)
    assert.deepStrictEqual(shares(u, v), shares(x, y))
    assert.closeTo(Result.getOrThrow(relativeDiversity(v, u)), Result.getOrThrow(relativeDiversity(y, x)), 1e-12)
    const distances = (a: TensorData, b: TensorData) => Result.getOrThrow(memorisation(b, a, b)).generated.mean
    assert.closeTo(distances(u, v) / scale / distances(x, y), 1, 1e-12)
    const changed = (a: TensorData) => Result.getOrThrow(imageDistance(a, shuffled(a, 3))).relative
    assert.closeTo(changed(u), changed(x), 1e-12)
    const image = (a: TensorData) => Result.getOrThrow(sharpness({ ...a, shape: [60, 1, 2, 2] })).mean
    assert.closeTo(image(u) / scale / image(x), 1, 1e-12)
  })

  it("do not count for neighbourhoods and variety even where their squares vanish", () => {
    const [u, v] = [moved(x, 0, 2 ** -700), moved(y, 0, 2 ** -700)]
    assert.deepStrictEqual(shares(u, v), shares(x, y))
    assert.closeTo(Result.getOrThrow(relativeDiversity(v, u)), Result.getOrThrow(relativeDiversity(y, x)), 1e-12)
  })

  it.each([-1e8, 1e4, 1e8, 1e11])("do not count far from the origin, at %d", (at) => {
    const [u, v] = [moved(x, at, 1), moved(y, at, 1)]
    // The origin's own features are those that are left of float64 there.
    const [p, q] = [moved(u, -at, 1), moved(v, -at, 1)]
    assert.closeTo(frechet(u, v) / frechet(p, q), 1, 1e-4)
    assert.deepStrictEqual(shares(u, v), shares(p, q))
    assert.closeTo(Result.getOrThrow(relativeDiversity(v, u)), Result.getOrThrow(relativeDiversity(q, p)), 1e-9)
  })

  it("have a kernel distance, or an error in words where they are too large", () => {
    for (const scale of [1e60, 1e100]) {
      const error = Result.getOrThrow(Result.flip(kernelDistance(moved(x, 0, scale), moved(y, 0, scale))))
      assert.match(error.message, /kernel distance: .*too large for float64/)
    }
  })

  it("are refused beyond what float64 can square, and where they are not finite", () => {
    for (const bad of [1e200, 1e307, Number.NaN, Number.POSITIVE_INFINITY]) {
      const spoilt = generated([20, 4], (i) => (i === 9 ? bad : i % 7))
      const good = normalSamples(1, "good", [20, 4])
      const nothing = (): undefined => undefined
      for (const result of [
        Result.map(featureStatistics(spoilt), nothing),
        Result.map(kernelDistance(good, spoilt), nothing),
        Result.map(neighbourhoods(spoilt, good), nothing),
        Result.map(memorisation(good, spoilt, good), nothing),
        Result.map(relativeDiversity(spoilt, good), nothing)
      ]) {
        assert.match(Result.getOrThrow(Result.flip(result)).message, /sample 2 holds/)
      }
    }
    assert.match(Result.getOrThrow(Result.flip(featureStatistics(moved(x, 0, 1e-170)))).message, /scale them up/)
  })

  it("may be constant: distances are those of the means, and nothing is divided by 0", () => {
    const constant = (value: number) => generated([20, 3], () => value)
    assert.strictEqual(frechet(constant(2), constant(2)), 0)
    assert.closeTo(frechet(constant(1e8), constant(1e8 + 2)), 12, 1e-9)
    for (const at of [0, 0.1, 1e8]) {
      assert.deepStrictEqual(shares(constant(at), constant(at)), [1, 1, 4, 1])
      assert.deepStrictEqual(shares(constant(at), constant(at + 1)), [0, 0, 0, 0])
    }
    assertClose(estimates(kernelDistance(constant(0.3), constant(0.3))), [0, 0], 1e-12)
  })
})
