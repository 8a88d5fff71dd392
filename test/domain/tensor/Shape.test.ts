import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  broadcastShapes,
  formatShape,
  reducedShape,
  sameShape,
  sizeOf,
  stridesOf
} from "../../../src/domain/tensor/Shape.ts"
import { filled, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { anyShape, shapeAndAxes, stretchableTo } from "../../../src/testing/shapes.ts"

describe("shapes", () => {
  it("a scalar has one element, no strides and prints as []", () => {
    assert.strictEqual(sizeOf([]), 1)
    assert.deepStrictEqual(stridesOf([]), [])
    assert.strictEqual(formatShape([]), "[]")
    assert.strictEqual(formatShape([100, 28, 28]), "[100, 28, 28]")
  })

  it("strides count the elements of all inner axes", () => {
    assert.deepStrictEqual(stridesOf([2, 3, 4]), [12, 4, 1])
    fc.assert(
      fc.property(anyShape, (shape) => {
        assert.deepStrictEqual(
          stridesOf(shape),
          shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
        )
      })
    )
  })

  it("stretching to one another commutes, and [] and the shape itself change nothing", () => {
    fc.assert(
      fc.property(anyShape, anyShape, (a, b) => {
        assert.deepStrictEqual(broadcastShapes(a, b), broadcastShapes(b, a))
        assert.deepStrictEqual(broadcastShapes(a, a), a)
        assert.deepStrictEqual(broadcastShapes([], a), a)
      })
    )
    assert.deepStrictEqual(broadcastShapes([4, 1, 3], [2, 1]), [4, 2, 3])
    assert.isUndefined(broadcastShapes([2], [3]))
  })

  it("a shape with axes left out or of size 1 is stretched back", () => {
    const pair = anyShape.chain((shape) => fc.tuple(fc.constant(shape), stretchableTo(shape)))
    fc.assert(fc.property(pair, ([shape, slim]) => assert.deepStrictEqual(broadcastShapes(slim, shape), shape)))
  })

  it("reduced axes disappear or become 1, and the same elements are left", () => {
    assert.deepStrictEqual(reducedShape([2, 3, 4], [0, 2], false), [3])
    assert.deepStrictEqual(reducedShape([2, 3, 4], [0, 2], true), [1, 3, 1])
    fc.assert(
      fc.property(shapeAndAxes, ([shape, axes]) =>
        assert.strictEqual(sizeOf(reducedShape(shape, axes, true)), sizeOf(reducedShape(shape, axes, false)))
      )
    )
  })

  it("are the same if every axis is", () => {
    assert.isTrue(sameShape([], []))
    assert.isTrue(sameShape([2, 3], [2, 3]))
    assert.isFalse(sameShape([2, 3], [3, 2]))
    assert.isFalse(sameShape([2], [2, 1]))
  })
})

describe("tensor data", () => {
  it("must fill its shape", () => {
    assert.deepStrictEqual(tensorData([2], Float32Array.of(1, 2)).shape, [2])
    assert.throws(() => tensorData([2, 2], Float32Array.of(1, 2)), RangeError, /2 values do not fill.*\[2, 2\]/)
  })
  it("can be the same everywhere", () => {
    assert.deepStrictEqual([...filled([2, 2], 0.5).values], [0.5, 0.5, 0.5, 0.5])
  })
})
