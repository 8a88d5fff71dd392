import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { linear } from "../../../src/domain/nn/linear.ts"
import { initialLstmState, lstmCellParameters, lstmStep } from "../../../src/domain/nn/lstmCell.ts"
import type { ParameterSpec } from "../../../src/domain/nn/parameter.ts"
import { add, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { concatenate } from "../../../src/domain/tensor/movement.ts"
import { constant, placeholder } from "../../../src/domain/tensor/source.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed, evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { plainLstm } from "../../support/plainLstm.ts"
import { normals, normalsFor } from "../../support/randomNumbers.ts"

const size = fc.integer({ min: 1, max: 5 })
const seeds = fc.nat({ max: 1_000_000 })

const placeholders = (batch: number, inputs: number, units: number, memoryBatch = batch) => ({
  "cell.weight": placeholder("cell.weight", [inputs + units, 4 * units]),
  "cell.bias": placeholder("cell.bias", [4 * units]),
  x: placeholder("x", [batch, inputs]),
  hidden: placeholder("hidden", [batch, units]),
  memory: placeholder("memory", [memoryBatch, units])
})

const stepOf = (given: ReturnType<typeof placeholders>) =>
  lstmStep(
    linear({ weight: given["cell.weight"], bias: given["cell.bias"] }, concatenate([given.x, given.hidden], 1)),
    given.memory
  )

describe("lstmStep", () => {
  it("is the cell's equations in plain loops, also where the memory is the same for the whole batch", () => {
    fc.assert(
      fc.property(size, size, size, fc.boolean(), seeds, (batch, inputs, units, shared, seed) => {
        const given = placeholders(batch, inputs, units, shared ? 1 : batch)
        const numbers = normalsFor(seed, given)
        const row = (name: "x" | "hidden" | "memory", b: number, width: number) =>
          Array.from((numbers[name] ?? new Float64Array(0)).subarray(b * width, (b + 1) * width))
        const expected = Array.from({ length: batch }, (_, b) =>
          plainLstm(numbers, "cell", row("x", b, inputs), {
            hidden: row("hidden", b, units),
            memory: row("memory", shared ? 0 : b, units)
          })
        )
        const { hidden, memory } = stepOf(given)
        assert.deepStrictEqual(
          [hidden.shape, memory.shape],
          [
            [batch, units],
            [batch, units]
          ]
        )
        const [hiddens = [], memories = []] = evaluateNamed([hidden, memory], numbers)
        assertClose(
          hiddens,
          expected.flatMap((state) => state.hidden),
          1e-13
        )
        assertClose(
          memories,
          expected.flatMap((state) => state.memory),
          1e-13
        )
      })
    )
  })

  it("has the gradients of finite differences, through hidden state and memory", () => {
    fc.assert(
      fc.property(size, size, size, seeds, (batch, inputs, units, seed) => {
        const given = placeholders(batch, inputs, units)
        const { hidden, memory } = stepOf(given)
        const weights = (name: string) => constant(tensorData([batch, units], normals(seed, name, [batch, units])))
        const loss = add(sum(multiply(hidden, weights("ofHidden"))), sum(multiply(memory, weights("ofMemory"))))
        assertGradient(loss, given, normalsFor(seed, given), { seed })
      }),
      { numRuns: 20 }
    )
  })

  it("keeps its memory where the forget gate is open and the input gate shut", () => {
    fc.assert(
      fc.property(size, seeds, (units, seed) => {
        const memory = placeholder("memory", [1, units])
        const gates = [-60, 60, 0, 0].flatMap((gate) => Array.from({ length: units }, () => gate))
        const sums = constant(tensorData([1, 4 * units], Float64Array.from(gates)))
        const numbers = normalsFor(seed, { memory })
        assertClose(evaluateOne(lstmStep(sums, memory).memory, numbers), numbers["memory"] ?? [], 1e-13)
      })
    )
  })
})

it("the parameters of a cell are one map from input and state to four sums a unit; it starts at zeros", () => {
  const { weight, bias } = lstmCellParameters(7, 3)
  assert.deepStrictEqual([weight.shape, bias.shape], [[10, 12], [12]])
  const zeros: ParameterSpec = { shape: [1, 3], initialiser: { kind: "constant", value: 0 } }
  assert.deepStrictEqual(initialLstmState(3), { hidden: zeros, memory: zeros })
})
