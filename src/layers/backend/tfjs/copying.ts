import { type Shape, stridesOf } from "../../../domain/tensor/Shape.ts"

/** Rows that are shorter are copied number by number, which is quicker than making a view of each. */
const longRow = 32

const copyRow = (from: Float32Array, start: number, to: Float32Array, target: number, length: number): void => {
  if (length >= longRow) to.set(from.subarray(start, start + length), target)
  else for (let i = 0; i < length; i++) to[target + i] = from[start + i] ?? Number.NaN
}

/** Copies the part of `from` (of a shape) that begins at `begin` and has shape `size`. */
export const copyPart = (
  from: Float32Array,
  shape: Shape,
  to: Float32Array,
  begin: ReadonlyArray<number>,
  size: Shape
): void => {
  const strides = stridesOf(shape)
  const first = begin.reduce((total, n, axis) => total + n * (strides[axis] ?? 0), 0)
  // Trailing axes that are whole, with the one in front of them, are one row.
  let outer = size.length
  let row = 1
  while (outer > 0) {
    outer -= 1
    row *= size[outer] ?? 1
    if (size[outer] !== shape[outer]) break
  }
  let target = 0
  const copy = (axis: number, start: number): void => {
    const step = strides[axis] ?? 0
    const count = axis < outer ? (size[axis] ?? 1) : 1
    const innermost = axis >= outer - 1
    for (let i = 0; i < count; i++) {
      if (innermost) {
        copyRow(from, start + i * step, to, target, row)
        target += row
      } else {
        copy(axis + 1, start + i * step)
      }
    }
  }
  copy(0, first)
}

/** Writes the rows of some matrices beside one another: row `i` of each, then row `i + 1` of each. */
export const joinRows = (
  parts: ReadonlyArray<{ readonly values: Float32Array; readonly width: number }>,
  to: Float32Array
): void => {
  const width = parts.reduce((total, part) => total + part.width, 0)
  const rows = to.length / width
  let offset = 0
  for (const part of parts) {
    for (let i = 0; i < rows; i++) copyRow(part.values, i * part.width, to, i * width + offset, part.width)
    offset += part.width
  }
}
