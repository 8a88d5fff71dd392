import type { ClaimMeasure } from "../report/Results.ts"
import type { Evidence, Evident } from "./evidence.ts"
import { claimMeasure, differenceOf, type SeedEstimate, type SeedValue, seedEstimate } from "./SeedEstimate.ts"

/** A number of a training, where there is one. */
export type NumberOf = (evidence: Evidence) => SeedValue | undefined

/** A number over the usable trainings of an experiment that have it; `undefined` if none has. */
export const estimateOf = ({ usable }: Evident, number: NumberOf): SeedEstimate | undefined => {
  const values = usable.flatMap((evidence) => number(evidence) ?? [])
  return values.length === 0 ? undefined : seedEstimate(values)
}

/** One number of two experiments. */
export interface Comparison {
  readonly one: SeedEstimate
  readonly other: SeedEstimate
  /** `one - other`. */
  readonly difference: SeedEstimate
}

/** The same number of two experiments; `undefined` if one of them has none. */
export const compare = (one: Evident, other: Evident, number: NumberOf): Comparison | undefined => {
  const [left, right] = [estimateOf(one, number), estimateOf(other, number)]
  return left === undefined || right === undefined
    ? undefined
    : { one: left, other: right, difference: differenceOf(left, right) }
}

/** A number of several experiments as lines of a claim's table, `name, experiment`, of those that have it. */
export const measuresOf = (
  name: string,
  experiments: Readonly<Record<string, Evident>>,
  number: NumberOf
): ReadonlyArray<ClaimMeasure> =>
  Object.entries(experiments).flatMap(([experiment, evident]) => {
    const estimate = estimateOf(evident, number)
    return estimate === undefined ? [] : [claimMeasure(`${name}, ${experiment}`, estimate)]
  })
