import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import {
  chunks,
  concatenate,
  reshape,
  size,
  sliceAxis,
  split,
  stack,
  take,
  transpose
} from "../../../src/domain/tensor/movement.ts"
import { ShapeError } from "../../../src/domain/tensor/Rule.ts"
import { sizeOf } from "../../../src/domain/tensor/Shape.ts"
import { constant, placeholder } from "../../../src/domain/tensor/source.ts"
import { shapeAndAxis } from "../../../src/testing/shapes.ts"
import { listOf } from "../../support/numbers.ts"

const counting = (shape: ReadonlyArray<number>) =>
  constant({ shape, values: Float64Array.from({ length: sizeOf(shape) }, (_, i) => i) })

describe("movements made of primitives", () => {
  it("split cuts what concatenate joins", () => {
    fc.assert(
      fc.property(shapeAndAxis, ([shape, axis]) => {
        const x = counting(shape)
        const sizes = Array.from({ length: shape[axis] ?? 1 }, () => 1)
        for (const along of [axis, axis - shape.length]) {
          assert.deepStrictEqual(listOf(concatenate(split(x, along, sizes), along)), listOf(x))
        }
      })
    )
  })

  it("split of a tuple of sizes and chunks of a number written out are tuples", () => {
    const x = counting([2, 6])
    const [a, b] = split(x, 1, [2, 4])
    const [first, second, third] = chunks(x, -1, 3)
    assert.deepStrictEqual(
      [a.shape, b.shape],
      [
        [2, 2],
        [2, 4]
      ]
    )
    assert.deepStrictEqual(
      [listOf(first), listOf(second), listOf(third)],
      [
        [0, 1, 6, 7],
        [2, 3, 8, 9],
        [4, 5, 10, 11]
      ]
    )
    // @ts-expect-error there is no third part
    const [, , none] = split(x, 1, [2, 4])
    assert.isUndefined(none)
  })

  it("refuse parts that do not make up the axis, and axes that are not there", () => {
    const x = counting([2, 6])
    const refused: ReadonlyArray<readonly [attempt: () => unknown, said: string]> = [
      [() => split(x, 1, [2, 3]), "split of [2, 6]: parts of 2 + 3 do not make up the 6 of axis 1"],
      [() => split(x, 1, [2, 5]), "split of [2, 6]: parts of 2 + 5 do not"],
      [() => split(x, 2, [6]), "size of [2, 6]: a tensor of rank 2 has no axis 2"],
      [() => chunks(x, 1, 4), "chunks of [2, 6]: the 6 of axis 1 do not make 4 equal parts"],
      [() => chunks(x, 1, 0), "chunks of [2, 6]: the 6 of axis 1 do not make 0 equal parts"],
      [() => chunks(x, 1, Number("-3")), "chunks of [2, 6]: the 6 of axis 1 do not make -3 equal parts"],
      [() => chunks(x, 1, Number("1.5")), "chunks of [2, 6]: the 6 of axis 1 do not make 1.5 equal parts"],
      [() => size(x, 2), "size of [2, 6]: a tensor of rank 2 has no axis 2"],
      [() => size(x, -3), "has no axis -3"],
      [() => size(x, 0.5), "has no axis 0.5"]
    ]
    for (const [attempt, said] of refused) assert.throws(attempt, ShapeError, said)
    assert.deepStrictEqual([size(x, 0), size(x, 1), size(x, -1), size(x, -2)], [2, 6, 6, 2])
  })

  it("take is undone by stack, for axes from either end", () => {
    fc.assert(
      fc.property(shapeAndAxis, ([shape, axis]) => {
        const x = counting(shape)
        for (const along of [axis, axis - shape.length]) {
          const entries = Array.from({ length: shape[axis] ?? 1 }, (_, i) => take(x, along, i))
          const stacked = stack(entries, along)
          assert.deepStrictEqual(stacked.shape, shape)
          assert.deepStrictEqual(listOf(stacked), listOf(x))
        }
      })
    )
  })

  it("stack makes a new last axis of scalars and vectors", () => {
    const [a, b] = [counting([3]), counting([3])]
    assert.deepStrictEqual(stack([a, b], -1).shape, [3, 2])
    assert.deepStrictEqual(stack([a, b], 0).shape, [2, 3])
    assert.deepStrictEqual(stack([sum(a), sum(b)], 0).shape, [2])
  })

  it("sliceAxis takes part of one axis", () => {
    const x = counting([2, 3])
    assert.deepStrictEqual(listOf(sliceAxis(x, 1, 1, 2)), [1, 2, 4, 5])
    assert.deepStrictEqual(listOf(sliceAxis(x, -2, 1, 1)), [3, 4, 5])
  })

  it("transpose without a permutation reverses the axes", () => {
    assert.deepStrictEqual(transpose(placeholder("x", [2, 3, 4])).shape, [4, 3, 2])
    assert.deepStrictEqual(listOf(transpose(counting([2, 3]))), [0, 3, 1, 4, 2, 5])
    assert.deepStrictEqual(listOf(reshape(transpose(counting([2, 3])), [2, 3])), [0, 3, 1, 4, 2, 5])
  })
})
