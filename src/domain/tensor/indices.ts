import { multiply } from "./arithmetic.ts"
import { sum } from "./broadcast.ts"
import { greater } from "./comparison.ts"
import { matmul } from "./matmul.ts"
import { reshape, size } from "./movement.ts"
import { ShapeError } from "./Rule.ts"
import { sizeOf } from "./Shape.ts"
import { constant } from "./source.ts"
import type { Tensor } from "./Tensor.ts"
import { tensorData } from "./TensorData.ts"

/** The numbers `f(0) .. f(count - 1)` as a tensor `[count]`. */
const listed = (count: number, f: (i: number) => number): Tensor =>
  constant(
    tensorData(
      [count],
      Float64Array.from({ length: count }, (_, i) => f(i))
    )
  )

/**
 * Whole numbers `0 .. classes - 1`, `[..]`, as rows with a 1 in that place and 0 elsewhere, `[.., classes]`. A number that is
 * none of these (nor within 1/2 of one), NaN among them, has a row of zeros. Its derivative is zero. Throws a `ShapeError`
 * unless `classes` is a positive integer.
 */
export const oneHot = (indices: Tensor, classes: number): Tensor => {
  if (!(Number.isSafeInteger(classes) && classes > 0)) {
    throw new ShapeError("oneHot", [indices.shape], `the number of classes must be a positive integer, not ${classes}`)
  }
  const column = reshape(indices, [...indices.shape, 1])
  const above = greater(
    column,
    listed(classes, (k) => k - 0.5)
  )
  const below = greater(
    listed(classes, (k) => k + 0.5),
    column
  )
  return multiply(above, below)
}

/** The class of each row of `oneHot`, `[.., classes]`: whole numbers `[..]`; 0 of a row of zeros. */
export const fromOneHot = (rows: Tensor): Tensor =>
  sum(
    multiply(
      rows,
      listed(size(rows, -1), (k) => k)
    ),
    [-1]
  )

/**
 * Rows of a table `[V, D]` by their numbers `0 .. V - 1`, `[..]`: `[.., D]`. As a product with `oneHot`, so that the gradient
 * of the table sums what its rows were given; `V` multiplications a number, which suits tables of some thousand rows. A
 * number out of range takes a row of zeros. Throws a `ShapeError` if the table is no matrix.
 */
export const gather = (table: Tensor, indices: Tensor): Tensor => {
  if (table.shape.length !== 2) throw new ShapeError("gather", [table.shape, indices.shape], "the table must be [V, D]")
  const [rows, width] = [size(table, 0), size(table, 1)]
  const flat = reshape(indices, [sizeOf(indices.shape)])
  return reshape(matmul(oneHot(flat, rows), table), [...indices.shape, width])
}

/** Sums from the first entry to each along the last axis, `y[.., k] = x[.., 0] + .. + x[.., k]`: a product by a triangle. */
export const cumulativeSum = (x: Tensor): Tensor => {
  const width = size(x, -1)
  const triangle = Float64Array.from({ length: width ** 2 }, (_, i) => Number(Math.floor(i / width) <= i % width))
  const rows = reshape(x, [sizeOf(x.shape) / width, width])
  return reshape(matmul(rows, constant(tensorData([width, width], triangle))), x.shape)
}
