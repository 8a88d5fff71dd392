import { assert, describe, it } from "@effect/vitest"
import { gather } from "../../../src/domain/data/Examples.ts"
import { gaussianMixture } from "../../../src/domain/data/gaussianMixture.ts"

const square = [
  [-2, 0],
  [2, 0],
  [0, 3]
]

const pointsOf = (mixture: Parameters<typeof gaussianMixture>[0]) => {
  const all = gaussianMixture(mixture)
  const { points } = gather(
    all,
    Array.from({ length: all.count }, (_, i) => i)
  )
  return Array.from({ length: all.count }, (_, i) => [...points.values.subarray(2 * i, 2 * i + 2)])
}

describe("gaussianMixture", () => {
  it("draws from every centre as often, as far from it as the deviation says", () => {
    const points = pointsOf({ centres: square, standardDeviation: 0.1, count: 6000, seed: 3 })
    let squares = 0
    const counts = square.map(([x = 0, y = 0]) => {
      const near = points.filter(([px = 0, py = 0]) => Math.hypot(px - x, py - y) < 1)
      for (const [px = 0, py = 0] of near) squares += (px - x) ** 2 + (py - y) ** 2
      return near.length
    })
    assert.strictEqual(
      counts.reduce((a, b) => a + b, 0),
      6000
    )
    for (const count of counts) assert.closeTo(count, 2000, 150)
    assert.closeTo(Math.sqrt(squares / 12_000), 0.1, 0.003)
  })

  it("draws the same points again, and more where more are asked for", () => {
    const few = pointsOf({ centres: square, standardDeviation: 1, count: 5, seed: 3 })
    const many = pointsOf({ centres: square, standardDeviation: 1, count: 50, seed: 3 })
    assert.deepStrictEqual(many.slice(0, 5), few)
    assert.notDeepEqual(pointsOf({ centres: square, standardDeviation: 1, count: 5, seed: 4 }), few)
  })

  it("draws the centres themselves without a deviation", () => {
    const centres = new Set(square.map(String))
    for (const point of pointsOf({ centres: square, standardDeviation: 0, count: 40, seed: 1 })) {
      assert.isTrue(centres.has(String(point)))
    }
  })

  it("refuses centres that are no points of one space, deviations and counts that are none", () => {
    const fine = { centres: square, standardDeviation: 1, count: 5, seed: 3 }
    assert.throws(() => gaussianMixture({ ...fine, centres: [] }), /their lengths are: none/)
    assert.throws(() => gaussianMixture({ ...fine, centres: [[1, 2], [3]] }), /their lengths are: 2, 1/)
    assert.throws(() => gaussianMixture({ ...fine, centres: [[], []] }), RangeError)
    for (const standardDeviation of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => gaussianMixture({ ...fine, standardDeviation }), /standard deviation is a number from 0 on/)
    }
    for (const count of [0, 1.5]) assert.throws(() => gaussianMixture({ ...fine, count }), /positive integer/)
  })
})
