import { own } from "../record/own.ts"
import { canonicalJson } from "./pointIdentity.ts"
import type { BestBy } from "./SweepPlan.ts"
import type { PointGroup, PointRow, Spread, SweepResults } from "./SweepResults.ts"

/** An axis with more numbers than this is looked at in ranges. */
const mostValues = 12

/** Ranges of such an axis, each with as many of its numbers. */
const ranges = 4

/** Mean, standard deviation and count; `undefined` of no numbers. */
export const spreadOf = (values: ReadonlyArray<number>): Spread | undefined => {
  const n = values.length
  if (n === 0) return undefined
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  if (n === 1) return { mean, n }
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)), n }
}

/** Points that have these values in common, taken together. */
export const groupOf = (values: PointGroup["values"], rows: ReadonlyArray<PointRow>): PointGroup => {
  const trained = rows.filter(({ standing }) => standing === "trained")
  const standings = new Map<string, number>()
  for (const { standing } of rows) standings.set(standing, (standings.get(standing) ?? 0) + 1)
  const measures = measuresOf(trained).flatMap((measure) => {
    const spread = spreadOf(trained.flatMap((row) => own(row.measures, measure) ?? []))
    return spread === undefined ? [] : [[measure, spread] as const]
  })
  return {
    values,
    points: rows.length,
    standings: Object.fromEntries(standings),
    collapsed: rows.filter(({ collapsed }) => collapsed).length,
    measures: Object.fromEntries(measures)
  }
}

/** The names of all that was measured, in the order in which it is first met. */
export const measuresOf = (rows: ReadonlyArray<Pick<PointRow, "measures">>): ReadonlyArray<string> => [
  ...new Set(rows.flatMap(({ measures }) => Object.keys(measures)))
]

/** The paths on which points differ, in the order of the plan. */
export const axisPathsOf = (rows: ReadonlyArray<Pick<PointRow, "values">>): ReadonlyArray<string> => [
  ...new Set(rows.flatMap(({ values }) => Object.keys(values)))
]

/** Points by the values of each axis; of many different numbers, by ranges of them. */
export const byAxisValue = (rows: ReadonlyArray<PointRow>): SweepResults["axes"] =>
  axisPathsOf(rows).map((path) => {
    const withValue = rows.flatMap((row) => {
      const value = own(row.values, path)
      return value === undefined ? [] : [{ row, value }]
    })
    const numbers = withValue.flatMap(({ value }) => (typeof value === "number" ? [value] : []))
    const distinct = new Set(withValue.map(({ value }) => canonicalJson(value)))
    if (distinct.size > mostValues && numbers.length === withValue.length) {
      const sorted = [...new Set(numbers)].toSorted((a, b) => a - b)
      const groups = Array.from({ length: ranges }, (_, i) => {
        const part = sorted.slice(
          Math.floor((i * sorted.length) / ranges),
          Math.floor(((i + 1) * sorted.length) / ranges)
        )
        const [from, to] = [part.at(0) ?? 0, part.at(-1) ?? 0]
        const within = withValue.filter(({ value }) => typeof value === "number" && value >= from && value <= to)
        return groupOf(
          { [path]: [from, to] },
          within.map(({ row }) => row)
        )
      })
      return { path, groups }
    }
    const groups = [...distinct].map((text) => {
      const members = withValue.filter(({ value }) => canonicalJson(value) === text)
      const value = members[0]?.value ?? null
      return groupOf(
        { [path]: value },
        members.map(({ row }) => row)
      )
    })
    return { path, groups: groups.toSorted((a, b) => compareValues(own(a.values, path), own(b.values, path))) }
  })

/** Numbers by size; everything else stays in the plan's order. */
const compareValues = (a: unknown, b: unknown): number => (typeof a === "number" && typeof b === "number" ? a - b : 0)

/** Points of one combination of values, over all seeds; the best first, those without a measure last. */
export const byCombination = (rows: ReadonlyArray<PointRow>, best: BestBy | undefined): ReadonlyArray<PointGroup> => {
  const groups = new Map<string, Array<PointRow>>()
  for (const row of rows) {
    const key = canonicalJson(row.values)
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  const all = [...groups.values()].map((members) => groupOf(members[0]?.values ?? {}, members))
  return best === undefined ? all : all.toSorted((a, b) => compare(rankOf(a, best), rankOf(b, best)))
}

const rankOf = ({ measures }: PointGroup, best: BestBy): number => {
  const mean = own(measures, best.measure)?.mean
  if (mean === undefined) return Number.POSITIVE_INFINITY
  return best.goal === "lowest" ? mean : -mean
}

/** Points in the order of a measure, the best first; those without it, or that did not come to their end, last. */
export const ranked = (rows: ReadonlyArray<PointRow>, best: BestBy | undefined): ReadonlyArray<PointRow> => {
  if (best === undefined) return rows
  const rank = ({ standing, measures }: PointRow): number => {
    const value = standing === "trained" ? own(measures, best.measure) : undefined
    if (value === undefined) return Number.POSITIVE_INFINITY
    return best.goal === "lowest" ? value : -value
  }
  return rows.toSorted((a, b) => compare(rank(a), rank(b)))
}

/** Infinity less infinity is no number. */
const compare = (a: number, b: number): number => (a === b ? 0 : a - b)
