import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type ActivationName, activationNames } from "../../../src/domain/nn/activation.ts"
import { simpleRnnCellParameters, simpleRnnStep } from "../../../src/domain/nn/simpleRnnCell.ts"
import { multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { constant, placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { normals, normalsFor } from "../../support/randomNumbers.ts"

const size = fc.integer({ min: 1, max: 5 })
const seeds = fc.nat({ max: 1_000_000 })
const activation = fc.constantFrom(...activationNames)

/** A cell and what one step of it takes; `hiddenBatch` is the batch or 1. */
const placeholders = (batch: number, hiddenBatch: number, inputs: number, units: number) => ({
  inputWeight: placeholder("inputWeight", [inputs, units]),
  inputBias: placeholder("inputBias", [units]),
  hiddenWeight: placeholder("hiddenWeight", [units, units]),
  hiddenBias: placeholder("hiddenBias", [units]),
  hidden: placeholder("hidden", [hiddenBatch, units]),
  x: placeholder("x", [batch, inputs])
})
type Given = ReturnType<typeof placeholders>

const cellOf = (given: Given) => ({
  input: { weight: given.inputWeight, bias: given.inputBias },
  hidden: { weight: given.hiddenWeight, bias: given.hiddenBias }
})

const plainStep = (given: Given, name: ActivationName): Tensor =>
  simpleRnnStep(cellOf(given), name)(given.hidden, given.x)

const weighted = (x: Tensor, seed: number): Tensor =>
  sum(multiply(x, constant(tensorData(x.shape, normals(seed, "weights", x.shape)))))

const formulas: Record<ActivationName, (x: number) => number> = {
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  relu: (x) => Math.max(x, 0)
}

/** Eq. 1 in plain loops: `sigma(Wx(x) + Wh(h))`, row by row. */
const equation1 = (
  numbers: Readonly<Record<string, Float64Array>>,
  rows: ReadonlyArray<{ readonly x: ReadonlyArray<number>; readonly h: ReadonlyArray<number> }>,
  units: number,
  name: ActivationName
): ReadonlyArray<number> =>
  rows.flatMap(({ x, h }) =>
    Array.from({ length: units }, (_, j) => {
      let total = (numbers["inputBias"]?.[j] ?? Number.NaN) + (numbers["hiddenBias"]?.[j] ?? Number.NaN)
      x.forEach((value, k) => {
        total += value * (numbers["inputWeight"]?.[k * units + j] ?? Number.NaN)
      })
      h.forEach((value, k) => {
        total += value * (numbers["hiddenWeight"]?.[k * units + j] ?? Number.NaN)
      })
      return formulas[name](total)
    })
  )

const rowOf = (values: Float64Array | undefined, row: number, width: number): ReadonlyArray<number> =>
  Array.from((values ?? new Float64Array(0)).subarray(row * width, (row + 1) * width))

describe("simpleRnnStep", () => {
  it("is eq. 1 in plain loops", () => {
    fc.assert(
      fc.property(size, size, size, activation, seeds, (batch, inputs, units, name, seed) => {
        const given = placeholders(batch, batch, inputs, units)
        const numbers = normalsFor(seed, given)
        const rows = Array.from({ length: batch }, (_, b) => ({
          x: rowOf(numbers["x"], b, inputs),
          h: rowOf(numbers["hidden"], b, units)
        }))
        assertClose(evaluateOne(plainStep(given, name), numbers), equation1(numbers, rows, units, name), 1e-13)
      })
    )
  })

  it("has the gradient of eq. 1", () => {
    fc.assert(
      fc.property(size, size, size, fc.constantFrom("tanh", "sigmoid"), fc.boolean(), seeds, (...drawn) => {
        const [batch, inputs, units, name, shared, seed] = drawn
        const given = placeholders(batch, shared ? 1 : batch, inputs, units)
        assertGradient(weighted(plainStep(given, name), seed), given, normalsFor(seed, given), { seed })
      }),
      { numRuns: 20 }
    )
  })
})

describe("a hidden state of batch 1", () => {
  it("counts for the whole batch, as if it were repeated", () => {
    fc.assert(
      fc.property(size, size, size, activation, seeds, (batch, inputs, units, name, seed) => {
        const one = placeholders(batch, 1, inputs, units)
        const numbers = normalsFor(seed, one)
        const state = Array.from(numbers["hidden"] ?? [])
        const repeated = { ...numbers, hidden: Float64Array.from(Array.from({ length: batch }, () => state).flat()) }
        const all = placeholders(batch, batch, inputs, units)
        assert.deepStrictEqual(plainStep(one, name).shape, [batch, units])
        assertClose(evaluateOne(plainStep(one, name), numbers), evaluateOne(plainStep(all, name), repeated), 1e-14)
      })
    )
  })
})

describe("simpleRnnCellParameters", () => {
  it("are Wx and Wh, each with its bias", () => {
    const { input, hidden } = simpleRnnCellParameters(7, 3)
    assert.deepStrictEqual(
      [input.weight.shape, input.bias.shape, hidden.weight.shape, hidden.bias.shape],
      [[7, 3], [3], [3, 3], [3]]
    )
  })
})
