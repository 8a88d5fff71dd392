import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { energyDistance } from "../../../src/domain/objective/energyDistance.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { normals } from "../../support/randomNumbers.ts"

const [x, y] = [placeholder("x", [5, 3]), placeholder("y", [4, 3])]

const distance = (a: Float64Array, b: Float64Array): number => {
  const [n, m] = [a.length / 3, b.length / 3]
  const expression = energyDistance(placeholder("a", [n, 3]), placeholder("b", [m, 3]))
  return evaluateOne(expression, { a, b })[0] ?? Number.NaN
}

/** The definition, pair by pair. */
const byPairs = (a: Float64Array, b: Float64Array): number => {
  const mean = (p: Float64Array, q: Float64Array) => {
    let total = 0
    for (let i = 0; i < p.length; i += 3) {
      for (let j = 0; j < q.length; j += 3) {
        total += Math.hypot(...[0, 1, 2].map((k) => (p[i + k] ?? 0) - (q[j + k] ?? 0)))
      }
    }
    return total / ((p.length / 3) * (q.length / 3))
  }
  return 2 * mean(a, b) - mean(a, a) - mean(b, b)
}

describe("energyDistance", () => {
  it("is what its definition says, pair by pair, the same both ways, and never negative", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.nat(1000), (n, m, seed) => {
        const [a, b] = [normals(seed, "a", [n, 3]), normals(seed, "b", [m, 3], 2)]
        assert.closeTo(distance(a, b), byPairs(a, b), 1e-5)
        assert.closeTo(distance(a, b), distance(b, a), 1e-12)
        assert.isAtLeast(distance(a, b), -1e-5)
      })
    )
  })

  it("is 0 for the same points, and twice the distance of two points", () => {
    const a = normals(1, "a", [6, 3])
    assert.closeTo(distance(a, a), 0, 1e-12)
    assert.closeTo(distance(Float64Array.of(0, 0, 0), Float64Array.of(0, 3, 4)), 10, 1e-5)
  })

  it("has the derivatives of its finite differences", () => {
    assertGradient(energyDistance(x, y), { x, y }, { x: normals(3, "x", [5, 3]), y: normals(4, "y", [4, 3]) })
  })
})
