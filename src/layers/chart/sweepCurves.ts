import type { Chart } from "../../domain/page/charts.ts"
import { own } from "../../domain/record/own.ts"
import { measuresOf } from "../../domain/sweep/aggregate.ts"
import type { Measured } from "../../domain/sweep/earlyStopping.ts"
import { combinationText, groupText, shortPath } from "../../domain/sweep/page/valueText.ts"
import type { PointRow, SweepResults } from "../../domain/sweep/SweepResults.ts"
import { type ChartLine, lineChart, type Point } from "./lineChart.ts"

/** Points by something that a legend can name. */
interface CurveGroup {
  readonly label: string
  readonly rows: ReadonlyArray<PointRow>
}

/** Lines in a legend, single curves behind them, and numbers of a curve, at most: more cannot be told apart, or make a page that is slow. */
const [mostGroups, mostCurves, mostPoints] = [6, 250, 60]

/** Pixels of each chart. */
const [width, panelHeight] = [560, 320]

/**
 * Every measure over the updates, a chart for each: the curve of every point faintly, and over them the mean of each group (of its points that came to their end, if any did). Groups are the combinations, if they are few;
 * or else the values of the first axis that has few; or else all points together.
 */
export const sweepCurves = (
  results: SweepResults,
  courses: ReadonlyMap<string, ReadonlyArray<Measured>>
): ReadonlyArray<Chart> => {
  const { points } = results
  const measures = measuresOf([...courses.values()].flat())
  const { groups, by } = groupsOf(results)
  const lastUpdate = points.reduce((most, { updates }) => Math.max(most, updates), 0)
  if (lastUpdate === 0) return []
  const step = Math.ceil(points.length / mostCurves)
  return measures.map((measure, index) => {
    const lines = groups.flatMap(({ label, rows }, colour): ReadonlyArray<ChartLine> => {
      const all = rows
        .map(({ id, standing }) => ({ standing, curve: curveOf(courses.get(id) ?? [], measure) }))
        .filter(({ curve }) => curve.length > 0)
      if (all.length === 0) return []
      const single = all
        .filter((_, i) => i % step === 0)
        .map(({ curve }) => ({ label, colour, faint: true, points: thinned(curve) }))
      // As everywhere, over those that came to their end: a mean that loses a point on the way jumps there.
      const whole = all.filter(({ standing }) => standing === "trained")
      const mean = meanCurve((whole.length > 0 ? whole : all).map(({ curve }) => curve))
      return [...(all.length > 1 ? single : []), { label, colour, points: thinned(mean) }]
    })
    const sampled = step > 1 ? ` One curve in ${step} is drawn.` : ""
    return {
      title: `${measure} over updates`,
      description: `Bold: the mean ${by}, over the points that were trained to their end if there are any; faint: single points.${sampled}`,
      svg: lineChart([{ axis: measure, lines }], {
        ...{ width, panelHeight, lastEpoch: lastUpdate },
        across: "update",
        prefix: `sweep-${index}`
      })
    }
  })
}

const groupsOf = ({ combinations, axes, points }: SweepResults): { groups: ReadonlyArray<CurveGroup>; by: string } => {
  if (combinations.length <= mostGroups) {
    const groups = combinations.map(({ values }) => ({
      label: combinationText(values),
      rows: points.filter((row) => JSON.stringify(row.values) === JSON.stringify(values))
    }))
    return { groups, by: "of each combination" }
  }
  const axis = axes.find(({ groups }) => groups.length > 1 && groups.length <= mostGroups)
  if (axis === undefined) return { groups: [{ label: "all points", rows: points }], by: "of all points" }
  const groups = axis.groups.map(({ values }) => {
    const value = own(values, axis.path)
    const rows = points.filter((row) => JSON.stringify(own(row.values, axis.path)) === JSON.stringify(value))
    if (rows.length > 0 || !Array.isArray(value))
      return { label: `${shortPath(axis.path)} ${groupText(value, false)}`, rows }
    const [from = 0, to = 0] = value.map(Number)
    const within = points.filter((row) => {
      const number = own(row.values, axis.path)
      return typeof number === "number" && number >= from && number <= to
    })
    return { label: `${shortPath(axis.path)} ${groupText(value, true)}`, rows: within }
  })
  return { groups, by: `of each value of ${axis.path}` }
}

const curveOf = (reports: ReadonlyArray<Measured>, measure: string): ReadonlyArray<Point> =>
  reports.flatMap(({ update, measures }): ReadonlyArray<Point> => {
    const value = own(measures, measure)
    return value === undefined ? [] : [[update, value]]
  })

/** The mean at every update at which any of the curves has a value. */
const meanCurve = (curves: ReadonlyArray<ReadonlyArray<Point>>): ReadonlyArray<Point> => {
  const sums = new Map<number, { sum: number; count: number }>()
  for (const [update, value] of curves.flat()) {
    const { sum, count } = sums.get(update) ?? { sum: 0, count: 0 }
    sums.set(update, { sum: sum + value, count: count + 1 })
  }
  return [...sums].toSorted(([a], [b]) => a - b).map(([update, { sum, count }]): Point => [update, sum / count])
}

/** Every n-th point of a curve, and its last. */
const thinned = (curve: ReadonlyArray<Point>): ReadonlyArray<Point> => {
  const step = Math.ceil(curve.length / mostPoints)
  return curve.filter((_, i) => i % step === 0 || i === curve.length - 1)
}
