import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { linear, linearParameters } from "../../../src/domain/nn/linear.ts"
import { multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { constant, placeholder } from "../../../src/domain/tensor/source.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { normals, normalsFor } from "../../support/randomNumbers.ts"

const size = fc.integer({ min: 1, max: 6 })
const seeds = fc.nat({ max: 1_000_000 })

const placeholders = (batch: ReadonlyArray<number>, inputs: number, outputs: number) => ({
  x: placeholder("x", [...batch, inputs]),
  weight: placeholder("weight", [inputs, outputs]),
  bias: placeholder("bias", [outputs])
})

describe("affine", () => {
  it("is x W + b in plain loops, with any leading axes", () => {
    const leading = fc.array(size, { minLength: 1, maxLength: 2 })
    fc.assert(
      fc.property(leading, size, size, seeds, (batch, inputs, outputs, seed) => {
        const given = placeholders(batch, inputs, outputs)
        const numbers = normalsFor(seed, given)
        const result = linear(given, given.x)
        assert.deepStrictEqual(result.shape, [...batch, outputs])
        const rows = batch.reduce((product, n) => product * n, 1)
        const expected = new Float64Array(rows * outputs)
        for (let row = 0; row < rows; row++) {
          for (let j = 0; j < outputs; j++) {
            let total = numbers["bias"]?.[j] ?? Number.NaN
            for (let k = 0; k < inputs; k++) {
              total += (numbers["x"]?.[row * inputs + k] ?? 0) * (numbers["weight"]?.[k * outputs + j] ?? 0)
            }
            expected[row * outputs + j] = total
          }
        }
        assertClose(evaluateOne(result, numbers), expected, 1e-13)
      })
    )
  })

  it("has the gradient of its formula", () => {
    fc.assert(
      fc.property(size, size, size, seeds, (batch, inputs, outputs, seed) => {
        const given = placeholders([batch], inputs, outputs)
        const weights = constant(tensorData([batch, outputs], normals(seed, "weights", [batch, outputs])))
        assertGradient(sum(multiply(linear(given, given.x), weights)), given, normalsFor(seed, given), { seed })
      }),
      { numRuns: 20 }
    )
  })
})

describe("linearParameters", () => {
  it("are a Glorot-uniform weight, unless said otherwise, and a zero bias", () => {
    assert.deepStrictEqual(linearParameters(3, 2), {
      weight: { shape: [3, 2], initialiser: { kind: "glorot", scale: 1 } },
      bias: { shape: [2], initialiser: { kind: "constant", value: 0 } }
    })
    assert.deepStrictEqual(linearParameters(3, 2, { kind: "uniform", bound: 0.05 }).weight, {
      shape: [3, 2],
      initialiser: { kind: "uniform", bound: 0.05 }
    })
  })
})
