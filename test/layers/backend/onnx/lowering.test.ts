import { assert, describe, it } from "@effect/vitest"
import { add } from "../../../../src/domain/tensor/arithmetic.ts"
import { greater, where } from "../../../../src/domain/tensor/comparison.ts"
import { exp } from "../../../../src/domain/tensor/elementwise.ts"
import { matmul } from "../../../../src/domain/tensor/matmul.ts"
import { full, placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { lowerProgram } from "../../../../src/layers/backend/onnx/lowering.ts"
import { programOf } from "../../../../src/testing/programs.ts"

const [x, y] = [placeholder("x", [2, 3]), placeholder("y", [2, 3])]
const [a, b, c] = [placeholder("a", [2, 4]), placeholder("b", [4, 3]), placeholder("c", [3])]
const [row, square] = [placeholder("row", [1, 4]), placeholder("square", [3, 3])]

/** The operators that some expressions become. */
const operators = (...roots: ReadonlyArray<Tensor>): ReadonlyArray<string> =>
  lowerProgram(programOf("lowered", { x, y, a, b, c, row, square }, roots)).graph.nodes.map(({ opType }) => opType)

describe("lowering", () => {
  it("makes one operator of a product and what is added to it, if nothing else uses the product", () => {
    assert.deepStrictEqual(operators(add(matmul(a, b), c)), ["Gemm"])
    assert.deepStrictEqual(operators(add(x, matmul(a, b))), ["Gemm"])
    const product = matmul(a, b)
    assert.deepStrictEqual(operators(add(product, c), exp(product)), ["Gemm", "Add", "Exp"])
  })

  it("keeps the sum apart where it stretches the product", () => {
    assert.deepStrictEqual(operators(add(matmul(row, b), x)), ["Gemm", "Add"])
  })

  it("takes one of two products into their sum and leaves the other", () => {
    assert.deepStrictEqual(operators(add(matmul(a, b), matmul(y, square))), ["Gemm", "Gemm"])
  })

  it("keeps comparisons boolean where only choices use them", () => {
    const condition = greater(x, 0)
    assert.deepStrictEqual(operators(where(condition, x, 0), where(condition, 0, y)), ["Greater", "Where", "Where"])
    assert.deepStrictEqual(operators(where(condition, x, 0), condition).toSorted(), ["Cast", "Greater", "Where"])
    assert.deepStrictEqual(operators(where(x, x, y)), ["Cast", "Where"])
  })

  it("writes out small constants once and stretches large ones", () => {
    const { graph } = lowerProgram(programOf("constants", { x }, [add(exp(x), 2), add(x, 2), full([100, 100], 2)]))
    assert.deepStrictEqual(graph.nodes.map(({ opType }) => opType).toSorted(), [
      "Add",
      "Add",
      "Exp",
      "Expand",
      "Identity"
    ])
    // The scalar 2, shared by all three, and the large shape.
    assert.strictEqual(graph.constants.length, 2)
  })

  it("gives a second name to what is already an input or an output", () => {
    const sum = exp(x)
    const { graph, outputs } = lowerProgram(programOf("aliases", { x }, [x, sum, sum]))
    assert.strictEqual(new Set(Object.values(outputs)).size, 3)
    assert.deepStrictEqual(graph.nodes.map(({ opType }) => opType).toSorted(), ["Exp", "Identity", "Identity"])
  })

  it("labels every operator by the primitive it came from", () => {
    const { graph } = lowerProgram(programOf("labels", { a, b }, [exp(matmul(a, b))]))
    assert.deepStrictEqual(
      graph.nodes.map(({ name }) => name),
      ["matmul([2, 4] [4, 3]) : [2, 3]/0", "exp([2, 3]) : [2, 3]/1"]
    )
  })
})
