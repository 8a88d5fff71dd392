import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { activationNames } from "../../../src/domain/nn/activation.ts"
import { gruCellParameters, gruStep } from "../../../src/domain/nn/gruCell.ts"
import { initialise } from "../../../src/domain/nn/parameter.ts"
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

const placeholders = (batch: number, hiddenBatch: number, inputs: number, units: number) => ({
  inputWeight: placeholder("inputWeight", [inputs, 3 * units]),
  inputBias: placeholder("inputBias", [3 * units]),
  hiddenWeight: placeholder("hiddenWeight", [units, 3 * units]),
  hiddenBias: placeholder("hiddenBias", [3 * units]),
  hidden: placeholder("hidden", [hiddenBatch, units]),
  x: placeholder("x", [batch, inputs])
})
type Given = ReturnType<typeof placeholders>

const cellOf = (given: Given) => ({
  input: { weight: given.inputWeight, bias: given.inputBias },
  hidden: { weight: given.hiddenWeight, bias: given.hiddenBias }
})

const step = (given: Given, name: (typeof activationNames)[number]): Tensor =>
  gruStep(cellOf(given), name)(given.hidden, given.x)

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const formulas = { tanh: Math.tanh, sigmoid, relu: (x: number) => Math.max(x, 0) }

/** The equations of the docstring in plain loops, row by row; `hidden` may have a single row for all. */
const plainCell = (
  numbers: Readonly<Record<string, Float64Array>>,
  [batch, inputs, units]: readonly [number, number, number],
  name: keyof typeof formulas
): ReadonlyArray<number> => {
  const at = (of: string, index: number): number => numbers[of]?.[index] ?? Number.NaN
  const rows = (numbers["hidden"]?.length ?? 0) / units
  return Array.from({ length: batch }, (_, b) => {
    const state = rows === 1 ? 0 : b
    const fromInput = (column: number): number => {
      let total = at("inputBias", column)
      for (let k = 0; k < inputs; k++) total += at("x", b * inputs + k) * at("inputWeight", k * 3 * units + column)
      return total
    }
    const fromHidden = (column: number): number => {
      let total = at("hiddenBias", column)
      for (let k = 0; k < units; k++)
        total += at("hidden", state * units + k) * at("hiddenWeight", k * 3 * units + column)
      return total
    }
    return Array.from({ length: units }, (_, j) => {
      const update = sigmoid(fromInput(j) + fromHidden(j))
      const reset = sigmoid(fromInput(units + j) + fromHidden(units + j))
      const candidate = formulas[name](fromInput(2 * units + j) + reset * fromHidden(2 * units + j))
      return (1 - update) * candidate + update * at("hidden", state * units + j)
    })
  }).flat()
}

describe("gruStep", () => {
  it("is the gated cell in plain loops, also from one state for the whole batch", () => {
    fc.assert(
      fc.property(size, size, size, fc.constantFrom(...activationNames), fc.boolean(), seeds, (...drawn) => {
        const [batch, inputs, units, name, shared, seed] = drawn
        const given = placeholders(batch, shared ? 1 : batch, inputs, units)
        const numbers = normalsFor(seed, given)
        assert.deepStrictEqual(step(given, name).shape, [batch, units])
        assertClose(evaluateOne(step(given, name), numbers), plainCell(numbers, [batch, inputs, units], name), 1e-13)
      })
    )
  })

  it("has the gradient of its equations", () => {
    fc.assert(
      fc.property(size, size, size, fc.constantFrom("tanh", "sigmoid"), fc.boolean(), seeds, (...drawn) => {
        const [batch, inputs, units, name, shared, seed] = drawn
        const given = placeholders(batch, shared ? 1 : batch, inputs, units)
        const out = step(given, name)
        const loss = sum(multiply(out, constant(tensorData(out.shape, normals(seed, "weights", out.shape)))))
        assertGradient(loss, given, normalsFor(seed, given), { seed })
      }),
      { numRuns: 20 }
    )
  })

  it("keeps its state where the update gate is open, whatever comes in", () => {
    const [batch, inputs, units] = [2, 3, 4]
    const given = placeholders(batch, batch, inputs, units)
    const numbers = normalsFor(1, given)
    numbers["hiddenBias"] = Float64Array.from({ length: 3 * units }, (_, j) => (j < units ? 100 : 0))
    assertClose(evaluateOne(step(given, "tanh"), numbers), numbers["hidden"] ?? [], 1e-12)
  })
})

describe("gruCellParameters", () => {
  const { input, hidden } = gruCellParameters(30, 20)

  it("are Wx and Wh for the two gates and the candidate, each with its bias", () => {
    assert.deepStrictEqual(
      [input.weight.shape, input.bias.shape, hidden.weight.shape, hidden.bias.shape],
      [[30, 60], [60], [20, 60], [60]]
    )
  })

  it("begin within Glorot's bound of one gate by itself", () => {
    const none = tensorData([1], Float32Array.of(0))
    const { weight } = initialise({ weight: input.weight }, 0, { mean: none, sample: none })
    const bound = Math.sqrt(6 / (30 + 20))
    const largest = Math.max(...Array.from(weight?.values ?? [], Math.abs))
    assert.isTrue(largest <= bound && largest > 0.98 * bound, `${largest} of ${bound}`)
  })
})
