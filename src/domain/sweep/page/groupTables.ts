import { type Html, html } from "../../page/html.ts"
import { own } from "../../record/own.ts"
import { formatNumber, formatWithError, noNumber } from "../../text/numbers.ts"
import { measuresOf, ranked } from "../aggregate.ts"
import type { PointGroup, PointRow, SweepResults } from "../SweepResults.ts"
import { columnHead, combinationText, groupText, pointText, valueText } from "./valueText.ts"

/** Rows of a table that are seen at once; the others fold out. */
const mostRows = 40

const early = ["collapsed", "not finite", "out of bounds", "halved"] as const

/** Every axis with all its values: mean, spread and count of every measure, and what went wrong. */
export const axesTables = ({ axes, points, best }: SweepResults): Html => {
  const measures = measuresFirst(points, best?.measure)
  return html`${axes.map(({ path, groups }) =>
    scroller(
      `By ${path}`,
      html`<table class="groups"><caption><strong>${path}.</strong> Over all points with this value, whatever the others are.</caption>
${head([path], measures)}
<tbody>${groups.map((group) =>
        groupRow([groupText(own(group.values, path), isRange(points, path, group))], group, measures)
      )}</tbody></table>`
    )
  )}`
}

/** Whether a group is of a range of numbers: no point has the pair itself for its value. */
const isRange = (points: ReadonlyArray<PointRow>, path: string, { values }: PointGroup): boolean => {
  const text = JSON.stringify(own(values, path))
  return !points.some((point) => JSON.stringify(own(point.values, path)) === text)
}

/** Every combination over its seeds, the best first. */
export const combinationsTable = ({ combinations, points, best, axes }: SweepResults): Html => {
  const measures = measuresFirst(points, best?.measure)
  const paths = axes.map(({ path }) => path)
  const rows = combinations.map((group) =>
    groupRow(
      paths.length === 0 ? [combinationText({})] : paths.map((path) => valueText(own(group.values, path))),
      group,
      measures
    )
  )
  const order = best === undefined ? "" : `, ${best.goal} ${best.measure} first`
  const table = (some: ReadonlyArray<Html>, caption: Html) =>
    scroller(
      "Combinations",
      html`<table class="groups">${caption}${head(paths.length === 0 ? ["settings"] : paths, measures)}<tbody>${some}</tbody></table>`
    )
  const caption = html`<caption><strong>Combinations${order}.</strong> Mean ± standard deviation over the seeds that were trained to their end, and how many these are.</caption>`
  const rest = rows.slice(mostRows)
  return html`${table(rows.slice(0, mostRows), caption)}${
    rest.length === 0
      ? []
      : html`<details><summary>The other ${rest.length} combinations</summary>${table(rest, html``)}</details>`
  }`
}

const measuresFirst = (points: ReadonlyArray<PointRow>, first: string | undefined): ReadonlyArray<string> => {
  const all = measuresOf(points)
  return first !== undefined && all.includes(first) ? [first, ...all.filter((name) => name !== first)] : all
}

/** What groups are ranked by stands first, where it is seen without scrolling. */
const head = (paths: ReadonlyArray<string>, [first, ...others]: ReadonlyArray<string>): Html =>
  html`<thead><tr>${[...paths, ...(first === undefined ? [] : [first])].map(columnHead)}<th scope="col">points</th><th scope="col">trained</th><th scope="col">collapsed</th><th scope="col">stopped early</th><th scope="col">failed</th>${others.map(columnHead)}</tr></thead>`

const groupRow = (
  [first = "", ...others]: ReadonlyArray<string>,
  { points, standings, collapsed, measures }: PointGroup,
  names: ReadonlyArray<string>
) => {
  const count = (standing: string): number => own(standings, standing) ?? 0
  const stopped = early.reduce((sum, standing) => sum + count(standing), 0)
  const cell = (name: string): Html => {
    const spread = own(measures, name)
    if (spread === undefined) return html`<td>${noNumber}</td>`
    const { mean, deviation, n } = spread
    const text = deviation === undefined ? formatNumber(mean) : formatWithError(mean, deviation)
    return html`<td>${text}<small>n = ${n}</small></td>`
  }
  const cells = names.map(cell)
  return html`<tr><th scope="row">${first}</th>${others.map((value) => html`<td>${value}</td>`)}${cells.slice(0, 1)}<td>${points}</td><td>${count("trained")}</td><td>${collapsed}</td><td>${stopped}</td><td>${count("failed")}</td>${cells.slice(1)}</tr>\n`
}

/** Points that failed or ended early, with the reason of each. */
export const mishapsTable = ({ points }: SweepResults): Html => {
  const mishaps = points.filter(({ reason }) => reason !== undefined)
  if (mishaps.length === 0) return html`<p>No point failed, and none was ended early.</p>`
  const rows = mishaps.map(
    ({ values, seed, standing, update, reason }) =>
      html`<tr><th scope="row">${pointText({ values, seed })}</th><td>${standing}</td><td>${update}</td><td class="reason">${reason}</td></tr>\n`
  )
  return folded(rows, "points", (some) =>
    scroller(
      "Failures and early ends",
      html`<table class="groups"><thead><tr><th scope="col">point</th><th scope="col">how</th><th scope="col">update</th><th scope="col" class="reason">why</th></tr></thead><tbody>${some}</tbody></table>`
    )
  )
}

/** All points, the best first, by what they differ in: the rows that differ, and nothing of what they share. */
export const pointsTable = ({ points, best, axes }: SweepResults): Html => {
  const measures = measuresFirst(points, best?.measure)
  const paths = axes.map(({ path }) => path)
  const rows = ranked(points, best).map((point) => {
    const cells = measures.map((name) => {
      const value = own(point.measures, name)
      return html`<td>${value === undefined ? noNumber : formatNumber(value)}</td>`
    })
    return html`<tr><th scope="row"><code>${point.id.slice(0, 8)}</code></th><td>${point.seed}</td>${paths.map((path) => html`<td>${valueText(own(point.values, path))}</td>`)}${cells.slice(0, 1)}<td>${point.standing}</td><td>${point.update}</td>${cells.slice(1)}</tr>\n`
  })
  const table = (some: ReadonlyArray<Html>) =>
    scroller(
      "Points",
      html`<table class="groups"><thead><tr><th scope="col">id</th><th scope="col">seed</th>${[...paths, ...measures.slice(0, 1)].map(columnHead)}<th scope="col">how</th><th scope="col">update</th>${measures.slice(1).map(columnHead)}</tr></thead><tbody>${some}</tbody></table>`
    )
  return folded(rows, "points", table)
}

/** The first rows as a table, the others as one that folds out. */
const folded = (rows: ReadonlyArray<Html>, what: string, table: (some: ReadonlyArray<Html>) => Html): Html => {
  const rest = rows.slice(mostRows)
  return html`${table(rows.slice(0, mostRows))}${
    rest.length === 0 ? [] : html`<details><summary>The other ${rest.length} ${what}</summary>${table(rest)}</details>`
  }`
}

const scroller = (label: string, table: Html): Html =>
  html`<div class="scroller" role="region" aria-label="${label}" tabindex="0">${table}</div>`
