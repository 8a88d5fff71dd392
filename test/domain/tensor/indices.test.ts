import { assert, describe, it } from "@effect/vitest"
import { square } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { cumulativeSum, fromOneHot, gather, oneHot } from "../../../src/domain/tensor/indices.ts"
import { ShapeError } from "../../../src/domain/tensor/Rule.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { listOf } from "../../support/numbers.ts"

const indices = placeholder("indices", [2, 2])
const table = placeholder("table", [3, 2])
const numbers = { table: [1, 2, 3, 4, 5, 6], indices: [2, 0, 1, 2] }

describe("oneHot", () => {
  it("has a 1 at the index, and no 1 for what is out of range", () => {
    assert.deepStrictEqual(oneHot(indices, 3).shape, [2, 2, 3])
    assert.deepStrictEqual(listOf(oneHot(indices, 3), numbers), [0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1])
    assert.deepStrictEqual(listOf(oneHot(indices, 2), { indices: [2, -1, Number.NaN, 1] }), [0, 0, 0, 0, 0, 0, 0, 1])
    assert.deepStrictEqual(oneHot(placeholder("one", []), 4).shape, [4])
    for (const classes of [0, -1, 1.5]) {
      const said = `oneHot of [2, 2]: the number of classes must be a positive integer, not ${classes}`
      assert.throws(() => oneHot(indices, classes), ShapeError, said)
    }
  })
})

describe("fromOneHot", () => {
  it("gives back the indices that oneHot was given", () => {
    assert.deepStrictEqual(fromOneHot(oneHot(indices, 3)).shape, [2, 2])
    assert.deepStrictEqual(listOf(fromOneHot(oneHot(indices, 3)), numbers), numbers.indices)
  })
})

describe("gather", () => {
  it("takes rows, and gives each row of the table the gradients of its uses", () => {
    assert.deepStrictEqual(gather(table, indices).shape, [2, 2, 2])
    assert.deepStrictEqual(listOf(gather(table, indices), numbers), [5, 6, 1, 2, 3, 4, 5, 6])
    assert.deepStrictEqual(listOf(gradient(sum(gather(table, indices)), table), numbers), [1, 1, 1, 1, 2, 2])
    assertGradient(sum(square(gather(table, indices))), { table }, numbers, { what: "gather" })
    assert.deepStrictEqual(listOf(gather(table, placeholder("one", [])), { ...numbers, one: [1] }), [3, 4])
    const row = placeholder("row", [3])
    assert.throws(() => gather(row, indices), ShapeError, "gather of [3] and [2, 2]: the table must be [V, D]")
  })
})

describe("cumulativeSum", () => {
  it("sums up to each entry of the last axis", () => {
    assert.deepStrictEqual(listOf(cumulativeSum(table), numbers), [1, 3, 3, 7, 5, 11])
    assert.deepStrictEqual(listOf(cumulativeSum(placeholder("v", [3])), { v: [1, 2, 4] }), [1, 3, 7])
    assertGradient(sum(square(cumulativeSum(table))), { table }, numbers, { what: "cumulativeSum" })
    assert.throws(() => cumulativeSum(placeholder("one", [])), ShapeError)
  })
})
