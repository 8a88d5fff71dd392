import { assert, describe, it } from "@effect/vitest"
import { add, divide, multiply, negate } from "../../../../src/domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../../../../src/domain/tensor/broadcast.ts"
import { exp, log } from "../../../../src/domain/tensor/elementwise.ts"
import { foldConstants, uniformValue } from "../../../../src/domain/tensor/rewrite/constants.ts"
import { simplify } from "../../../../src/domain/tensor/rewrite/simplify.ts"
import { constant, full, normalNoise, placeholder, scalar } from "../../../../src/domain/tensor/source.ts"
import { listOf } from "../../../support/numbers.ts"

const ramp = constant({ shape: [3], values: Float64Array.of(1, 2, 3) })

describe("foldConstants", () => {
  it("computes expressions of constants, through as many steps as there are", () => {
    const [root = ramp] = simplify([multiply(sum(exp(log(ramp))), scalar(2))])
    assert.strictEqual(root.op, "full")
    assert.closeTo(listOf(root)[0] ?? Number.NaN, 12, 1e-12)
  })

  it("makes a fill of what is the same everywhere, and a literal of anything else", () => {
    assert.strictEqual(foldConstants(add(full([2, 2], 1), 2))?.op, "full")
    const literalSum = foldConstants(add(ramp, 1))
    assert.strictEqual(literalSum?.op, "constant")
    assert.deepStrictEqual(listOf(literalSum ?? ramp), [2, 3, 4])
  })

  it("keeps NaN, infinities and the sign of zero", () => {
    const [nan, infinite, negativeZero] = simplify([
      divide(scalar(0), scalar(0)),
      divide(scalar(1), scalar(0)),
      multiply(scalar(0), scalar(-1))
    ])
    assert.deepStrictEqual(
      [nan, infinite, negativeZero].map((root) => listOf(root ?? ramp)[0]),
      [NaN, Infinity, -0]
    )
  })

  it("leaves alone what comes from outside, sources, and what would become too large", () => {
    assert.isUndefined(foldConstants(exp(placeholder("x", [2]))))
    assert.isUndefined(foldConstants(exp(normalNoise("z", [2]))))
    assert.isUndefined(foldConstants(normalNoise("z", [2])))
    assert.isUndefined(foldConstants(ramp))
    assert.isUndefined(foldConstants(exp(full([300, 300], 1))))
    assert.isUndefined(foldConstants(broadcast(ramp, [30_000, 3])))
    assert.isUndefined(foldConstants(sum(full([300, 300], 1))))
    assert.isUndefined(foldConstants(add(ramp, placeholder("x", [3]))))
    // 2^16 numbers are not too many.
    assert.strictEqual(foldConstants(negate(full([65_536], 1)))?.op, "full")
  })
})

describe("uniformValue", () => {
  it("is a fill's number", () => {
    assert.strictEqual(uniformValue(full([2], 3)), 3)
    assert.isUndefined(uniformValue(ramp))
  })
})
