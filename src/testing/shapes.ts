import * as fc from "fast-check"
import type { Shape } from "../domain/tensor/Shape.ts"

const size = fc.integer({ min: 1, max: 4 })

/** Shapes of rank 0 to 4 with axes of size 1 to 4. */
export const anyShape: fc.Arbitrary<Shape> = shapeOfRank(0, 4)

/** Shapes of the given ranks with axes of size 1 to 4. */
export function shapeOfRank(least: number, greatest: number): fc.Arbitrary<Shape> {
  return fc.array(size, { minLength: least, maxLength: greatest })
}

/** A shape of rank 1 or more, and one of its axes. */
export const shapeAndAxis: fc.Arbitrary<readonly [shape: Shape, axis: number]> = shapeOfRank(1, 4).chain((shape) =>
  fc.tuple(fc.constant(shape), fc.nat(shape.length - 1))
)

/** A shape of rank 0 to 4, and some of its axes in ascending order (none and all included). */
export const shapeAndAxes: fc.Arbitrary<readonly [shape: Shape, axes: ReadonlyArray<number>]> = anyShape.chain(
  (shape) => fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, axis) => axis)))
)

/** A shape that can be stretched to `shape`: leading axes left out, others of size 1. */
export const stretchableTo = (shape: Shape): fc.Arbitrary<Shape> =>
  fc
    .tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }))
    .map(([missing, ones]) => shape.map((n, axis) => (ones[axis] === true ? 1 : n)).slice(missing))

/** A shape and `count` shapes that can be stretched to it; at least one of them may be the shape itself. */
export const stretchableShapes = (
  count: number
): fc.Arbitrary<{ readonly joint: Shape; readonly shapes: ReadonlyArray<Shape> }> =>
  anyShape.chain((joint) =>
    fc
      .array(fc.oneof(fc.constant(joint), stretchableTo(joint)), { minLength: count, maxLength: count })
      .map((shapes) => ({ joint, shapes }))
  )
