import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { firstNotFinite } from "../../../src/domain/tensor/notFinite.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"

const of = (...values: ReadonlyArray<number>) => tensorData([values.length], Float64Array.from(values))

describe("firstNotFinite", () => {
  it("is nothing where every number is finite, whatever its sign and size", () => {
    assert.isUndefined(firstNotFinite({}))
    assert.isUndefined(
      firstNotFinite({ a: of(0, -0, -1, Number.MAX_VALUE, Number.MIN_VALUE), b: of(-Number.MAX_VALUE) })
    )
  })

  it("names the first tensor that holds one, and its first", () => {
    const state = { a: of(1, 2), b: of(1, Number.NEGATIVE_INFINITY, Number.NaN), c: of(Number.NaN) }
    assert.deepStrictEqual(firstNotFinite(state), { path: "b", value: Number.NEGATIVE_INFINITY })
    assert.deepStrictEqual(firstNotFinite({ c: state.c }), { path: "c", value: Number.NaN })
  })

  it("finds it wherever it is", () => {
    const bad = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(8), bad, (length, at, value) => {
        const values = new Float32Array(length).fill(3)
        values[at % length] = value
        assert.deepStrictEqual(firstNotFinite({ x: tensorData([length], values) }), { path: "x", value })
      })
    )
  })
})
