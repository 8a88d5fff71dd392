import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { leakyRelu } from "../../../src/domain/nn/activation.ts"
import { square } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { normals } from "../../support/randomNumbers.ts"

const x = placeholder("x", [2, 5])

describe("leakyRelu", () => {
  it("is x above 0 and leak x below", () => {
    const numbers = { x: [-2, -0.5, 0, 0.5, 2, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, -1, 1, 3] }
    assert.deepStrictEqual(Array.from(evaluateOne(leakyRelu(x, 0.25), numbers)), [
      -0.5,
      -0.125,
      0,
      0.5,
      2,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      -0.25,
      1,
      3
    ])
    assert.isNaN(evaluateOne(leakyRelu(x, 0.25), { x: new Float64Array(10).fill(Number.NaN) })[0])
  })

  it("has the derivative that finite differences find", () => {
    fc.assert(
      fc.property(fc.nat(1000), (seed) => {
        const loss = sum(square(leakyRelu(x, 0.2)))
        assertGradient(loss, { x }, { x: normals(seed, "x", x.shape) }, { spacing: 1e-5, kinks: true })
      }),
      { numRuns: 20 }
    )
  })
})
