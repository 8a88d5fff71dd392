import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { batchNormEval, batchNormParameters, batchNormTrain } from "../../../src/domain/nn/batchNorm.ts"
import { parameterCount, parameterPlaceholders, trainedParameters } from "../../../src/domain/nn/parameter.ts"
import { square } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { tanh } from "../../../src/domain/tensor/elementwise.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { sliceAxis } from "../../../src/domain/tensor/movement.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { isTensor } from "../../../src/domain/tensor/Tensor.ts"
import { flattenTree } from "../../../src/domain/tensor/Tree.ts"
import { weightedSum } from "../../../src/testing/losses.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed, evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { normals } from "../../support/randomNumbers.ts"

const small = (max: number) => fc.integer({ min: 1, max })

/** Maps in some batches, with parameters: variances positive, everything else of either sign. */
const cases = fc
  .record({
    batches: small(3),
    each: fc.integer({ min: 2, max: 3 }),
    channels: small(3),
    rows: small(3),
    columns: fc.integer({ min: 2, max: 3 }),
    seed: fc.nat(1_000_000)
  })
  .map(({ batches, each, channels, rows, columns, seed }) => {
    const parameters = parameterPlaceholders(batchNormParameters(channels), "norm")
    const x = placeholder("x", [batches * each, channels, rows, columns])
    const byPath = flattenTree({ norm: parameters, x }, isTensor)
    const numbers = Object.fromEntries(
      Object.entries(byPath).map(([path, { shape }]) => [
        path,
        normals(seed, path, shape).map((n) => (path.endsWith("Variance") ? Math.exp(n) : n))
      ])
    )
    return { batches, each, channels, pixels: rows * columns, parameters, x, byPath, numbers, seed }
  })

type Case = typeof cases extends fc.Arbitrary<infer Drawn> ? Drawn : never

/** The numbers of one channel within one of the batches. */
const within = (
  { each, channels, pixels }: Case,
  values: Float64Array,
  batch: number,
  channel: number
): ReadonlyArray<number> =>
  Array.from({ length: each }, (_, i) => {
    const start = ((batch * each + i) * channels + channel) * pixels
    return Array.from(values.slice(start, start + pixels))
  }).flat()

const meanOf = (values: ReadonlyArray<number>): number => values.reduce((a, b) => a + b, 0) / values.length
const varianceOf = (values: ReadonlyArray<number>): number => {
  const mean = meanOf(values)
  return meanOf(values.map((value) => (value - mean) ** 2))
}

const each = (drawn: Case, check: (batch: number, channel: number) => void): void => {
  for (let batch = 0; batch < drawn.batches; batch++) {
    for (let channel = 0; channel < drawn.channels; channel++) check(batch, channel)
  }
}

describe("batchNormTrain", () => {
  it("gives each batch, channel by channel, the mean beta and the variance gamma^2", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { parameters, x, batches, numbers } = drawn
        const { normalised } = batchNormTrain(parameters, x, batches)
        assert.deepStrictEqual(normalised.shape, x.shape)
        const y = evaluateOne(normalised, numbers)
        each(drawn, (batch, channel) => {
          const before = varianceOf(within(drawn, numbers["x"] ?? y, batch, channel))
          const [gamma, beta] = [numbers["norm.scale"]?.[channel] ?? 0, numbers["norm.shift"]?.[channel] ?? 0]
          const after = within(drawn, y, batch, channel)
          assertClose([meanOf(after)], [beta], 1e-10, "mean")
          assertClose([varianceOf(after)], [(gamma ** 2 * before) / (before + 1e-5)], 1e-10, "variance")
        })
      })
    )
  })

  it("is (x - E[x]) gamma / sqrt(Var[x] + epsilon) + beta of each batch by itself, in plain loops", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { parameters, x, batches, numbers } = drawn
        const y = evaluateOne(batchNormTrain(parameters, x, batches).normalised, numbers)
        each(drawn, (batch, channel) => {
          const values = within(drawn, numbers["x"] ?? y, batch, channel)
          const [mean, deviation] = [meanOf(values), Math.sqrt(varianceOf(values) + 1e-5)]
          const [gamma, beta] = [numbers["norm.scale"]?.[channel] ?? 0, numbers["norm.shift"]?.[channel] ?? 0]
          const expected = values.map((value) => ((value - mean) / deviation) * gamma + beta)
          assertClose(within(drawn, y, batch, channel), expected, 1e-10)
        })
      })
    )
  })

  it("moves the running statistics a tenth of the way to the means of the batches' means and variances", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { parameters, x, batches, channels, numbers } = drawn
        const { runningMean, runningVariance } = batchNormTrain(parameters, x, batches).next
        const [means, variances] = evaluateNamed([runningMean, runningVariance], numbers)
        const values = numbers["x"] ?? new Float64Array(0)
        for (let channel = 0; channel < channels; channel++) {
          const all = Array.from({ length: batches }, (_, batch) => within(drawn, values, batch, channel))
          const moved = (path: string, target: number) => 0.9 * (numbers[path]?.[channel] ?? Number.NaN) + 0.1 * target
          assertClose([means?.[channel] ?? 0], [moved("norm.runningMean", meanOf(all.map(meanOf)))], 1e-12)
          assertClose([variances?.[channel] ?? 0], [moved("norm.runningVariance", meanOf(all.map(varianceOf)))], 1e-10)
        }
      })
    )
  })

  it("does not lose a small variance about a large mean", () => {
    const parameters = parameterPlaceholders(batchNormParameters(1), "norm")
    const x = placeholder("x", [2, 1, 1, 2])
    const start = { "norm.scale": [1], "norm.shift": [0], "norm.runningMean": [0], "norm.runningVariance": [1] }
    const values = [1e7 - 3, 1e7 - 1, 1e7 + 1, 1e7 + 3]
    const y = evaluateOne(batchNormTrain(parameters, x, 1).normalised, { ...start, x: values })
    assertClose(
      y,
      [-3, -1, 1, 3].map((n) => n / Math.sqrt(5 + 1e-5)),
      1e-12
    )
  })

  it("has the derivatives that finite differences find, through the statistics", () => {
    fc.assert(
      fc.property(cases, ({ parameters, x, batches, numbers, seed }) => {
        const loss = weightedSum(tanh(batchNormTrain(parameters, x, batches).normalised))
        const { scale, shift } = parameters
        assertGradient(loss, { x, "norm.scale": scale, "norm.shift": shift }, numbers, { seed })
      }),
      { numRuns: 20 }
    )
  })

  it("has second derivatives, as a gradient penalty needs them", () => {
    fc.assert(
      fc.property(cases, ({ parameters, x, batches, numbers, seed }) => {
        const slope = gradient(weightedSum(tanh(batchNormTrain(parameters, x, batches).normalised)), x)
        assertGradient(sum(square(slope)), { x }, numbers, { seed, spacing: 1e-4 })
      }),
      { numRuns: 5 }
    )
  })
})

