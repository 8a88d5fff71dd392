import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { addAll, multiply, square } from "../../../src/domain/tensor/arithmetic.ts"
import { broadcast, sum, unbroadcast } from "../../../src/domain/tensor/broadcast.ts"
import { abs, greater, less, minimum, not, sign } from "../../../src/domain/tensor/comparison.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { logSumExp, mean, softmax } from "../../../src/domain/tensor/reduction.ts"
import { sizeOf } from "../../../src/domain/tensor/Shape.ts"
import { constant, placeholder, scalar } from "../../../src/domain/tensor/source.ts"
import { operand } from "../../../src/testing/operands.ts"
import { anyShape, shapeAndAxes, stretchableTo } from "../../../src/testing/shapes.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { assertAgree, listOf } from "../../support/numbers.ts"

describe("operations made of primitives", () => {
  const x = placeholder("x", [4])
  const numbers = { x: [-2, 0.5, 3, -1] }

  it("minimum, absolute, less, sign, not, square", () => {
    assertAgree(listOf(minimum(x, 0), numbers), [-2, 0, 0, -1], 0, "minimum")
    assert.deepStrictEqual(listOf(abs(x), numbers), [2, 0.5, 3, 1])
    assert.deepStrictEqual(listOf(less(x, 0), numbers), [1, 0, 0, 1])
    assert.deepStrictEqual(listOf(sign(multiply(x, 2)), numbers), [-1, 1, 1, -1])
    assert.deepStrictEqual(listOf(sign(multiply(x, 0)), numbers), [0, 0, 0, 0])
    assert.deepStrictEqual(listOf(not(greater(x, 0)), numbers), [1, 0, 0, 1])
    assert.deepStrictEqual(listOf(square(x), numbers), [4, 0.25, 9, 1])
  })

  it("mean divides by how many numbers fall together", () => {
    fc.assert(
      fc.property(
        shapeAndAxes.chain(([shape, axes]) => fc.tuple(operand(shape), fc.constant(axes), fc.boolean())),
        ([{ shape, values }, axes, keepAxes]) => {
          const data = constant({ shape, values })
          const count = axes.reduce((product, axis) => product * (shape[axis] ?? 1), 1)
          const total = sum(data, axes, keepAxes)
          assert.deepStrictEqual(mean(data, axes, keepAxes).shape, total.shape)
          assertAgree(
            listOf(mean(data, axes, keepAxes)),
            listOf(total).map((n) => n / count),
            1e-13,
            "mean"
          )
        }
      )
    )
  })

  it("logSumExp does not overflow, and its gradient is the softmax", () => {
    assertAgree(listOf(logSumExp(x), { x: [1000, 1000, 0, 0] }), [1000 + Math.LN2], 1e-13, "logSumExp")
    assert.deepStrictEqual(logSumExp(placeholder("y", [2, 3])).shape, [2, 1])
    assertGradient(sum(logSumExp(x)), { x }, numbers, { what: "logSumExp" })
    assertAgree(listOf(gradient(sum(logSumExp(x)), x), numbers), listOf(softmax(x), numbers), 1e-13, "its gradient")
  })

  it("rows of a softmax sum to 1", () => {
    fc.assert(
      fc.property(operand([3, 4]), ({ shape, values }) =>
        assertAgree(listOf(sum(softmax(constant({ shape, values })), [1])), [1, 1, 1], 1e-14, "rows")
      )
    )
  })

  it("unbroadcast is the adjoint of broadcast: <broadcast x, y> = <x, unbroadcast y>", () => {
    const pair = anyShape.chain((to) => stretchableTo(to).chain((from) => fc.tuple(operand(from), operand(to))))
    const inner = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) =>
      a.reduce((total, n, i) => total + n * (b[i] ?? Number.NaN), 0)
    fc.assert(
      fc.property(pair, ([small, large]) => {
        const [from, to] = [constant(small), constant(large)]
        const back = unbroadcast(to, small.shape)
        assert.strictEqual(sizeOf(back.shape), small.values.length)
        const [left, right] = [
          inner(listOf(broadcast(from, large.shape)), listOf(to)),
          inner(listOf(from), listOf(back))
        ]
        assertAgree([left], [right], 1e-12, "inner products")
      })
    )
  })

  it("addAll adds from left to right and needs at least one", () => {
    assert.deepStrictEqual(listOf(addAll([scalar(1), scalar(2), scalar(3)])), [6])
    assert.throws(() => addAll([]), RangeError, "no tensors")
  })
})
