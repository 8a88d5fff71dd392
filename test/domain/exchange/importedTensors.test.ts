import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { importedTensors } from "../../../src/domain/exchange/importedTensors.ts"
import { type NamedTensors, tensorData } from "../../../src/domain/tensor/TensorData.ts"

const float32 = (...values: ReadonlyArray<number>) => tensorData([values.length], Float32Array.from(values))
const float64 = (...values: ReadonlyArray<number>) => tensorData([values.length], Float64Array.from(values))

const state: NamedTensors = { "generator.a": float32(1, 2), "average.a": float32(3, 4), "optimizer.m": float32(5) }
const strict = { rounding: false }

const refusal = (given: NamedTensors, rules = strict, into = state): string => {
  const result = importedTensors(into, given, rules)
  assert(Result.isFailure(result), "expected a refusal")
  return result.failure.message
}

describe("importedTensors", () => {
  it.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
    "does not take a tensor called %s for one of the state",
    (name) => {
      const given = Object.fromEntries([...Object.entries(state), [name, float32(1)]])
      assert.strictEqual(
        refusal(given),
        `tensor "${name}": expected one of 3 names such as "generator.a", found this name`
      )
    }
  )

  it("takes float64 numbers that float32 holds, to the bit, and an average along", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const taken = Result.getOrThrow(importedTensors(state, { "generator.a": float64(value, -0) }, strict))
        assert.deepStrictEqual(taken, { ...state, "generator.a": float32(value, -0), "average.a": float32(value, -0) })
      })
    )
  })

  it("rounds float64 numbers only where it may, and never to infinity", () => {
    assert.strictEqual(
      refusal({ "generator.a": float64(1, 0.1) }),
      'tensor "generator.a": its number 0.1 at [1] is no float32 number'
    )
    const rounded = Result.getOrThrow(importedTensors(state, { "generator.a": float64(1, 0.1) }, { rounding: true }))
    assert.deepStrictEqual(rounded["generator.a"], float32(1, Math.fround(0.1)))
    assert.match(
      refusal({ "generator.a": float64(1, 1e300) }, { rounding: true }),
      /found 1e\+300, which is beyond float32$/
    )
  })

  it("widens float32 numbers where the state holds float64 ones", () => {
    const wide: NamedTensors = { "generator.a": float64(1, 2) }
    assert.deepStrictEqual(Result.getOrThrow(importedTensors(wide, { "generator.a": float32(0.1, 2) }, strict)), {
      "generator.a": float64(Math.fround(0.1), 2)
    })
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("refuses %d, rounding or not", (value) => {
    for (const rounding of [false, true]) {
      for (const tensor of [float32(1, value), float64(1, value)]) {
        const message = `tensor "generator.a": expected finite numbers, found ${value}`
        assert.strictEqual(refusal({ "generator.a": tensor }, { rounding }), message)
      }
    }
  })
})
