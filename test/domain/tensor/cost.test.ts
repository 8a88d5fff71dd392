import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { add, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../../../src/domain/tensor/broadcast.ts"
import { clamp } from "../../../src/domain/tensor/comparison.ts"
import { conv2d, convTranspose2d } from "../../../src/domain/tensor/convolution.ts"
import { bytesMoved, costOf, programCost } from "../../../src/domain/tensor/cost.ts"
import { exp, stopGradient } from "../../../src/domain/tensor/elementwise.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { matmul } from "../../../src/domain/tensor/matmul.ts"
import { concatenate, reshape, slice, transpose } from "../../../src/domain/tensor/movement.ts"
import { makeProgram } from "../../../src/domain/tensor/Program.ts"
import { pmean } from "../../../src/domain/tensor/pmean.ts"
import { max, softmax } from "../../../src/domain/tensor/reduction.ts"
import { constant, full, normalNoise, placeholder } from "../../../src/domain/tensor/source.ts"

const x = (...shape: ReadonlyArray<number>) => placeholder(`x${shape.join("x")}`, shape)
const flop = (...roots: Parameters<typeof costOf>[0]) => costOf(roots).flop
const size = fc.integer({ min: 1, max: 9 })

describe("costOf", () => {
  it("counts a product of matrices as 2 m n k, however they are transposed, for each matrix of a batch", () => {
    fc.assert(
      fc.property(size, size, size, size, (batch, m, n, k) => {
        const expected = 2 * batch * m * n * k
        assert.strictEqual(flop(matmul(x(batch, m, k), x(batch, k, n))), expected)
        assert.strictEqual(flop(matmul(x(batch, k, m), x(batch, k, n), { transposeA: true })), expected)
        assert.strictEqual(flop(matmul(x(batch, m, k), x(batch, n, k), { transposeB: true })), expected)
        assert.strictEqual(flop(matmul(x(batch, k, m), x(n, k), { transposeA: true, transposeB: true })), expected)
      })
    )
  })

  it("makes the gradient of a product cost twice the product, and of the sum before it nothing", () => {
    const [a, b] = [x(5, 7), x(7, 3)]
    const product = matmul(a, b)
    const gradients = gradient(sum(product), { a, b })
    assert.strictEqual(flop(gradients.a, gradients.b), 2 * flop(product))
  })

  it("counts a convolution as 2 for each entry of the result and of the kernel that makes it", () => {
    const [image, kernel] = [x(10, 3, 28, 28), x(16, 3, 5, 5)]
    // 10 images of 16 x 14 x 14 results, each of 3 x 5 x 5 products.
    const y = conv2d(image, kernel, { strides: 2, padding: 2 })
    assert.strictEqual(flop(y), 2 * (10 * 16 * 14 * 14) * (3 * 5 * 5))
    assert.strictEqual(flop(convTranspose2d(y, kernel, { strides: 2, padding: 2 })), 2 * flop(y))
    const gradients = gradient(sum(y), { image, kernel })
    assert.strictEqual(flop(gradients.image), flop(y))
    assert.strictEqual(flop(gradients.kernel), flop(y))
  })

  it("counts elementwise operations by elements of the stretched result", () => {
    assert.strictEqual(flop(add(x(4, 1), x(3))), 12)
    assert.strictEqual(flop(exp(x(4, 3))), 12)
    assert.strictEqual(flop(clamp(x(4, 3), 0, 1)), 24)
  })

  it("counts reductions and softmax as the operations they are made of", () => {
    assert.strictEqual(flop(sum(x(4, 3), [1])), 8)
    assert.strictEqual(flop(max(x(4, 3))), 11)
    for (const row of [x(2, 5), x(3, 2, 5), x(5)]) {
      const e = exp(add(row, max(row, [-1], true)))
      assert.strictEqual(flop(softmax(row)), flop(multiply(e, sum(e, [-1], true))))
    }
  })

  it("counts movement as nodes without operations, and sources not at all", () => {
    const moved = [
      reshape(x(4, 3), [12]),
      transpose(x(4, 3)),
      slice(x(4, 3), [0, 0], [1, 1]),
      concatenate([x(2), x(3)], 0),
      broadcast(x(3), [4, 3])
    ]
    const cost = costOf([...moved, full([9], 1), normalNoise("n", [9])])
    assert.strictEqual(cost.flop, 0)
    assert.strictEqual(cost.nodes, moved.length)
  })

  it("counts a shared subexpression once, and gives totals that are the sums over primitives", () => {
    const shared = exp(x(10))
    const cost = costOf([add(shared, shared), multiply(shared, x(10))])
    assert.deepStrictEqual([cost.nodes, cost.flop], [3, 30])
    assert.deepStrictEqual(
      cost.byPrimitive.map(({ primitive }) => primitive),
      ["exp", "add", "multiply"]
    )
  })
})

describe("bytesMoved", () => {
  it("counts the numbers that a primitive reads and writes, four bytes each, and none of sources and views", () => {
    assert.strictEqual(bytesMoved(add(x(4, 1), x(3))), 4 * (12 + 4 + 3))
    assert.strictEqual(bytesMoved(matmul(x(2, 3), x(3, 5))), 4 * (10 + 6 + 15))
    const still = [x(4), full([9], 1), reshape(x(4, 3), [12]), stopGradient(x(4)), pmean(x(4))]
    assert.deepStrictEqual(still.map(bytesMoved), [0, 0, 0, 0, 0])
  })
})

describe("the primitives of a cost", () => {
  it("come with the most operations first, and of equal ones the most nodes", () => {
    const moved = [transpose(x(4, 3)), reshape(x(4, 3), [12]), reshape(x(4, 3), [6, 2])]
    const cost = costOf([...moved, exp(x(2)), multiply(x(9), x(9)), add(x(5), x(5))])
    assert.deepStrictEqual(
      cost.byPrimitive.map(({ primitive }) => primitive),
      ["multiply", "add", "exp", "reshape", "transpose"]
    )
  })

  it("count no literal", () => {
    assert.deepStrictEqual(costOf([constant({ shape: [2], values: Float64Array.of(1, 2) })]).byPrimitive, [])
  })
})

describe("programCost", () => {
  it("counts the next state and the outputs, and nothing for state that stays", () => {
    const [total, kept, input] = [placeholder("total", [3]), placeholder("kept", [3]), placeholder("input", [2, 3])]
    const program = makeProgram({
      name: "p",
      state: { total, kept },
      inputs: { input },
      next: { total: add(total, sum(input, [0])), kept },
      outputs: { first: exp(kept) }
    })
    assert.deepStrictEqual(programCost(program).byPrimitive, [
      { primitive: "sum", nodes: 1, flop: 3 },
      { primitive: "add", nodes: 1, flop: 3 },
      { primitive: "exp", nodes: 1, flop: 3 }
    ])
  })
})
