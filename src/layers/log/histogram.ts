/** How numbers are distributed, in TensorFlow's form. */
export interface Histogram {
  readonly min: number
  readonly max: number
  readonly num: number
  readonly sum: number
  readonly sumSquares: number
  /** The upper ends of the buckets, ascending; the first bucket begins at `min`. */
  readonly bucketLimit: ReadonlyArray<number>
  /** How many numbers lie in each: above the limit before it, up to its own. */
  readonly bucket: ReadonlyArray<number>
}

const buckets = 30

/**
 * A histogram of 30 buckets of equal width from the least to the greatest number; one bucket if they are all equal.
 * Numbers that are not finite are left out. `undefined` if none remain.
 */
export const histogramOf = (values: Iterable<number>): Histogram | undefined => {
  const finite = Float64Array.from(values).filter(Number.isFinite)
  if (finite.length === 0) return undefined
  let [min, max, sum, sumSquares] = [Infinity, -Infinity, 0, 0]
  for (const value of finite) {
    min = Math.min(min, value)
    max = Math.max(max, value)
    sum += value
    sumSquares += value * value
  }
  const totals = { min, max, num: finite.length, sum, sumSquares }
  if (min === max) return { ...totals, bucketLimit: [max], bucket: [finite.length] }
  const count = new Array<number>(buckets).fill(0)
  for (const value of finite) {
    const index = Math.min(Math.max(Math.ceil(((value - min) / (max - min)) * buckets) - 1, 0), buckets - 1)
    count[index] = (count[index] ?? 0) + 1
  }
  const bucketLimit = count.map((_, i) => (i === buckets - 1 ? max : min + ((max - min) * (i + 1)) / buckets))
  return { ...totals, bucketLimit, bucket: count }
}
