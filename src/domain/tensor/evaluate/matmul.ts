import { type Shape, sizeOf } from "../Shape.ts"
import { offsetsOf } from "./indexing.ts"

/** One operand: its numbers, shape, and whether its matrices are used transposed. */
export interface MatrixOperand {
  readonly values: Float64Array
  readonly shape: Shape
  readonly transposed: boolean
}

/** `Y = A' B'` over the last two axes with leading axes stretched; `shape` is the result's. */
export const multiplyMatrices = (a: MatrixOperand, b: MatrixOperand, shape: Shape): Float64Array => {
  const [rows = 1, columns = 1] = shape.slice(-2)
  const inner = a.shape.at(a.transposed ? -2 : -1) ?? 1
  const batch = shape.slice(0, -2)
  const startsA = matrixStarts(batch, a.shape)
  const startsB = matrixStarts(batch, b.shape)
  const [rowA, innerA] = a.transposed ? [1, rows] : [inner, 1]
  const [innerB, columnB] = b.transposed ? [1, inner] : [columns, 1]
  const result = new Float64Array(sizeOf(shape))
  for (let m = 0; m < startsA.length; m++) {
    const startA = startsA[m] ?? 0
    const startB = startsB[m] ?? 0
    for (let i = 0; i < rows; i++) {
      const target = (m * rows + i) * columns
      for (let k = 0; k < inner; k++) {
        const left = a.values[startA + i * rowA + k * innerA] ?? 0
        const from = startB + k * innerB
        for (let j = 0; j < columns; j++) {
          result[target + j] = (result[target + j] ?? 0) + left * (b.values[from + j * columnB] ?? 0)
        }
      }
    }
  }
  return result
}

/** Where each matrix of the (stretched) batch begins. */
const matrixStarts = (batch: Shape, shape: Shape): Int32Array => {
  const matrixSize = sizeOf(shape.slice(-2))
  return offsetsOf(batch, shape.slice(0, -2)).map((offset) => offset * matrixSize)
}
