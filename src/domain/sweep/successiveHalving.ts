import { type Measured, recentMean } from "./earlyStopping.ts"
import type { PointStop } from "./PlannedPoint.ts"

/** A report of one point among those of a sweep. */
export type PointReport = Measured & { readonly id: string }

/** A rule of successive halving (ASHA). */
export type Halving = NonNullable<PointStop["halving"]>

/** The updates of the rungs: `first * factor^k`, before the end. */
export const rungsOf = (first: number, factor: number, updates: number): ReadonlyArray<number> => {
  const rungs: Array<number> = []
  for (let rung = first; rung < updates; rung *= factor) rungs.push(rung)
  return rungs
}

/**
 * Whether a point goes on from a rung, by what all points of the sweep have reported so far: it does if it is among the best `1 / factor` (rounded up)
 * of those that have come to this rung, equals counted in its favour, or if it reports no such measure. So the first that comes goes on, and nobody waits for anyone.
 *
 * A pure function of the reports as a set: their order says nothing. `updates`: of each training.
 */
export const goesOn = (
  { measure, goal, factor }: Halving,
  rung: number,
  reports: ReadonlyArray<PointReport>,
  id: string,
  updates: number
): boolean => {
  const values = [...byPoint(reports)].flatMap(([point, own]) => {
    // Whoever has not come so far has not been measured here.
    if (!own.some(({ update }) => update >= rung)) return []
    const value = recentMean(own, measure, rung, updates)
    return value === undefined ? [] : [{ point, value: goal === "lowest" ? value : -value }]
  })
  const mine = values.find(({ point }) => point === id)
  if (mine === undefined) return true
  const better = values.filter(({ value }) => value < mine.value).length
  return better < Math.ceil(values.length / factor)
}

/** Reports of each point. */
export const byPoint = <R extends { readonly id: string }>(
  reports: ReadonlyArray<R>
): ReadonlyMap<string, ReadonlyArray<R>> => {
  const groups = new Map<string, Array<R>>()
  for (const report of reports) {
    const group = groups.get(report.id)
    if (group === undefined) groups.set(report.id, [report])
    else group.push(report)
  }
  return groups
}
