import { Matrix, SingularValueDecomposition } from "ml-matrix"
import { formatShape, sizeOf } from "../tensor/Shape.ts"
import { requireFilled, type TensorData } from "../tensor/TensorData.ts"

/**
 * The singular values of a weight `[m, ..]` as a matrix `[m, n]`, the greatest first: `min(m, n)` of them. Time `O(m n min(m, n))`, some
 * seconds for 784 x 512. Throws a `RangeError` for a tensor with fewer than two axes, or a number that is not finite.
 */
export const singularValues = (weight: TensorData): ReadonlyArray<number> => {
  const { shape, values } = weight
  requireFilled(weight)
  const [rows] = shape
  if (rows === undefined || shape.length < 2 || values.length === 0) {
    throw new RangeError(`a matrix has at least two axes of numbers: ${formatShape(shape)} is none`)
  }
  if (!values.every(Number.isFinite)) throw new RangeError("the matrix holds a number that is not finite")
  const matrix = Matrix.from1DArray(rows, sizeOf(shape) / rows, Float64Array.from(values))
  const options = { computeLeftSingularVectors: false, computeRightSingularVectors: false, autoTranspose: true }
  return new SingularValueDecomposition(matrix, options).diagonal.toSorted((left, right) => right - left)
}
