import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { maxout, maxoutParameters } from "../../../src/domain/nn/maxout.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { weightedSum } from "../../../src/testing/losses.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { normalsFor } from "../../support/randomNumbers.ts"

const size = fc.integer({ min: 1, max: 4 })
const seeds = fc.nat({ max: 1_000_000 })

const placeholders = (rows: number, inputs: number, units: number, pieces: number) => ({
  x: placeholder("x", [rows, inputs]),
  weight: placeholder("weight", [inputs, units * pieces]),
  bias: placeholder("bias", [units * pieces])
})

describe("maxout", () => {
  it("is the greatest of each unit's own affine maps, in plain loops", () => {
    fc.assert(
      fc.property(size, size, size, size, seeds, (rows, inputs, units, pieces, seed) => {
        const given = placeholders(rows, inputs, units, pieces)
        const numbers = normalsFor(seed, given)
        const at = (name: string, i: number): number => numbers[name]?.[i] ?? Number.NaN
        const expected: Array<number> = []
        for (let row = 0; row < rows; row++) {
          for (let unit = 0; unit < units; unit++) {
            const values = Array.from({ length: pieces }, (_, k) => {
              const column = unit * pieces + k
              let total = at("bias", column)
              for (let i = 0; i < inputs; i++)
                total += at("x", row * inputs + i) * at("weight", i * units * pieces + column)
              return total
            })
            expected.push(Math.max(...values))
          }
        }
        const result = maxout(given, given.x, pieces)
        assert.deepStrictEqual(result.shape, [rows, units])
        assertClose(evaluateOne(result, numbers), expected, 1e-13)
      })
    )
  })

  it("has the gradient of its formula", () => {
    fc.assert(
      fc.property(size, size, size, size, seeds, (rows, inputs, units, pieces, seed) => {
        const given = placeholders(rows, inputs, units, pieces)
        const loss = weightedSum(maxout(given, given.x, pieces))
        assertGradient(loss, given, normalsFor(seed, given), { seed, spacing: 1e-5, kinks: true })
      }),
      { numRuns: 20 }
    )
  })

  it("has a weight and a bias for every piece of every unit", () => {
    const { weight, bias } = maxoutParameters(784, { units: 240, pieces: 5 }, { kind: "uniform", bound: 0.005 })
    assert.deepStrictEqual([weight.shape, bias.shape], [[784, 1200], [1200]])
    assert.deepStrictEqual(weight.initialiser, { kind: "uniform", bound: 0.005 })
  })
})
