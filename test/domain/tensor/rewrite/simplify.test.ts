import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { add, multiply, subtract } from "../../../../src/domain/tensor/arithmetic.ts"
import { clamp, greater, maximum } from "../../../../src/domain/tensor/comparison.ts"
import { exp, stopGradient, tanh } from "../../../../src/domain/tensor/elementwise.ts"
import { gradient } from "../../../../src/domain/tensor/gradient.ts"
import { inputsFirst } from "../../../../src/domain/tensor/order.ts"
import { printExpressions } from "../../../../src/domain/tensor/print.ts"
import { rewrite, simplify } from "../../../../src/domain/tensor/rewrite/simplify.ts"
import { constant, normalNoise, placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { weightedSum } from "../../../../src/testing/losses.ts"
import { randomExpressions } from "../../../../src/testing/randomExpressions.ts"
import type { NamedNumbers } from "../../../support/evaluateNamed.ts"
import { assertAgree, listOf, numbersOf } from "../../../support/numbers.ts"

/** Asserts that simplified expressions have the values and shapes of the given ones, in the same order. */
const assertSimplifies = (roots: ReadonlyArray<Tensor>, numbers: NamedNumbers): void => {
  const simple = simplify(roots)
  assert.deepStrictEqual(
    simple.map(({ shape }) => shape),
    roots.map(({ shape }) => shape)
  )
  const expected = numbersOf(roots, numbers)
  numbersOf(simple, numbers).forEach((values, i) => {
    assertAgree(values, expected[i] ?? [], 1e-9, `root ${i}`)
  })
}

const gradientsOf = (roots: ReadonlyArray<Tensor>, placeholders: ReadonlyArray<Tensor>): ReadonlyArray<Tensor> => {
  const loss = roots.map((root, i) => weightedSum(tanh(root), i)).reduce((a, b) => add(a, b))
  return placeholders.map((parameter) => gradient(loss, parameter))
}

describe("simplify", () => {
  it("changes neither values, shapes nor order of random expressions", () => {
    fc.assert(
      fc.property(randomExpressions(), ({ roots, numbers }) => assertSimplifies(roots, numbers)),
      { numRuns: 100 }
    )
  })

  it("changes neither values, shapes nor order of their gradients", () => {
    fc.assert(
      fc.property(randomExpressions(), ({ roots, numbers, placeholders }) =>
        assertSimplifies([...gradientsOf(roots, placeholders), ...roots], numbers)
      ),
      { numRuns: 80 }
    )
  })

  it("is idempotent", () => {
    fc.assert(
      fc.property(randomExpressions(), ({ roots, placeholders }) => {
        const once = simplify([...gradientsOf(roots, placeholders), ...roots])
        assert.strictEqual(printExpressions(simplify(once)), printExpressions(once))
      }),
      { numRuns: 50 }
    )
  })

  it("never makes more expressions than there were", () => {
    fc.assert(
      fc.property(randomExpressions(), ({ roots, placeholders }) => {
        const given = [...gradientsOf(roots, placeholders), ...roots]
        assert.isAtMost(costOf(simplify(given)), costOf(given))
      }),
      { numRuns: 100 }
    )
  })

  const [x, y] = [placeholder("x", [2, 3]), placeholder("y", [2, 3])]

  it("makes equal subexpressions one, however they came about", () => {
    const [a, b] = simplify([exp(add(x, y)), exp(add(placeholder("x", [2, 3]), placeholder("y", [2, 3])))])
    assert.strictEqual(a, b)
  })

  it("knows that sums, products and maxima commute, and that differences do not", () => {
    for (const commuting of [add, multiply, maximum]) {
      const [a, b] = simplify([commuting(x, y), commuting(y, x)])
      assert.strictEqual(a, b)
    }
    for (const ordered of [subtract, greater]) {
      const [a, b] = simplify([ordered(x, y), ordered(y, x)])
      assert.notStrictEqual(a, b)
    }
  })

  it("keeps apart what differs in a parameter only", () => {
    const roots = simplify([clamp(x, 0, 1), clamp(x, 0, 2), clamp(x, 0, 1)])
    assert.strictEqual(roots[0], roots[2])
    assert.notStrictEqual(roots[0], roots[1])
  })

  it("keeps apart parameters that JSON cannot tell apart", () => {
    const values = listOf(x, {}).map((_, i) => i - 2)
    const infinity = Number.POSITIVE_INFINITY
    const roots = [clamp(x, -infinity, infinity), clamp(x, infinity, infinity)]
    assertSimplifies(roots, { x: values })
    const zeros = [0, -0].map((zero) => constant({ shape: [2], values: Float64Array.of(zero, 1) }))
    assert.deepStrictEqual(
      simplify(zeros).map((root) => listOf(root)),
      [
        [0, 1],
        [-0, 1]
      ]
    )
  })

  it("keeps noise streams apart, and joins two sources of one stream", () => {
    const [a, b, again] = simplify([normalNoise("a", [2]), normalNoise("b", [2]), normalNoise("a", [2])])
    assert.notStrictEqual(a, b)
    assert.strictEqual(a, again)
  })

  it("drops what no root needs and marks of stopGradient", () => {
    const dead = exp(x)
    const live = multiply(subtract(dead, dead), 0)
    const [root] = simplify([stopGradient(tanh(y))])
    assert.deepStrictEqual(
      inputsFirst(root === undefined ? [] : [root]).map(({ op }) => op),
      ["placeholder", "tanh"]
    )
    // 0 (e^x - e^x) is NaN where e^x overflows, so it stays.
    assertSimplifies([live], { x: [0, 1, 1000, -1, 2, 3] })
  })

  it("handles thousands of steps without recursion", () => {
    let total: Tensor = x
    for (let i = 0; i < 3_000; i++) total = tanh(add(total, y))
    assert.strictEqual(simplify([total, total]).length, 2)
  })
})

/** How many expressions there are that compute something. */
const costOf = (roots: ReadonlyArray<Tensor>): number =>
  inputsFirst(roots).filter(({ inputs }) => inputs.length > 0).length

describe("rewrite", () => {
  const x = placeholder("x", [2, 3])

  it("counts its rules: equal expressions, constants, single primitives, sums", () => {
    const same = () => exp(multiply(x, 1))
    const three = constant({ shape: [2], values: Float64Array.of(1, 2) })
    const { fired, roots } = rewrite([add(same(), same()), exp(three)])
    assert.deepStrictEqual(Object.fromEntries(fired), {
      "x 1 = x": 2,
      "share equal expressions": 1,
      "fold constants": 1
    })
    assert.deepStrictEqual(roots, simplify([add(same(), same()), exp(three)]))
  })

  it("counts nothing where there is nothing to be done", () => {
    fc.assert(
      fc.property(randomExpressions(), ({ roots }) => {
        const once = simplify(roots)
        assert.deepStrictEqual([...rewrite(once).fired], [])
      }),
      { numRuns: 100 }
    )
  })
})
