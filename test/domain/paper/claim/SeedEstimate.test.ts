import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { claimMeasure, differenceOf, seedEstimate } from "../../../../src/domain/paper/claim/SeedEstimate.ts"
import { about } from "./examples.ts"

const number = fc.double({ min: -50, max: 50, noNaN: true })
const error = fc.double({ min: 0.001, max: 5, noNaN: true })
const seedValues = fc.array(fc.record({ value: number, standardError: error }), { minLength: 1, maxLength: 14 })

describe("an estimate over seeds", () => {
  it("by hand", () => {
    assert.deepStrictEqual(seedEstimate([about(3, 0.5)]), { value: 3, margin: 1, seeds: 1, standardError: 0.5 })
    assert.deepStrictEqual(seedEstimate([{ value: 3 }]), { value: 3, margin: 0, seeds: 1 })
    const three = seedEstimate([1, 2, 3].map((value) => about(value, 0.1)))
    assert.strictEqual(three.value, 2)
    assert.strictEqual(three.spread, 1)
    // Student's t of two degrees of freedom (any table: 4.303) times 1 / sqrt 3.
    assert.closeTo(three.margin, 4.303 / Math.sqrt(3), 1e-12)
    assert.closeTo(three.standardError ?? 0, 0.1, 1e-12)
  })

  it("lies among its values, and its margin knows the samples' error even where seeds agree", () => {
    fc.assert(
      fc.property(seedValues, (values) => {
        const { value, margin, seeds } = seedEstimate(values)
        const all = values.map((each) => each.value)
        assert.isAtLeast(value, Math.min(...all) - 1e-9)
        assert.isAtMost(value, Math.max(...all) + 1e-9)
        assert.strictEqual(seeds, values.length)
        const least = Math.min(...values.map(({ standardError }) => standardError))
        assert.isAtLeast(margin, (2 * least) / Math.sqrt(seeds) - 1e-12)
      })
    )
  })

  it("moves with its values, and its margin with their scale", () => {
    fc.assert(
      fc.property(seedValues, number, error, (values, shift, scale) => {
        const plain = seedEstimate(values)
        const changed = seedEstimate(
          values.map(({ value, standardError }) => about(shift + scale * value, scale * standardError))
        )
        assert.closeTo(changed.value, shift + scale * plain.value, 1e-6)
        assert.closeTo(changed.margin, scale * plain.margin, 1e-6)
      })
    )
  })

  it("needs a seed", () => {
    assert.throws(() => seedEstimate([]), RangeError)
  })
})

describe("a difference", () => {
  it("is antisymmetric, and less certain than either side", () => {
    fc.assert(
      fc.property(seedValues, seedValues, (left, right) => {
        const [a, b] = [seedEstimate(left), seedEstimate(right)]
        const [there, back] = [differenceOf(a, b), differenceOf(b, a)]
        assert.strictEqual(there.value, -back.value)
        assert.closeTo(there.margin, back.margin, 1e-9)
        assert.isAtLeast(there.margin, Math.max(a.margin, b.margin) - 1e-9)
        assert.strictEqual(there.seeds, Math.min(left.length, right.length))
      })
    )
  })

  it("lends the spread of several seeds to a single one", () => {
    const several = seedEstimate([1, 2, 3].map((value) => ({ value })))
    const one = seedEstimate([about(9, 0.001)])
    const { value, margin } = differenceOf(one, several)
    assert.strictEqual(value, 7)
    assert.closeTo(margin, 4.303 * Math.hypot(1, 1 / Math.sqrt(3)), 1e-9)
    assert.closeTo(differenceOf(one, seedEstimate([about(1, 0.001)])).margin, 2 * Math.hypot(0.001, 0.001), 1e-12)
  })
})

it("a claim's measure has what is known of the errors", () => {
  assert.deepStrictEqual(claimMeasure("x", seedEstimate([{ value: 1 }])), { name: "x", value: 1 })
  assert.deepStrictEqual(claimMeasure("x", seedEstimate([about(1, 0.5)])), { name: "x", value: 1, standardError: 0.5 })
  assert.deepStrictEqual(claimMeasure("x", seedEstimate([{ value: 1 }, { value: 1 }])), {
    name: "x",
    value: 1,
    spread: 0,
    values: [1, 1]
  })
})
