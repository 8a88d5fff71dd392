import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { broadcast, sum, unbroadcast } from "../../../src/domain/tensor/broadcast.ts"
import { constant, placeholder } from "../../../src/domain/tensor/source.ts"
import { operand } from "../../../src/testing/operands.ts"
import { anyShape, stretchableTo } from "../../../src/testing/shapes.ts"
import { assertAgree, listOf } from "../../support/numbers.ts"

describe("unbroadcast", () => {
  it("is the adjoint of broadcast: <broadcast(x), y> = <x, unbroadcast(y)>", () => {
    const fitting = anyShape
      .chain((shape) => fc.tuple(fc.constant(shape), stretchableTo(shape)))
      .chain(([shape, slim]) => fc.tuple(operand(slim), operand(shape)))
    fc.assert(
      fc.property(fitting, ([small, large]) => {
        const [x, y] = [constant(small), constant(large)]
        const back = unbroadcast(y, small.shape)
        assert.deepStrictEqual(back.shape, small.shape)
        const [stretched, gathered] = [multiply(broadcast(x, large.shape), y), multiply(x, back)]
        assertAgree(listOf(sum(stretched)), listOf(sum(gathered)), 1e-12, "inner products")
      })
    )
  })

  it("adds nothing to what has the shape, and sums over no axis that was not repeated", () => {
    const x = placeholder("x", [1, 3])
    assert.strictEqual(unbroadcast(x, [1, 3]), x)
    assert.deepStrictEqual(unbroadcast(x, [1, 1]).inputs, [sum(x, [1])])
    assert.deepStrictEqual(unbroadcast(x, [3]).inputs, [sum(x, [0])])
  })
})
