import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { add, divide, multiply, negate, subtract } from "../../../../src/domain/tensor/arithmetic.ts"
import { exp, sqrt } from "../../../../src/domain/tensor/elementwise.ts"

import { placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { planUpdate } from "../../../../src/layers/backend/onnx/updateKernel.ts"
import { openUpdateMemory } from "../../../../src/layers/backend/onnx/updateMemory.ts"

const shapeOf = (length: number) => [length]

/** Elementwise expressions of two tensors and a single number, as functions of them. */
const expression = fc.letrec<{ readonly tree: (a: Tensor, b: Tensor, c: Tensor) => Tensor }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(
      (a: Tensor) => a,
      (_: Tensor, b: Tensor) => b,
      (a: Tensor, _: Tensor, c: Tensor) => multiply(a, c)
    ),
    fc.tuple(fc.constantFrom(add, subtract, multiply, divide), tie("tree"), tie("tree")).map(
      ([op, left, right]) =>
        (a: Tensor, b: Tensor, c: Tensor) =>
          op(left(a, b, c), right(a, b, c))
    ),
    fc
      .tuple(
        fc.constantFrom(
          negate,
          (x: Tensor) => sqrt(multiply(x, x)),
          (x: Tensor) => add(x, 0.25)
        ),
        tie("tree")
      )
      .map(
        ([op, inner]) =>
          (a: Tensor, b: Tensor, c: Tensor) =>
            op(inner(a, b, c))
      )
  )
})).tree

const float32 = fc.float({ min: -100, max: 100, noNaN: true })

describe("an update's kernel", () => {
  it("computes any elementwise expressions as float32 arithmetic does, for every length", () => {
    fc.assert(
      fc.property(
        fc.array(expression, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(float32, float32), { minLength: 2, maxLength: 11 }),
        float32,
        (trees, rows, single) => {
          const [a, b, c] = [
            placeholder("a", shapeOf(rows.length)),
            placeholder("b", shapeOf(rows.length)),
            placeholder("c", [])
          ]
          // A sum with both, so that every expression has the tensors' shape.
          const roots = trees.map((tree) => add(multiply(add(a, b), c), tree(a, b, c)))
          const results = Object.fromEntries(roots.map((root, i) => [`result${i}`, root]))
          const plan = planUpdate({ results, next: {} })
          const memory = openUpdateMemory([plan], {})
          memory.numbers("a")?.set(rows.map(([first]) => first))
          memory.numbers("b")?.set(rows.map(([, second]) => second))
          memory.run(
            plan,
            plan.singles.map(() => single)
          )
          roots.forEach((root, i) => {
            const made = Array.from(memory.numbers(`result${i}`) ?? [])
            assert.deepStrictEqual(
              made,
              rows.map((row) => inFloat32(root, { a: row[0], b: row[1], c: single }))
            )
          })
        }
      ),
      { numRuns: 300 }
    )
  })

  it("leaves what it was made of in its place until the memory turns, and then swaps state and result", () => {
    const [w, g] = [placeholder("w", [5]), placeholder("g", [5])]
    const plan = planUpdate({ results: { made: subtract(w, g) }, next: { weight: "made" } })
    const memory = openUpdateMemory([plan], { weight: "w" })
    memory.numbers("w")?.fill(3)
    memory.numbers("g")?.fill(1)
    memory.run(plan, [])
    memory.run(plan, [])
    assert.deepStrictEqual(Array.from(memory.numbers("w") ?? []), [3, 3, 3, 3, 3])
    assert.deepStrictEqual(Array.from(memory.numbers("made") ?? []), [2, 2, 2, 2, 2])
    memory.turn()
    memory.run(plan, [])
    assert.deepStrictEqual(Array.from(memory.numbers("w") ?? []), [2, 2, 2, 2, 2])
    assert.deepStrictEqual(Array.from(memory.numbers("made") ?? []), [1, 1, 1, 1, 1])
  })

  it("refuses what is not elementwise", () => {
    assert.throws(
      () => planUpdate({ results: { made: exp(placeholder("x", [2])) }, next: {} }),
      "internal: an update holds exp"
    )
  })
})

/** The expression at one place, every operation rounded to float32. */
const inFloat32 = (root: Tensor, numbers: Readonly<Record<string, number>>): number => {
  const known = new Map<Tensor, number>()
  const value = (node: Tensor): number => {
    const found = known.get(node)
    if (found !== undefined) return found
    const made = Math.fround(computed(node))
    known.set(node, made)
    return made
  }
  const computed = (node: Tensor): number => {
    if (node.op === "placeholder") return numbers[node.parameters.name] ?? Number.NaN
    const [x = 0, y = 0] = node.inputs.map(value)
    switch (node.op) {
      case "full":
        return node.parameters.value
      case "add":
        return x + y
      case "subtract":
        return x - y
      case "multiply":
        return x * y
      case "divide":
        return x / y
      case "negate":
        return -x
      case "sqrt":
        return Math.sqrt(x)
      default:
        throw new Error(`${node.op} is not expected here`)
    }
  }
  return value(root)
}
