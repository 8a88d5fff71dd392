import type { Estimate } from "../../metrics/SampleMeasures.ts"
import type { ClaimMeasure } from "../report/Results.ts"

/** A number over the seeds of an experiment, and how far from the truth it may be. */
export interface SeedEstimate {
  /** Mean over seeds. */
  readonly value: number
  /**
   * Half the width of the 95% interval about the value. Over K > 1 seeds, Student's t of K - 1 degrees of freedom times
   * `spread / sqrt K` (or the samples' own error, if that is the larger); of one seed, twice the standard error from its
   * samples, which knows nothing of other seeds; 0 where neither is known.
   */
  readonly margin: number
  /** How many seeds. */
  readonly seeds: number
  /** Standard error of one seed's value from its samples (root mean square over seeds), where it is known. */
  readonly standardError?: number
  /** Standard deviation over seeds, of several. */
  readonly spread?: number
  /** Each seed's, of several. */
  readonly values?: ReadonlyArray<number>
}

/** One seed's number; without an error where none is known. */
export type SeedValue = Pick<Estimate, "value"> & Partial<Estimate>

/** Quantile 0.975 of Student's t for 1, 2, .. degrees of freedom; the last serves for all above it. */
const studentT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228] as const
const factorOf = (seeds: number): number => (seeds < 2 ? 2 : (studentT[seeds - 2] ?? 2.228))

/** The estimate from one value a seed. Throws a `RangeError` if there is none. */
export const seedEstimate = (values: ReadonlyArray<SeedValue>): SeedEstimate => {
  const seeds = values.length
  if (seeds === 0) throw new RangeError("No seeds have no estimate")
  const value = values.reduce((sum, each) => sum + each.value, 0) / seeds
  const errors = values.flatMap(({ standardError }) => (standardError === undefined ? [] : [standardError]))
  const squares = errors.reduce((sum, error) => sum + error ** 2, 0)
  const standardError = errors.length === 0 ? undefined : Math.sqrt(squares / errors.length)
  const spread =
    seeds < 2 ? undefined : Math.sqrt(values.reduce((sum, each) => sum + (each.value - value) ** 2, 0) / (seeds - 1))
  return {
    value,
    margin: marginOf(seeds, spread, standardError),
    seeds,
    ...(standardError === undefined ? {} : { standardError }),
    ...(spread === undefined ? {} : { spread, values: values.map((each) => each.value) })
  }
}

const marginOf = (seeds: number, spread = 0, standardError = 0): number =>
  (factorOf(seeds) * Math.max(spread, standardError)) / Math.sqrt(seeds)

/**
 * `left - right` of two independent estimates, their margins added in squares. Where only one of them is of several
 * seeds, its spread stands for that of the other, too: one training of each kind would hide how much luck there is in it.
 */
export const differenceOf = (left: SeedEstimate, right: SeedEstimate): SeedEstimate => {
  const [a, b] = [borrowed(left, right), borrowed(right, left)]
  return {
    value: left.value - right.value,
    margin: Math.hypot(a.margin, b.margin),
    seeds: Math.min(left.seeds, right.seeds)
  }
}

const borrowed = (own: SeedEstimate, other: SeedEstimate): SeedEstimate =>
  own.seeds > 1 || other.seeds < 2
    ? own
    : {
        ...own,
        margin: Math.max(own.margin, factorOf(other.seeds) * (other.spread ?? 0))
      }

/** An estimate as a line of a claim's table. */
export const claimMeasure = (name: string, { value, standardError, spread, values }: SeedEstimate): ClaimMeasure => ({
  name,
  value,
  ...(standardError === undefined ? {} : { standardError }),
  ...(spread === undefined ? {} : { spread }),
  ...(values === undefined ? {} : { values })
})
