import { own } from "../record/own.ts"
import { formatNumber } from "../text/numbers.ts"
import type { PointStop } from "./PlannedPoint.ts"

/** What a training measured after an update. */
export interface Measured {
  readonly update: number
  readonly measures: Readonly<Record<string, number>>
}

/** The share of a training over whose reports a measure is averaged: one batch says little. */
const RECENT = 10

/** The updates, behind `after` up to `upTo`, that are recent at an update of a training of this many. */
export const recentUpdates = (update: number, updates: number): { readonly after: number; readonly upTo: number } => ({
  after: Math.max(0, update - Math.ceil(updates / RECENT)),
  upTo: update
})

/**
 * The mean of a measure over the reports of the last tenth of the training before an update, this one included; `undefined` where there are
 * none.
 */
export const recentMean = (
  reports: ReadonlyArray<Measured>,
  measure: string,
  update: number,
  updates: number
): number | undefined => {
  const { after, upTo } = recentUpdates(update, updates)
  const values = reports.flatMap((report) => {
    const value = own(report.measures, measure)
    return report.update > after && report.update <= upTo && value !== undefined ? [value] : []
  })
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** All measures of a training at its end, or where it stands. */
export const recentMeasures = (
  reports: ReadonlyArray<Measured>,
  update: number,
  updates: number
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...new Set(reports.flatMap(({ measures }) => Object.keys(measures)))].flatMap((measure) => {
      const mean = recentMean(reports, measure, update, updates)
      return mean === undefined ? [] : [[measure, mean]]
    })
  )

/** Why a bound ends a training at this update, in a sentence, or `undefined`. A measure that nothing reports breaks none. */
export const brokenBound = (
  { bounds }: PointStop,
  reports: ReadonlyArray<Measured>,
  update: number,
  updates: number
): string | undefined => {
  for (const bound of bounds) {
    if (bound.update !== update) continue
    const { measure, most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY } = bound
    const value = recentMean(reports, measure, update, updates)
    if (value === undefined || (value <= most && value >= least)) continue
    const asked = value > most ? `at most ${formatNumber(most)}` : `at least ${formatNumber(least)}`
    return `${measure} is ${formatNumber(value)} at update ${update}, where ${asked} is asked for`
  }
  return undefined
}
