import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import { invalidSamples } from "./invalidSamples.ts"
import { MeasureError } from "./MeasureError.ts"
import { inCommonUnit, type Rows, rowsOf } from "./Rows.ts"

/**
 * What a function with T independent inputs gave for a pick-freeze design: rows of inputs `A` and `B`, drawn
 * independently, and for each input i the rows `A` with column i taken from `B`. Images (or any numbers) `[n, ..]`,
 * row j from row j.
 */
export interface PickFreeze {
  readonly a: TensorData
  readonly b: TensorData
  /** One for each input, `[n, ..]`. */
  readonly mixed: ReadonlyArray<TensorData>
}

/** A share of the variance. */
export interface Share {
  readonly value: number
  readonly standardError: number
}

/** How much of an image's variance is due to each of its inputs. */
export interface SobolIndices {
  /** Variance of a pixel, averaged over pixels. */
  readonly variance: number
  /** For each input, the share of the variance that it explains alone: Sobol's first-order index. */
  readonly first: ReadonlyArray<Share>
  /** For each input, the share that would remain if all others were known: its total index, with all interactions. */
  readonly total: ReadonlyArray<Share>
}

/**
 * Sobol's indices of each input (claim C4 of the paper: which z_t decides the image), averaged over pixels with the
 * pixels' variance as weight, which is to say of the image as a vector (Gamboa, Janon, Klein, Lagnoux: Sensitivity
 * analysis for multidimensional and functional outputs, Electronic Journal of Statistics 8, 2014):
 *
 *     first_i = mean_j (f(B) - m)_j . (f(AB_i) - f(A))_j / V        total_i = mean_j |f(A) - f(AB_i)|_j^2 / 2V
 *
 * with m the mean and V the variance over the rows of A and B together: the estimators (b) and (f) of table 2 in
 * Saltelli et al. (Variance based sensitivity analysis of model output, Computer Physics Communications 181, 2010), the
 * latter Jansen's (1999). Subtracting m changes no expectation, but takes most of the noise away. Both are exactly 0
 * for an input without effect.
 *
 * True indices lie in [0, 1], `first <= total`, and `sum first <= 1 <= sum total`, with equality if the inputs do not
 * interact; estimates may stray by some standard errors, which are those of a ratio to first order. Needs 2 rows, and
 * about 1,000 for errors of 0.03: `n (T + 2)` images altogether. Time linear in their pixels.
 * Fails with a `MeasureError` if there is no input, if not all have one shape, or if the images do not vary.
 */
export const sobolIndices = ({ a, b, mixed }: PickFreeze): Result.Result<SobolIndices, MeasureError> => {
  const measure = "variance shares"
  const named = Object.fromEntries(mixed.map((images, i) => [`images with input ${i + 1} of B`, images]))
  const fault = invalidSamples({ measure, axes: "any", atLeast: 2 }, { A: a, B: b, ...named })
  if (fault !== undefined) return Result.fail(fault)
  const failed = (input: string, problem: string) => Result.fail(new MeasureError({ measure, input, problem }))
  if (mixed.length === 0) return failed("mixed", "expected images for at least one input, found none")
  const { unit, sets } = inCommonUnit(rowsOf(a), rowsOf(b), ...mixed.map(rowsOf))
  const [rowsA, rowsB, ...rowsMixed] = sets
  const unequal = Object.entries({ B: b, ...named }).find(([, { shape }]) => shape[0] !== rowsA.count)
  if (unequal !== undefined)
    return failed(unequal[0], `expected ${rowsA.count} samples as in A, found ${unequal[1].shape[0]}`)

  const mean = meanOf(rowsA, rowsB)
  // Half of each row's squared distances of A and B from the mean; the factor makes their mean unbiased.
  const spread = rowSums(rowsA.count, rowsA.width, (at, pixel) => {
    const [left, right] = [(rowsA.values[at] ?? 0) - (mean[pixel] ?? 0), (rowsB.values[at] ?? 0) - (mean[pixel] ?? 0)]
    return (left * left + right * right) / 2
  }).map((value) => (value * 2 * rowsA.count) / (2 * rowsA.count - 1))
  const variance = average(spread)
  if (!(variance > 0)) return failed("A and B", "all images are the same, so there is no variance to share out")

  const shares = rowsMixed.map(({ values }) => {
    const first = rowSums(rowsA.count, rowsA.width, (at, pixel) => {
      return ((rowsB.values[at] ?? 0) - (mean[pixel] ?? 0)) * ((values[at] ?? 0) - (rowsA.values[at] ?? 0))
    })
    const total = rowSums(rowsA.count, rowsA.width, (at) => ((rowsA.values[at] ?? 0) - (values[at] ?? 0)) ** 2 / 2)
    return { first: shareOf(first, spread), total: shareOf(total, spread) }
  })
  return Result.succeed({
    variance: (variance / rowsA.width) * unit ** 2,
    first: shares.map(({ first }) => first),
    total: shares.map(({ total }) => total)
  })
}

/**
 * The mean of each pixel over both sets, summed as deviations from the first image: exact where a pixel never varies.
 */
const meanOf = (a: Rows, b: Rows): Float64Array => {
  const mean = a.values.slice(0, a.width)
  for (const { values } of [a, b]) {
    for (let n = 0, at = 0; n < a.count; n++) {
      for (let i = 0; i < a.width; i++, at++) {
        mean[i] = (mean[i] ?? 0) + ((values[at] ?? 0) - (a.values[i] ?? 0)) / (2 * a.count)
      }
    }
  }
  return mean
}

/** The sum over pixels of `term(index, pixel)` for each row. */
const rowSums = (count: number, width: number, term: (at: number, pixel: number) => number): Float64Array => {
  const sums = new Float64Array(count)
  for (let n = 0, at = 0; n < count; n++) {
    let total = 0
    for (let i = 0; i < width; i++, at++) total += term(at, i)
    sums[n] = total
  }
  return sums
}

const average = (values: Float64Array): number => values.reduce((total, value) => total + value, 0) / values.length

/** The quotient of two means over the same rows; its error from the rows' residuals, to first order. */
const shareOf = (parts: Float64Array, spread: Float64Array): Share => {
  const whole = average(spread)
  const value = average(parts) / whole
  const residuals = parts.map((part, n) => (part - value * (spread[n] ?? 0)) ** 2)
  return { value, standardError: Math.sqrt(average(residuals) / (parts.length - 1)) / whole }
}
