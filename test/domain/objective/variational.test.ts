import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { bernoulliLogLikelihood, gaussianKl, reparameterize } from "../../../src/domain/objective/variational.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { constant, placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose, assertFinite } from "../../support/assertClose.ts"
import { evaluateNamed, evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"

const finite = (bound: number) => fc.double({ min: -bound, max: bound, noNaN: true })
const lists = (bound: number) => fc.array(finite(bound), { minLength: 1, maxLength: 6 })

/** Numbers as one row, `[1, size]`. */
const row = (values: ReadonlyArray<number>): Tensor =>
  constant(tensorData([1, values.length], Float64Array.from(values)))

const only = (x: Tensor): number => {
  assert.deepStrictEqual(x.shape, [1])
  return evaluateOne(x)[0] ?? Number.NaN
}

const normal = fc.record({ mean: finite(4), logVariance: finite(4) })
const normals = fc.array(normal, { minLength: 1, maxLength: 5 })
const divergence = (of: ReadonlyArray<{ readonly mean: number; readonly logVariance: number }>): number =>
  only(gaussianKl(row(of.map(({ mean }) => mean)), row(of.map(({ logVariance }) => logVariance))))

describe("gaussianKl", () => {
  it("is never below 0, and 0 at the prior alone", () => {
    fc.assert(
      fc.property(normals, (posterior) => {
        const found = divergence(posterior)
        assert.isAtLeast(found, 0)
        const apart = Math.max(
          ...posterior.map(({ mean, logVariance }) => Math.max(Math.abs(mean), Math.abs(logVariance)))
        )
        if (apart > 1e-3) assert.isAbove(found, 1e-8)
      })
    )
    assert.strictEqual(divergence([{ mean: 0, logVariance: 0 }]), 0)
  })

  it("is the integral of q log(q / p), worked out numerically", () => {
    fc.assert(
      fc.property(normal, ({ mean, logVariance }) => {
        const deviation = Math.exp(logVariance / 2)
        const logDensity = (z: number, m: number, s: number) =>
          -0.5 * ((z - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI)
        const steps = 4000
        let total = 0
        for (let i = 0; i < steps; i++) {
          // The midpoint rule, ten deviations to both sides.
          const z = mean + deviation * (20 * ((i + 0.5) / steps) - 10)
          const q = logDensity(z, mean, deviation)
          total += (Math.exp(q) * (q - logDensity(z, 0, 1)) * 20 * deviation) / steps
        }
        assertClose([divergence([{ mean, logVariance }])], [total], 1e-9)
      })
    )
  })

  it("is the sum over the latents, for each image by itself", () => {
    fc.assert(
      fc.property(normals, (posterior) => {
        const expected = posterior.reduce((total, one) => total + divergence([one]), 0)
        assertClose([divergence(posterior)], [expected], 1e-12)
      })
    )
    const two = constant(tensorData([2, 1], Float64Array.of(1, 3)))
    const zero = constant(tensorData([2, 1], new Float64Array(2)))
    assertClose(evaluateOne(gaussianKl(two, zero)), [0.5, 4.5], 1e-15)
  })
})

describe("bernoulliLogLikelihood", () => {
  it("is sum x log p + (1 - x) log(1 - p)", () => {
    const pairs = fc.array(fc.tuple(finite(12), fc.double({ min: 0, max: 1, noNaN: true })), {
      minLength: 1,
      maxLength: 6
    })
    fc.assert(
      fc.property(pairs, (given) => {
        const expected = given.reduce((total, [logit, x]) => {
          const p = 1 / (1 + Math.exp(-logit))
          return total + x * Math.log(p) + (1 - x) * Math.log(1 - p)
        }, 0)
        const found = only(bernoulliLogLikelihood(row(given.map(([l]) => l)), row(given.map(([, x]) => x))))
        assertClose([found], [expected], 1e-9)
        assert.isAtMost(found, 1e-12)
      })
    )
  })

  it("is finite, and so is its gradient, where probabilities would round to 0 and 1", () => {
    const logits = placeholder("logits", [1, 4])
    const x = constant(tensorData([1, 4], Float64Array.of(0, 1, 0, 1)))
    const numbers = { logits: Float64Array.of(800, 800, -800, -800) }
    const total = sum(bernoulliLogLikelihood(logits, x))
    assert.deepStrictEqual([...evaluateOne(total, numbers)], [-1600])
    const [slope = []] = evaluateNamed([gradient(total, { logits }).logits], numbers)
    assertFinite(slope, "gradient")
    assert.deepStrictEqual(Array.from(slope), [-1, 0, 0, 1])
  })
})

describe("reparameterised", () => {
  it("is mu + sigma epsilon: half the variance's logarithm, one draw a number", () => {
    fc.assert(
      fc.property(lists(3), lists(3), fc.nat({ max: 1000 }), (means, logVariances, step) => {
        const size = Math.min(means.length, logVariances.length)
        const [mean, logVariance] = [row(means.slice(0, size)), row(logVariances.slice(0, size))]
        const key = { seed: 3, step }
        const epsilon = evaluateOne(
          reparameterize(row(new Array(size).fill(0)), row(new Array(size).fill(0)), "z"),
          {},
          key
        )
        const expected = Array.from(epsilon, (e, i) => (means[i] ?? 0) + Math.exp((logVariances[i] ?? 0) / 2) * e)
        assertClose(evaluateOne(reparameterize(mean, logVariance, "z"), {}, key), expected, 1e-12)
      })
    )
  })
})

it("the gradients of all three are those of finite differences", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(finite(2), finite(2), finite(2)), { minLength: 1, maxLength: 5 }), (given) => {
      const shape = [1, given.length]
      const [mean, logVariance, logits] = ["mean", "logVariance", "logits"].map((name) => placeholder(name, shape))
      if (mean === undefined || logVariance === undefined || logits === undefined) return
      const numbers = Object.fromEntries(
        ["mean", "logVariance", "logits"].map((name, i) => [name, Float64Array.from(given, (one) => one[i] ?? 0)])
      )
      const x = row(given.map((_, i) => (i % 2) / 2))
      assertGradient(sum(gaussianKl(mean, logVariance)), { mean, logVariance }, numbers)
      assertGradient(sum(bernoulliLogLikelihood(logits, x)), { logits }, numbers)
      const drawn = reparameterize(mean, logVariance, "z")
      assertGradient(sum(bernoulliLogLikelihood(drawn, x)), { mean, logVariance }, numbers)
    }),
    { numRuns: 30 }
  )
})
