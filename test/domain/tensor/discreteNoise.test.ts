import { assert, describe, it } from "@effect/vitest"
import { multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../../../src/domain/tensor/broadcast.ts"
import { categoricalNoise, categoriesOf, integerNoise, integersOf } from "../../../src/domain/tensor/discreteNoise.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { ShapeError } from "../../../src/domain/tensor/Rule.ts"
import { constant, placeholder } from "../../../src/domain/tensor/source.ts"
import { listOf } from "../../support/numbers.ts"

const greatest = 1 - 2 ** -24
const draws = 20_000

/** Pearson's chi-square of counts against expected shares. */
const chiSquare = (counts: ReadonlyArray<number>, shares: ReadonlyArray<number>): number =>
  counts.reduce((total, count, k) => total + (count - draws * (shares[k] ?? 0)) ** 2 / (draws * (shares[k] ?? 0)), 0)

describe("integerNoise", () => {
  it("begins a number where k / classes is, in float32, and never reaches the number of classes", () => {
    const u = placeholder("u", [6])
    const third = Math.fround(1 / 3)
    const given = [0, third - 2 ** -25, third, 0.5, Math.fround(2 / 3), greatest]
    assert.deepStrictEqual(listOf(integersOf(u, 3), { u: given }), [0, 0, 1, 1, 2, 2])
    assert.deepStrictEqual(listOf(integersOf(u, 1), { u: given }), [0, 0, 0, 0, 0, 0])
    const square = placeholder("square", [2, 2])
    assert.deepStrictEqual(integersOf(square, 3).shape, [2, 2])
    assert.deepStrictEqual(listOf(integersOf(square, 3), { square: [0, third, greatest, 0.5] }), [0, 1, 2, 1])
  })

  it("draws every number as often as the others: chi-square of 6 degrees below its 99.9 % point", () => {
    const drawn = listOf(integerNoise("integers", 7, [draws]))
    const counts = Array.from({ length: 7 }, (_, k) => drawn.filter((n) => n === k).length)
    assert.strictEqual(
      counts.reduce((a, b) => a + b),
      draws
    )
    assert.isBelow(chiSquare(counts, new Array(7).fill(1 / 7)), 22.46)
  })

  it("refuses numbers of classes that are none", () => {
    for (const classes of [0, -2, 2.5, Number.NaN]) {
      const said = `integerNoise of [2]: the number of classes must be a positive integer, not ${classes}`
      assert.throws(() => integerNoise("n", classes, [2]), ShapeError, said)
    }
  })
})

describe("categoricalNoise", () => {
  const weights = [0, 1, 1, 0, 2, 0]

  it("draws where u lies in the running sum of the weights: each part with its beginning, never a weight of 0", () => {
    const u = placeholder("u", [5])
    const rows = broadcast(constant({ shape: [6], values: Float64Array.from(weights) }), [5, 6])
    const drawn = listOf(categoriesOf(u, rows), { u: [0, 0.25 - 2 ** -24, 0.25, 0.5, greatest] })
    const classes = Array.from({ length: 5 }, (_, i) => drawn.slice(6 * i, 6 * i + 6).indexOf(1))
    assert.deepStrictEqual(classes, [1, 1, 2, 4, 4])
    assert.strictEqual(
      drawn.reduce((a, b) => a + b),
      5
    )
  })

  it("draws each class as often as its weight says: chi-square of 2 degrees below its 99.9 % point", () => {
    const rows = broadcast(constant({ shape: [6], values: Float64Array.from(weights) }), [draws, 6])
    const counts = listOf(sum(categoricalNoise("classes", rows), [0]))
    assert.deepStrictEqual([counts[0], counts[3], counts[5]], [0, 0, 0])
    assert.isBelow(chiSquare([counts[1] ?? 0, counts[2] ?? 0, counts[4] ?? 0], [0.25, 0.25, 0.5]), 13.82)
  })

  it("is a constant to gradient, and draws one class of weights without further axes", () => {
    const p = placeholder("p", [3])
    assert.deepStrictEqual(categoricalNoise("one", p).shape, [3])
    const loss = sum(multiply(categoricalNoise("one", p), p))
    assert.deepStrictEqual(
      listOf(gradient(loss, p), { p: [0.2, 0.3, 0.5] }),
      listOf(categoricalNoise("one", p), { p: [0.2, 0.3, 0.5] })
    )
  })
})
