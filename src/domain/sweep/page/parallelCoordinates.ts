import { escapeText } from "../../page/html.ts"
import { own } from "../../record/own.ts"
import { formatNumber } from "../../text/numbers.ts"
import { axisPathsOf, ranked } from "../aggregate.ts"
import type { BestBy } from "../SweepPlan.ts"
import type { PointRow } from "../SweepResults.ts"
import { shortPath, valueText } from "./valueText.ts"

/** An axis: where a value stands on it, from 0 (bottom) to 1, and what is written beside it. */
interface Scale {
  readonly title: string
  readonly place: (row: PointRow) => number | undefined
  readonly ticks: ReadonlyArray<{ readonly at: number; readonly label: string }>
}

const [height, top, bottom, left, right] = [340, 44, 24, 56, 96]
/** Room of an axis in pixels. */
const apart = 150

/** From the best to the worst, in steps that any colour vision tells apart (viridis). */
const colours = ["#440154", "#3b528b", "#21918c", "#5ec962", "#d4c81e"]
const lost = "#b9b4ab"

/** Values spread over more than this factor stand on a logarithmic axis. */
const logFrom = 30

/**
 * Points as lines through one axis for each setting that differs and, at the right, the measure that they are ranked by: an SVG document. The best
 * are dark and lie on top; those that were not trained to their end are dashed grey and end before the last axis.
 */
export const parallelCoordinates = (rows: ReadonlyArray<PointRow>, best: BestBy): string => {
  const scales = [
    ...axisPathsOf(rows).map((path) => scaleOf(shortPath(path), (row) => own(row.values, path), rows)),
    scaleOf(best.measure, (row) => (row.standing === "trained" ? own(row.measures, best.measure) : undefined), rows)
  ]
  const width = left + right + apart * (scales.length - 1)
  const x = (axis: number): number => left + axis * apart
  const y = (place: number): number => top + (1 - place) * (height - top - bottom)
  const order = ranked(rows, best)
  const trained = order.filter(({ standing }) => standing === "trained").length
  const opacity = rows.length > 200 ? 0.25 : rows.length > 40 ? 0.5 : 0.85
  const lines = order
    .map((row, rank) => {
      const points = scales.flatMap(({ place }, axis) => {
        const at = place(row)
        return at === undefined ? [] : [`${x(axis).toFixed(1)},${y(at).toFixed(1)}`]
      })
      const isTrained = row.standing === "trained"
      const colour = colours[Math.min(colours.length - 1, Math.floor((rank / Math.max(1, trained)) * colours.length))]
      const isBest = rank < 3 && isTrained
      const style = isTrained
        ? `stroke="${colour ?? lost}" stroke-opacity="${isBest ? 1 : opacity}" stroke-width="${isBest ? 2.5 : 1.2}"`
        : `stroke="${lost}" stroke-opacity="${opacity}" stroke-width="1" stroke-dasharray="4 3"`
      return `<polyline points="${points.join(" ")}" fill="none" ${style}/>`
    })
    .toReversed()
  const axes = scales.map(({ title, ticks }, axis) => {
    const last = axis === scales.length - 1
    const marks = ticks.map(
      ({ at, label }) =>
        `<line x1="${x(axis) - 3}" x2="${x(axis) + 3}" y1="${y(at).toFixed(1)}" y2="${y(at).toFixed(1)}" stroke="#333333"/>` +
        `<text x="${x(axis) + 7}" y="${(y(at) + 4).toFixed(1)}" class="halo">${escapeText(label)}</text>`
    )
    // Titles stand on two heights in turn: long ones would run into each other.
    return (
      `<line x1="${x(axis)}" x2="${x(axis)}" y1="${y(1)}" y2="${y(0)}" stroke="#333333"/>${marks.join("")}` +
      `<text x="${x(axis)}" y="${axis % 2 === 0 ? 14 : 30}" text-anchor="middle" font-weight="${last ? 700 : 600}">${escapeText(title)}</text>`
    )
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, DejaVu Sans, sans-serif" font-size="11" fill="#333333"><style>.halo{paint-order:stroke;stroke:#ffffff;stroke-width:3px}</style><rect width="${width}" height="${height}" fill="#ffffff"/>${lines.join("")}${axes.join("")}</svg>`
}

const scaleOf = (title: string, asked: (row: PointRow) => unknown, rows: ReadonlyArray<PointRow>): Scale => {
  const values = rows.flatMap((row) => asked(row) ?? [])
  const numbers = values.flatMap((value) => (typeof value === "number" ? [value] : []))
  if (numbers.length === values.length && numbers.length > 0) return numberScale(title, asked, numbers)
  const distinct = [...new Set(values.map((value) => JSON.stringify(value)))]
  const place = (text: string): number => (distinct.length < 2 ? 0.5 : distinct.indexOf(text) / (distinct.length - 1))
  return {
    title,
    place: (row) => {
      const value = asked(row)
      return value === undefined ? undefined : place(JSON.stringify(value))
    },
    ticks: distinct
      .slice(0, mostTicks)
      .map((text) => ({ at: place(text), label: valueText(JSON.parse(text)).slice(0, 14) }))
  }
}

const mostTicks = 12

const numberScale = (title: string, asked: (row: PointRow) => unknown, numbers: ReadonlyArray<number>): Scale => {
  const least = numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const most = numbers.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const isLog = least > 0 && most / least > logFrom
  const along = (value: number): number => (isLog ? Math.log(value) : value)
  const back = (value: number): number => (isLog ? Math.exp(value) : value)
  const span = along(most) - along(least)
  const place = (value: number): number => (span === 0 ? 0.5 : (along(value) - along(least)) / span)
  const distinct = [...new Set(numbers)].toSorted((a, b) => a - b)
  const shown =
    distinct.length <= 6 ? distinct : Array.from({ length: 5 }, (_, i) => back(along(least) + (span * i) / 4))
  return {
    title: isLog ? `${title} (log)` : title,
    place: (row) => {
      const value = asked(row)
      return typeof value === "number" ? place(value) : undefined
    },
    ticks: shown.map((value) => ({ at: place(value), label: formatNumber(value) }))
  }
}
