import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { linear, linearMaps, linearParameters } from "../../../src/domain/nn/linear.ts"
import { add, multiply, square } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { tanh } from "../../../src/domain/tensor/elementwise.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { inputsFirst } from "../../../src/domain/tensor/order.ts"
import { simplify } from "../../../src/domain/tensor/rewrite/simplify.ts"
import { constant, full, placeholder } from "../../../src/domain/tensor/source.ts"
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

describe("linearMaps", () => {
  const maps = (widths: ReadonlyArray<number>) =>
    widths.map((width, i) => ({
      weight: placeholder(`weight${i}`, [3, width]),
      bias: placeholder(`bias${i}`, [width])
    }))

  it("are the maps, each by itself", () => {
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 3 }), size, seeds, (widths, batch, seed) => {
        const x = placeholder("x", [batch, 3])
        const given = maps(widths)
        const numbers = normalsFor(
          seed,
          Object.fromEntries([
            ["x", x],
            ...given.flatMap(
              ({ weight, bias }, i) =>
                [
                  [`weight${i}`, weight],
                  [`bias${i}`, bias]
                ] as const
            )
          ])
        )
        linearMaps(given)(x).forEach((joined, i) => {
          const alone = given[i]
          if (alone !== undefined)
            assertClose(evaluateOne(joined, numbers), evaluateOne(linear(alone, x), numbers), 1e-14)
        })
      })
    )
  })

  it("make one product of a recurrence's weight gradients", () => {
    const given = maps([3, 2])
    const mapsOf = linearMaps(given)
    let [h, seen] = [placeholder("h", [4, 3]), full([], 0)]
    for (let t = 0; t < 3; t++) {
      const [carried = h, beside = h] = mapsOf(h)
      h = tanh(carried)
      seen = add(seen, sum(square(beside)))
    }
    const gradients = gradient(seen, { first: given[0]?.weight ?? h, second: given[1]?.weight ?? h })
    const products = inputsFirst(simplify([gradients.first, gradients.second])).filter(
      (node) => node.op === "matmul" && node.parameters.transposeA
    )
    assert.deepStrictEqual(
      products.map(({ shape }) => shape),
      [[3, 5]]
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
