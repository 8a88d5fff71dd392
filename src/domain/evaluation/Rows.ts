import type { NoiseKey } from "../random/noise.ts"
import { permutation } from "../random/permutation.ts"
import { type TensorData, tensorData } from "../tensor/TensorData.ts"

/**
 * Samples as the rows of a matrix in float64, `[count, width]`, row-major: what measures over pairs of samples work on.
 */
export interface Rows {
  readonly count: number
  readonly width: number
  readonly values: Float64Array
}

/** Samples `[n, ..]` as rows, each of all its numbers. Shares memory with a float64 tensor. */
export const rowsOf = ({ shape, values }: TensorData): Rows => {
  const [count = 0, ...rest] = shape
  const width = rest.reduce((product, size) => product * size, 1)
  return { count, width, values: values instanceof Float64Array ? values : Float64Array.from(values) }
}

/** The rows of the given indices, in that order, copied. */
export const takeRows = ({ values, width }: Rows, indices: ArrayLike<number>): Rows => {
  const taken = new Float64Array(indices.length * width)
  for (let n = 0; n < indices.length; n++) {
    const from = (indices[n] ?? 0) * width
    taken.set(values.subarray(from, from + width), n * width)
  }
  return { count: indices.length, width, values: taken }
}

/**
 * `count` of the samples of a tensor `[n, ..]`, drawn without replacement by `key`; all of them, as they are, if there
 * are no more than that. For measures whose cost grows with the square of n: the same key takes the same samples.
 */
export const subsample = (samples: TensorData, count: number, key: NoiseKey): TensorData => {
  const [n = 0, ...rest] = samples.shape
  if (n <= count) return samples
  const chosen = permutation(key, n).subarray(0, count)
  const width = rest.reduce((product, size) => product * size, 1)
  const values =
    samples.values instanceof Float64Array ? new Float64Array(count * width) : new Float32Array(count * width)
  chosen.forEach((from, to) => {
    values.set(samples.values.subarray(from * width, (from + 1) * width), to * width)
  })
  return tensorData([count, ...rest], values)
}
