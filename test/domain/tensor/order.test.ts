import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { add, multiply, negate } from "../../../src/domain/tensor/arithmetic.ts"
import { inputsFirst, useCounts } from "../../../src/domain/tensor/order.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { randomExpressions } from "../../../src/testing/randomExpressions.ts"

describe("inputsFirst", () => {
  it("lists every expression once, its inputs before it", () => {
    fc.assert(
      fc.property(randomExpressions(), ({ roots }) => {
        const order = inputsFirst(roots)
        const position = new Map(order.map((node, i) => [node, i]))
        assert.strictEqual(position.size, order.length)
        for (const root of roots) assert.isTrue(position.has(root))
        order.forEach((node, i) => {
          for (const input of node.inputs) assert.isBelow(position.get(input) ?? Number.POSITIVE_INFINITY, i)
        })
      }),
      { numRuns: 50 }
    )
  })

  it("goes depth first, from left to right", () => {
    const [a, b] = [placeholder("a", []), placeholder("b", [])]
    const [left, right] = [negate(a), multiply(b, a)]
    const root = add(left, right)
    assert.deepStrictEqual(inputsFirst([root, left]), [a, left, b, right, root])
  })

  it("goes as deep as it must", () => {
    let x: Tensor = placeholder("x", [])
    for (let i = 0; i < 50_000; i++) x = negate(x)
    assert.strictEqual(inputsFirst([x]).length, 50_001)
  })
})

describe("useCounts", () => {
  it("counts uses as inputs and as roots", () => {
    const a = placeholder("a", [])
    const square = multiply(a, a)
    const root = add(square, a)
    const counts = useCounts([root, square, root])
    assert.deepStrictEqual([counts.get(a), counts.get(square), counts.get(root)], [3, 2, 2])
  })
})
