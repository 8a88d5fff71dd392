import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  discriminatorLoss,
  generatedAccuracy,
  generatorLoss,
  realAccuracy
} from "../../../src/domain/objective/adversarial.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { constant, placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertFinite } from "../../support/assertClose.ts"
import { evaluateNamed, evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"

const logitsWithin = (bound: number) =>
  fc.array(fc.double({ min: -bound, max: bound, noNaN: true }), { minLength: 1, maxLength: 6 })

const tensor = (logits: ReadonlyArray<number>): Tensor =>
  constant(tensorData([logits.length], Float64Array.from(logits)))

const number = (x: Tensor): number => {
  assert.deepStrictEqual(x.shape, [])
  return evaluateOne(x)[0] ?? Number.NaN
}

const probability = (logit: number): number => 1 / (1 + Math.exp(-logit))
const expectation = (logits: ReadonlyArray<number>, f: (logit: number) => number): number =>
  logits.reduce((total, logit) => total + f(logit), 0) / logits.length

describe("the objectives of section 2.5", () => {
  it("discriminatorLoss is -E[log D(x)] - E[log(1 - D(c_T))] (eq. 9)", () => {
    fc.assert(
      fc.property(logitsWithin(15), logitsWithin(15), (real, generated) => {
        const expected =
          -expectation(real, (l) => Math.log(probability(l))) -
          expectation(generated, (l) => Math.log(1 - probability(l)))
        assert.closeTo(number(discriminatorLoss(tensor(real), tensor(generated))), expected, 1e-7)
      })
    )
  })

  it("generatorLoss is -E[log D(c_T)] (eq. 10)", () => {
    fc.assert(
      fc.property(logitsWithin(15), (generated) => {
        const expected = -expectation(generated, (l) => Math.log(probability(l)))
        assert.closeTo(number(generatorLoss(tensor(generated))), expected, 1e-9)
      })
    )
  })

  it("are 2 log 2 and log 2 for a discriminator that does not know", () => {
    assert.closeTo(number(discriminatorLoss(tensor([0, 0]), tensor([0]))), 2 * Math.LN2, 1e-15)
    assert.closeTo(number(generatorLoss(tensor([0, 0, 0]))), Math.LN2, 1e-15)
  })

  it("fall as the discriminator gets better, and as the generator does", () => {
    fc.assert(
      fc.property(logitsWithin(20), logitsWithin(20), (real, generated) => {
        const surer = real.map((l) => l + 1)
        const loss = number(discriminatorLoss(tensor(real), tensor(generated)))
        assert.isBelow(number(discriminatorLoss(tensor(surer), tensor(generated))), loss)
        const fooled = generated.map((l) => l + 1)
        assert.isAbove(number(discriminatorLoss(tensor(real), tensor(fooled))), loss)
        assert.isBelow(number(generatorLoss(tensor(fooled))), number(generatorLoss(tensor(generated))))
      })
    )
  })

  it("stay finite for logits of +-10,000, and linear there, with their gradients", () => {
    const given = { real: placeholder("real", [2]), generated: placeholder("generated", [2]) }
    const lossD = discriminatorLoss(given.real, given.generated)
    const lossG = generatorLoss(given.generated)
    const { real, generated } = gradient(lossD, given)
    const { generated: forG } = gradient(lossG, given)
    const numbers = { real: [-1e4, 1e4], generated: [-1e4, 1e4] }
    const computed = evaluateNamed([lossD, lossG, real, generated, forG], numbers)
    computed.forEach((values, i) => {
      assertFinite(values, `result ${i}`)
    })
    assert.deepStrictEqual(
      computed.map((values) => Array.from(values, (value) => value + 0)),
      [[10_000], [5000], [-0.5, 0], [0, 0.5], [-0.5, 0]]
    )
  })

  it("have the gradients of their formulas", () => {
    fc.assert(
      fc.property(logitsWithin(8), logitsWithin(8), (real, generated) => {
        const given = {
          real: placeholder("real", [real.length]),
          generated: placeholder("generated", [generated.length])
        }
        assertGradient(discriminatorLoss(given.real, given.generated), given, { real, generated })
        assertGradient(generatorLoss(given.generated), { generated: given.generated }, { generated })
      }),
      { numRuns: 20 }
    )
  })
})

describe("accuracies", () => {
  it("realAccuracy is the share of logits above 0, generatedAccuracy of those below", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(-3, -0.5, 0, 1e-9, 2), { minLength: 1, maxLength: 8 }), (logits) => {
        const share = (holds: (logit: number) => boolean) => logits.filter(holds).length / logits.length
        assert.closeTo(
          number(realAccuracy(tensor(logits))),
          share((l) => l > 0),
          1e-15
        )
        assert.closeTo(
          number(generatedAccuracy(tensor(logits))),
          share((l) => l < 0),
          1e-15
        )
      })
    )
  })
})
