import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { conv2d } from "../../../src/domain/tensor/convolution.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { averagePool } from "../../../src/domain/tensor/pooling.ts"
import { ShapeError } from "../../../src/domain/tensor/Rule.ts"
import { constant, full, placeholder } from "../../../src/domain/tensor/source.ts"
import { operand } from "../../../src/testing/operands.ts"
import { assertAgree, listOf } from "../../support/numbers.ts"

describe("averagePool", () => {
  it("takes means of windows side by side", () => {
    const x = constant({ shape: [1, 1, 2, 6], values: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12) })
    assert.deepStrictEqual(listOf(averagePool(x, 2)), [4.5, 6.5, 8.5])
    assert.deepStrictEqual(listOf(averagePool(x, [1, 3])), [2, 5, 8, 11])
    assert.deepStrictEqual(averagePool(x, [1, 3]).shape, [1, 1, 2, 2])
  })

  it("is a convolution of each channel by an even kernel that moves by its own size", () => {
    const size = fc.integer({ min: 1, max: 3 })
    const cases = fc
      .tuple(size, size, size, size, size)
      .chain(([n, height, width, down, across]) =>
        fc.tuple(operand([n, 1, height * down, width * across]), fc.constant([height, width] as const))
      )
    fc.assert(
      fc.property(cases, ([{ shape, values }, window]) => {
        const x = constant({ shape, values })
        const even = full([1, 1, ...window], 1 / (window[0] * window[1]))
        const pooled = averagePool(x, window)
        const convolved = conv2d(x, even, { strides: window })
        assert.deepStrictEqual(pooled.shape, convolved.shape)
        assertAgree(listOf(pooled), listOf(convolved), 1e-13, "means")
      })
    )
  })

  it("gives each number of a window the same part of the derivative", () => {
    const x = placeholder("x", [1, 1, 2, 4])
    assert.deepStrictEqual(listOf(gradient(sum(averagePool(x, 2)), x)), new Array(8).fill(0.25))
  })

  it("refuses windows that do not fill the image, and tensors that are no images", () => {
    const refused = [
      () => averagePool(placeholder("x", [1, 1, 5, 4]), 2),
      () => averagePool(placeholder("x", [1, 1, 4, 4]), [2, 0]),
      () => averagePool(placeholder("x", [1, 1, 4, 3]), [2, 1.5]),
      () => averagePool(placeholder("x", [1, 4, 4]), 2),
      () => averagePool(placeholder("x", [1, 1, 4, 4]), [2, -1]),
      () => averagePool(placeholder("x", [1, 1, 4, 4, 1]), 2)
    ]
    for (const attempt of refused) assert.throws(attempt, ShapeError, /averagePool of \[.*windows of \[2, .*must fill/)
  })
})
