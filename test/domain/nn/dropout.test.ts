import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { dropout } from "../../../src/domain/nn/dropout.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"

const x = placeholder("x", [40, 50])
const ones = { x: new Float64Array(2000).fill(1) }

describe("dropout", () => {
  it("zeroes some numbers and divides the others by the share that is kept", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 0.9, noNaN: true }), fc.nat({ max: 1000 }), (keep, seed) => {
        const values = evaluateOne(dropout(x, keep, "mask"), ones, { seed, step: 0 })
        const kept = values.filter((value) => value !== 0)
        // Five standard deviations of a binomial share of 2,000.
        assert.isBelow(Math.abs(kept.length / 2000 - keep), 5 * Math.sqrt((keep * (1 - keep)) / 2000))
        for (const value of kept) assert.approximately(value, 1 / keep, 1e-12)
      }),
      { numRuns: 30 }
    )
  })

  it("draws another mask at each step, and the same one for the same stream", () => {
    const masked = (stream: string, step: number) => evaluateOne(dropout(x, 0.5, stream), ones, { seed: 3, step })
    assert.deepStrictEqual(masked("a", 0), masked("a", 0))
    assert.notDeepEqual(masked("a", 0), masked("a", 1))
    assert.notDeepEqual(masked("a", 0), masked("b", 0))
  })

  it("that keeps everything is the tensor itself", () => {
    assert.strictEqual(dropout(x, 1, "mask"), x)
  })
})
