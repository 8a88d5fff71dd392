import { assert, describe, it } from "@effect/vitest"
import { tensorDifference } from "../../../src/domain/checkpoint/tensorDifference.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"

const of = (...values: ReadonlyArray<number>) => tensorData([values.length], Float32Array.from(values))

describe("tensorDifference", () => {
  it("is nothing for the same bits, and for a part of the whole", () => {
    assert.isUndefined(tensorDifference({ a: of(1, Number.NaN) }, { a: of(1, Number.NaN), b: of(2) }))
  })

  it("names the first number, shape or tensor that differs", () => {
    const expected = { a: of(1, 2), b: of(0) }
    assert.deepStrictEqual(tensorDifference(expected, { a: of(1, 2), b: of(-0) }), {
      quantity: "b[0]",
      expected: "0",
      found: "-0"
    })
    assert.include(tensorDifference(expected, { a: of(1, 3), b: of(1) }), {
      quantity: "a[1]",
      expected: "2",
      found: "3"
    })
    assert.include(tensorDifference(expected, { a: of(1), b: of(0) }), {
      quantity: "a",
      expected: "a tensor of [2]",
      found: "a tensor of [1]"
    })
    assert.include(tensorDifference(expected, { a: of(1, 2) }), { quantity: "b", found: "none" })
  })
})
