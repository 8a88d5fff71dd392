/** A batch of matrices in memory, and how far apart their entries are. */
export interface Matrices {
  readonly values: Float32Array
  /** From one matrix to the next; 0 for one that serves the whole batch. */
  readonly matrix: number
  readonly row: number
  readonly column: number
}

/** How many products there are, and of what size: `[rows, inner] x [inner, columns]`. */
export interface ProductSizes {
  readonly batch: number
  readonly rows: number
  readonly inner: number
  readonly columns: number
}

/**
 * Products of many small matrices, row-major into `result`, `[batch, rows, columns]`. Sums are kept in float64 and rounded
 * once. Four columns at a time: each number of the left operand that is loaded serves four sums.
 */
export const multiplySmall = (
  a: Matrices,
  b: Matrices,
  result: Float32Array,
  { batch, rows, inner, columns }: ProductSizes
): void => {
  const { values: left, row: rowA, column: columnA } = a
  const { values: right, row: rowB, column: columnB } = b
  const fourfold = columns - (columns % 4)
  let target = 0
  for (let m = 0; m < batch; m++) {
    for (let i = 0; i < rows; i++) {
      const start = m * a.matrix + i * rowA
      for (let j = 0; j < columns; j += j < fourfold ? 4 : 1) {
        let p = start
        let q = m * b.matrix + j * columnB
        if (j < fourfold) {
          let y0 = 0
          let y1 = 0
          let y2 = 0
          let y3 = 0
          for (let k = 0; k < inner; k++) {
            // Within bounds by the sizes; `?? 0` would cost a comparison in the innermost loop.
            const x = left[p] as number
            y0 += x * (right[q] as number)
            y1 += x * (right[q + columnB] as number)
            y2 += x * (right[q + 2 * columnB] as number)
            y3 += x * (right[q + 3 * columnB] as number)
            p += columnA
            q += rowB
          }
          result[target] = y0
          result[target + 1] = y1
          result[target + 2] = y2
          result[target + 3] = y3
          target += 4
        } else {
          let y = 0
          for (let k = 0; k < inner; k++) {
            y += (left[p] as number) * (right[q] as number)
            p += columnA
            q += rowB
          }
          result[target] = y
          target += 1
        }
      }
    }
  }
}
