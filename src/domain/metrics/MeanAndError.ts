/** A mean over samples and how uncertain it is. */
export interface MeanAndError {
  readonly mean: number
  /** Standard error of the mean, `sqrt(sum (x - mean)^2 / (count - 1)) / sqrt(count)`; NaN for one value. */
  readonly standardError: number
  readonly count: number
}

/**
 * The mean of numbers and its standard error, which supposes that they are independent. Two passes in float64.
 * Throws a `RangeError` if there are none.
 */
export const meanAndError = (values: ArrayLike<number>): MeanAndError => {
  const count = values.length
  if (count === 0) throw new RangeError("No numbers have no mean")
  let total = 0
  for (let i = 0; i < count; i++) total += values[i] ?? 0
  const mean = total / count
  // In a unit in which squares neither overflow nor vanish, by which numbers are divided exactly.
  let greatest = 0
  for (let i = 0; i < count; i++) greatest = Math.max(greatest, Math.abs((values[i] ?? 0) - mean))
  const unit = greatest > 0 && Number.isFinite(greatest) ? 2 ** Math.floor(Math.log2(greatest)) : 1
  let squares = 0
  for (let i = 0; i < count; i++) squares += (((values[i] ?? 0) - mean) / unit) ** 2
  return { mean, standardError: unit * Math.sqrt(squares / (count - 1) / count), count }
}

/** The quotient of two independent means, its error to first order in both errors. */
export const ratioOfMeans = (numerator: MeanAndError, denominator: MeanAndError) => {
  const value = numerator.mean / denominator.mean
  const standardError = Math.hypot(numerator.standardError, value * denominator.standardError) / denominator.mean
  return { value, standardError: Math.abs(standardError) }
}

/**
 * A measure of generated images, none below 0, as a multiple of that of real ones. Where the real ones have none of it, it is 1
 * plus that of the generated ones.
 */
export const relativeToReal = (
  generated: MeanAndError,
  real: MeanAndError
): { readonly value: number; readonly standardError: number } =>
  real.mean > 0 ? ratioOfMeans(generated, real) : { value: 1 + generated.mean, standardError: generated.standardError }
