/**
 * Section 2.1 in plain loops over nested arrays, written from the paper and independent of the library: what the tests
 * of attention and of the attention GAN compare with. No softmax trick, no batches, no channels.
 */

/** Rows of numbers. */
export type Matrix = ReadonlyArray<ReadonlyArray<number>>

/** One window, in pixels. */
export interface PlainWindow {
  readonly centreX: number
  readonly centreY: number
  readonly stride: number
  readonly variance: number
  readonly intensity: number
}

/** Entry of a matrix; NaN outside it, which no comparison survives. */
export const entry = (matrix: Matrix, row: number, column: number): number => matrix[row]?.[column] ?? Number.NaN

/** The matrix of that size with `f(row, column)` at each place, both counted from 0. */
export const matrixOf = (rows: number, columns: number, f: (row: number, column: number) => number): Matrix =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => f(i, j)))

/** The window that `(gx~, gy~, log s2, log d~, log gamma)` point at. */
export const plainWindow = (
  numbers: ArrayLike<number>,
  { height, width, filters }: { readonly height: number; readonly width: number; readonly filters: number }
): PlainWindow => {
  const number = (i: number): number => numbers[i] ?? Number.NaN
  return {
    centreX: ((width + 1) / 2) * (number(0) + 1),
    centreY: ((height + 1) / 2) * (number(1) + 1),
    variance: Math.exp(number(2)),
    stride: ((Math.max(width, height) - 1) / (filters - 1)) * Math.exp(number(3)),
    intensity: Math.exp(number(4))
  }
}

/** `exp(-(a - mu[i])^2 / 2 s2) / Z[i]`, `[filters, size]`. */
export const plainFilters = (
  centre: number,
  { stride, variance }: Pick<PlainWindow, "stride" | "variance">,
  filters: number,
  size: number
): Matrix => {
  const heights = matrixOf(filters, size, (i, a) => {
    const mu = centre + (i + 1 - filters / 2 - 0.5) * stride
    return Math.exp(-((a + 1 - mu) ** 2) / (2 * variance))
  })
  return heights.map((row) => {
    const total = row.reduce((sum, value) => sum + value, 0)
    return row.map((value) => value / total)
  })
}

/** `gamma FY x FX^T`, entry by entry. */
export const plainRead = (image: Matrix, window: PlainWindow, filters: number): Matrix => {
  const [height, width] = [image.length, image[0]?.length ?? 0]
  const vertical = plainFilters(window.centreY, window, filters, height)
  const horizontal = plainFilters(window.centreX, window, filters, width)
  return matrixOf(filters, filters, (i, j) => {
    let total = 0
    for (let b = 0; b < height; b++) {
      for (let a = 0; a < width; a++) total += entry(vertical, i, b) * entry(image, b, a) * entry(horizontal, j, a)
    }
    return window.intensity * total
  })
}

/** `(1 / gamma) FY^T w FX`, entry by entry. */
export const plainWrite = (patch: Matrix, window: PlainWindow, height: number, width: number): Matrix => {
  const filters = patch.length
  const vertical = plainFilters(window.centreY, window, filters, height)
  const horizontal = plainFilters(window.centreX, window, filters, width)
  return matrixOf(height, width, (b, a) => {
    let total = 0
    for (let i = 0; i < filters; i++) {
      for (let j = 0; j < filters; j++) total += entry(vertical, i, b) * entry(patch, i, j) * entry(horizontal, j, a)
    }
    return total / window.intensity
  })
}

/** Cuts row-major numbers into matrices of that size. */
export const matricesOf = (values: ArrayLike<number>, rows: number, columns: number): ReadonlyArray<Matrix> =>
  Array.from({ length: values.length / (rows * columns) }, (_, m) =>
    matrixOf(rows, columns, (i, j) => values[(m * rows + i) * columns + j] ?? Number.NaN)
  )
