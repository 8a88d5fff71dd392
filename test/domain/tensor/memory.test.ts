import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { add, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { tanh } from "../../../src/domain/tensor/elementwise.ts"
import { matmul } from "../../../src/domain/tensor/matmul.ts"
import { planMemory, totalBytes } from "../../../src/domain/tensor/memory.ts"
import { reshape, transpose } from "../../../src/domain/tensor/movement.ts"
import { inputsFirst } from "../../../src/domain/tensor/order.ts"
import { makeProgram } from "../../../src/domain/tensor/Program.ts"
import { sizeOf } from "../../../src/domain/tensor/Shape.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { randomPrograms } from "../../../src/testing/randomPrograms.ts"

const bytes = ({ shape }: Tensor): number => 4 * sizeOf(shape)
const total = (tensors: ReadonlyArray<Tensor>): number => tensors.reduce((sum, tensor) => sum + bytes(tensor), 0)
const made = (outputs: Readonly<Record<string, Tensor>>, inputs: Readonly<Record<string, Tensor>>) =>
  planMemory(makeProgram({ name: "made", state: {}, inputs, next: {}, outputs }))

describe("planMemory", () => {
  const n = 10
  const x = placeholder("x", [n, n])
  const square = 4 * n * n

  it("of a chain of products holds one result and the next one, however long it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), (length) => {
        const last = Array.from({ length }).reduce((product: Tensor) => matmul(product, x), x)
        const { peak, held, inputs } = made({ last }, { x })
        assert.deepStrictEqual([peak, held.length, inputs], [2 * square, 2, square])
      })
    )
  })

  it("makes elementwise results in the place of an operand that is not needed any more, and keeps one that is", () => {
    const product = matmul(x, x)
    assert.strictEqual(made({ y: tanh(tanh(product)) }, { x }).peak, square)
    assert.strictEqual(made({ y: add(tanh(product), product) }, { x }).peak, 2 * square)
    // The operand is given, so that its memory is not the step's.
    assert.strictEqual(made({ y: tanh(x) }, { x }).peak, square)
  })

  it("takes no memory for another view, and holds what a view shows", () => {
    const product = matmul(x, x)
    const view = reshape(product, [n * n])
    assert.strictEqual(made({ view }, { x }).peak, square)
    const { peak } = made({ y: matmul(transpose(matmul(x, tanh(x))), reshape(view, [n, n])) }, { x })
    assert.strictEqual(peak, 3 * square)
  })

  it("keeps outputs to the end", () => {
    const outputs = Object.fromEntries([1, 2, 3, 4].map((k) => [`y${k}`, matmul(multiply(x, k), x)]))
    assert.strictEqual(made(outputs, { x }).peak, 5 * square)
  })

  it("makes updates of the state in the next state's memory", () => {
    const [theta, z] = [placeholder("theta", [n, n]), placeholder("z", [n, n])]
    const moved = add(theta, multiply(matmul(z, z), -0.1))
    const next = { theta: moved }
    const plan = planMemory(makeProgram({ name: "sgd", state: { theta }, inputs: { z }, next, outputs: {} }))
    assert.deepStrictEqual([plan.state, plan.next, plan.inputs, plan.peak], [square, square, square, square])
    assert.strictEqual(totalBytes(plan), 4 * square)
  })

  it("is never more than all results, and is the sum of what is held at its fullest", () => {
    fc.assert(
      fc.property(randomPrograms(), ({ program }) => {
        const roots = [...Object.values(program.next), ...Object.values(program.outputs)]
        const results = inputsFirst(roots).filter(({ inputs }) => inputs.length > 0)
        const { peak, held } = planMemory(program)
        assert.strictEqual(peak, total(held))
        assert.isAtMost(peak, total(results))
        for (const result of held) assert.isTrue(results.includes(result))
        assert.deepStrictEqual(
          held.map(bytes),
          held.map(bytes).toSorted((a, b) => b - a)
        )
      }),
      { numRuns: 40 }
    )
  })

  it("grows with what a result is reduced of, not with the result", () => {
    assert.strictEqual(made({ y: sum(matmul(x, x)) }, { x }).peak, square + 4)
  })
})
