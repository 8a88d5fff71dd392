import type { NoiseKey } from "../random/noise.ts"
import { requireFilled, type TensorData, tensorData } from "../tensor/TensorData.ts"
import { contentOrder } from "./contentOrder.ts"

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

/** Sets of rows in one unit: the numbers are multiples of `unit`. */
export interface InUnit<Sets extends ReadonlyArray<Rows>> {
  readonly unit: number
  readonly sets: { readonly [K in keyof Sets]: Rows }
}

/** Between these no square or product of two numbers leaves float64. */
const [smallest, largest] = [1e-100, 1e100]

/**
 * Sets of rows in a unit in which their greatest number is about 1, so that squares neither overflow nor vanish: a power of two, by which
 * numbers are divided exactly. Of numbers of an ordinary scale the unit is 1, and the rows are as they are. What is
 * measured of the rows is a multiple of the unit, or of its square.
 */
export const inCommonUnit = <const Sets extends ReadonlyArray<Rows>>(...sets: Sets): InUnit<Sets> => {
  let greatest = 0
  for (const { values } of sets) for (const value of values) greatest = Math.max(greatest, Math.abs(value))
  const ordinary = greatest === 0 || (greatest >= smallest && greatest <= largest)
  const unit = ordinary ? 1 : 2 ** Math.floor(Math.log2(greatest))
  const scaled = (rows: Rows): Rows => (ordinary ? rows : { ...rows, values: rows.values.map((value) => value / unit) })
  // A mapped tuple keeps its length, which the type of `map` does not say.
  return { unit, sets: sets.map(scaled) as { [K in keyof Sets]: Rows } }
}

/** The mean of each column, as the first row and the mean of the deviations from it: exact where all are equal. */
export const meanRow = ({ count, width, values }: Rows): Float64Array => {
  const deviations = new Float64Array(width)
  for (let n = 0, at = 0; n < count; n++) {
    for (let i = 0; i < width; i++, at++) {
      deviations[i] = (deviations[i] ?? 0) + ((values[at] ?? 0) - (values[i] ?? 0)) / count
    }
  }
  return deviations.map((deviation, i) => (values[i] ?? 0) + deviation)
}

/**
 * A centre of some sets together, `[width]`: the mean of each column, rounded to the power of two below the greatest deviation from it.
 * Taken from numbers that lie far out, such a centre leaves all of their digits, and whole numbers whole: what is
 * equally far stays equally far. The sets' order does not matter.
 */
export const roundCentre = (...sets: ReadonlyArray<Rows>): Float64Array => {
  const means = sets.map(meanRow)
  const width = sets[0]?.width ?? 0
  return Float64Array.from({ length: width }, (_, i) => {
    const mean = means.reduce((sum, row) => sum + (row[i] ?? 0) / means.length, 0)
    let greatest = 0
    for (const { values } of sets) {
      for (let at = i; at < values.length; at += width)
        greatest = Math.max(greatest, Math.abs((values[at] ?? 0) - mean))
    }
    if (greatest === 0) return mean
    const grain = 2 ** Math.floor(Math.log2(greatest))
    return grain * Math.round(mean / grain)
  })
}

/** The rows less one of them or of their kind, `[width]`. */
export const lessRow = ({ count, width, values }: Rows, row: Float64Array): Rows => {
  const centred = new Float64Array(values.length)
  for (let n = 0, at = 0; n < count; n++) {
    for (let i = 0; i < width; i++, at++) centred[at] = (values[at] ?? 0) - (row[i] ?? 0)
  }
  return { count, width, values: centred }
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
 * are no more than that. For measures whose cost grows with the square of n: the same key takes the same samples, in whatever order
 * they come (`contentOrder`).
 */
export const subsample = (samples: TensorData, count: number, key: NoiseKey): TensorData => {
  requireFilled(samples)
  const [n = 0, ...rest] = samples.shape
  if (n <= count) return samples
  const width = rest.reduce((product, size) => product * size, 1)
  const chosen = contentOrder({ count: n, width, values: samples.values }, key).subarray(0, count)
  const values =
    samples.values instanceof Float64Array ? new Float64Array(count * width) : new Float32Array(count * width)
  chosen.forEach((from, to) => {
    values.set(samples.values.subarray(from * width, (from + 1) * width), to * width)
  })
  return tensorData([count, ...rest], values)
}
