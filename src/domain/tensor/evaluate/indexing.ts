import { type Shape, sizeOf, stridesOf } from "../Shape.ts"

/**
 * For a row-major walk over `shape`, the offsets at which an operand of shape `from`, stretched to `shape`, is read.
 * `strides` may replace the operand's own (for transposition and slices). Axes of size 1 are repeated.
 */
export const offsetsOf = (
  shape: Shape,
  from: Shape,
  strides: ReadonlyArray<number> = stridesOf(from),
  start = 0
): Int32Array => {
  const rank = shape.length
  const added = rank - from.length
  const steps = shape.map((_, axis) => (axis < added || from[axis - added] === 1 ? 0 : (strides[axis - added] ?? 0)))
  const offsets = new Int32Array(sizeOf(shape))
  const position = new Array<number>(rank).fill(0)
  let offset = start
  for (let i = 0; i < offsets.length; i++) {
    offsets[i] = offset
    for (let axis = rank - 1; axis >= 0; axis--) {
      const next = (position[axis] ?? 0) + 1
      offset += steps[axis] ?? 0
      if (next < (shape[axis] ?? 1)) {
        position[axis] = next
        break
      }
      offset -= next * (steps[axis] ?? 0)
      position[axis] = 0
    }
  }
  return offsets
}
