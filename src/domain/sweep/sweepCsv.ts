import { own } from "../record/own.ts"
import { axisPathsOf, measuresOf } from "./aggregate.ts"
import type { PointRow } from "./SweepResults.ts"

/**
 * Points as CSV (RFC 4180), one a line below the names of the columns: the id, the seed, every path of an axis, how it stands, updates, every
 * measure. Numbers are in full; what is not there is empty.
 */
export const sweepCsv = (points: ReadonlyArray<PointRow>): string => {
  const [paths, measures] = [axisPathsOf(points), measuresOf(points)]
  const head = [
    "id",
    "seed",
    ...paths,
    "standing",
    "collapsed",
    "update",
    "updates",
    ...measures,
    "seconds",
    "attempts"
  ]
  const lines = points.map((point) => [
    point.id,
    point.seed,
    ...paths.map((path) => valueText(own(point.values, path))),
    point.standing,
    point.collapsed,
    point.update,
    point.updates,
    ...measures.map((measure) => own(point.measures, measure)),
    point.seconds,
    point.attempts,
    point.reason
  ])
  return [[...head, "reason"], ...lines].map((cells) => `${cells.map(cellText).join(",")}\r\n`).join("")
}

const valueText = (value: unknown): unknown =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : value

const cellText = (value: unknown): string => {
  const text = value === undefined || value === null ? "" : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
