import { assert, describe, it } from "@effect/vitest"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { pow } from "../../../src/domain/tensor/power.ts"
import { full, placeholder } from "../../../src/domain/tensor/source.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { assertAgree, listOf } from "../../support/numbers.ts"

const x = placeholder("x", [5])

describe("pow", () => {
  it("is the power, with its gradient: whole exponents of either sign of x, others above 0", () => {
    for (const exponent of [-3, -1, 0, 1, 2, 3, 7, 10, -0.5, 0.25, 1.5, 2.75]) {
      const given = Number.isInteger(exponent) ? [-2, -0.5, 0.75, 1, 1.5] : [0.25, 0.5, 0.75, 1, 1.5]
      const wanted = given.map((n) => n ** exponent)
      assertAgree(listOf(pow(x, exponent), { x: given }), wanted, 1e-13, `pow ${exponent}`)
      assertGradient(sum(pow(x, exponent)), { x }, { x: given }, { what: `pow ${exponent}` })
    }
  })

  it("makes no node for the power 1, and 1 itself of the power 0", () => {
    assert.strictEqual(pow(x, 1), x)
    assert.deepStrictEqual(pow(x, 0), full([5], 1))
  })

  it("is at 0, below it and at NaN what its docstring says, and never gives a gradient of NaN at 0", () => {
    const given = { x: [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1] }
    assert.deepStrictEqual(listOf(pow(x, 0.5), given), [0, Number.NaN, Number.NaN, Number.POSITIVE_INFINITY, 1])
    assert.deepStrictEqual(listOf(pow(x, -0.5), given), [Number.POSITIVE_INFINITY, Number.NaN, Number.NaN, 0, 1])
    for (const exponent of [-0.5, 0.5, 1.5, 2, 0]) {
      assert.strictEqual(listOf(gradient(sum(pow(x, exponent)), x), { x: [0, 1, 1, 1, 1] })[0], 0, `pow ${exponent}`)
    }
    assert.deepStrictEqual(listOf(pow(x, 0), { x: [0, -1, 2, 3, 4] }), [1, 1, 1, 1, 1])
    assert.throws(() => pow(x, Number.NaN), RangeError)
  })
})