describe("the running statistics", () => {
  const parameters = parameterPlaceholders(batchNormParameters(2), "norm")
  const x = placeholder("x", [50, 2, 4, 5])
  const { next } = batchNormTrain(parameters, x, 1)

  it("converge to the data's mean and variance", () => {
    let mean: ArrayLike<number> = [0, 0]
    let variance: ArrayLike<number> = [1, 1]
    for (let step = 0; step < 200; step++) {
      // Channel 0 is N(3, 2^2), channel 1 is N(-1, 0.5^2).
      const drawn = normals(step, "data", x.shape).map((n, i) => (Math.floor(i / 20) % 2 === 0 ? 3 + 2 * n : n / 2 - 1))
      const numbers = {
        "norm.scale": [1, 1],
        "norm.shift": [0, 0],
        "norm.runningMean": mean,
        "norm.runningVariance": variance,
        x: drawn
      }
      const [nextMean = mean, nextVariance = variance] = evaluateNamed(
        [next.runningMean, next.runningVariance],
        numbers
      )
      mean = nextMean
      variance = nextVariance
    }
    // An average over about 19 batches of 1000 numbers each: standard errors of 0.7% of a deviation, 1% of a variance.
    assertClose(mean, [3, -1], 0.02)
    assertClose([(variance[0] ?? 0) / 4, (variance[1] ?? 0) / 0.25], [1, 1], 0.05)
  })

  it("are no trained parameters", () => {
    assert.deepStrictEqual(Object.keys(trainedParameters(batchNormParameters(7))), ["scale", "shift"])
    assert.strictEqual(parameterCount(batchNormParameters(7)), 14)
  })
})

describe("normalise", () => {
  it("is what training converges to: by the running statistics instead of a batch's", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { parameters, x, numbers } = drawn
        const y = evaluateOne(batchNormEval(parameters, x), numbers)
        each(drawn, (batch, channel) => {
          const at = (name: string) => numbers[`norm.${name}`]?.[channel] ?? Number.NaN
          const expected = within(drawn, numbers["x"] ?? y, batch, channel).map(
            (value) =>
              (at("scale") * (value - at("runningMean"))) / Math.sqrt(at("runningVariance") + 1e-5) + at("shift")
          )
          assertClose(within(drawn, y, batch, channel), expected, 1e-12)
        })
      })
    )
  })

  it("of one example does not depend on the others", () => {
    fc.assert(
      fc.property(cases, ({ parameters, x, numbers, batches, each: perBatch }) => {
        const examples = batches * perBatch
        const together = evaluateOne(batchNormEval(parameters, x), numbers)
        const size = together.length / examples
        for (let i = 0; i < examples; i++) {
          const alone = evaluateOne(batchNormEval(parameters, sliceAxis(x, 0, i, 1)), numbers)
          assert.deepStrictEqual(alone, together.slice(i * size, (i + 1) * size))
        }
      })
    )
  })
})
