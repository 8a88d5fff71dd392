import { type Chart, chartGrid } from "../../page/charts.ts"
import { html, nothing } from "../../page/html.ts"
import { dateText, documentPage, type PageSection } from "../../page/page.ts"
import { own } from "../../record/own.ts"
import { formatCount, formatNumber, formatWithError } from "../../text/numbers.ts"
import type { SweepResults } from "../SweepResults.ts"
import { axesTables, combinationsTable, mishapsTable, pointsTable } from "./groupTables.ts"
import { type ImagesAt, imagesByUpdate, imagesStyle } from "./imagesByUpdate.ts"
import { combinationText } from "./valueText.ts"

/** Everything that stands on the page of a sweep. */
export interface SweepPageContent {
  readonly results: SweepResults
  /** Points as lines through their settings; none where nothing was measured. */
  readonly parallel?: Chart
  /** Measures over the updates. */
  readonly curves: ReadonlyArray<Chart>
  readonly images: ReadonlyArray<ImagesAt>
  /** Whether each update has one picture of all points. */
  readonly isMontage: boolean
}

/** The results of a sweep as one HTML document that needs nothing else; every text of the results stands on it as a text. */
export const sweepPage = ({ results, parallel, curves, images, isMontage }: SweepPageContent): string => {
  const { name, points, engine, library, createdAt } = results
  return documentPage({
    title: `Sweep ${name}`,
    kicker: "Sweep",
    heading: name,
    lead: leadText(results),
    facts: [
      `${formatCount(points.length)} points, ${dateText(createdAt)}`,
      `${library.name} ${library.version}, ${engine}`
    ],
    notice: noticeOf(results),
    sections: [
      { anchor: "combinations", title: "Combinations", body: combinationsTable(results) },
      ...optional(results.axes.length > 0, { anchor: "axes", title: "By axis value", body: axesTables(results) }),
      ...(parallel === undefined
        ? []
        : [
            {
              anchor: "parallel",
              title: "All settings at once",
              body: html`<div class="wide">${chartGrid([parallel])}</div>`
            }
          ]),
      ...optional(curves.length > 0, { anchor: "curves", title: "Curves", body: chartGrid(curves) }),
      { anchor: "images", title: "Images", body: imagesByUpdate(images, isMontage) },
      { anchor: "mishaps", title: "Failures and early ends", body: mishapsTable(results) },
      { anchor: "points", title: "Points", body: pointsTable(results) },
      {
        anchor: "plan",
        title: "Plan",
        body: html`<p>All points share these settings but for what the tables above list.</p><pre>${JSON.stringify(results.plan, undefined, 2)}</pre>`
      }
    ],
    style: sweepStyle
  })
}

const optional = (isThere: boolean, section: PageSection): ReadonlyArray<PageSection> => (isThere ? [section] : [])

const leadText = ({ combinations, points, best }: SweepResults): string => {
  const trained = points.filter(({ standing }) => standing === "trained").length
  const counted = `${formatCount(trained)} of ${formatCount(points.length)} points were trained to their end.`
  const [first] = combinations
  const spread = best === undefined || first === undefined ? undefined : own(first.measures, best.measure)
  if (best === undefined || first === undefined || spread === undefined) return counted
  const { mean, deviation, n } = spread
  const value = deviation === undefined ? formatNumber(mean) : formatWithError(mean, deviation)
  const seeds = n === 1 ? "of one seed, which proves little" : `over ${n} seeds`
  return `${counted} The ${best.goal} ${best.measure} has ${combinationText(first.values)}: ${value} ${seeds}.`
}

/** What must be known before any number is believed: what is not there yet, and what went wrong. */
const noticeOf = ({ points }: SweepResults) => {
  const count = (standing: string): number => points.filter((point) => point.standing === standing).length
  const collapsed = points.filter((point) => point.collapsed).length
  const open = count("waiting") + count("running")
  const lines = [
    ...(open > 0 ? [`${formatCount(open)} points are not finished yet.`] : []),
    ...(count("failed") > 0 ? [`${formatCount(count("failed"))} failed.`] : []),
    ...(count("cancelled") > 0 ? [`${formatCount(count("cancelled"))} were cancelled.`] : []),
    ...(collapsed > 0 ? [`${formatCount(collapsed)} collapsed.`] : []),
    ...(["not finite", "out of bounds", "halved"] as const).flatMap((standing) =>
      count(standing) > 0 ? [`${formatCount(count(standing))} ended early: ${standing}.`] : []
    )
  ]
  if (lines.length === 0) return nothing
  return html`<aside class="notice" aria-label="Notice"><p><strong>Not every point was trained to its end.</strong> Means are over those that were.</p><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></aside>`
}

const sweepStyle = `
.groups td { white-space: nowrap; }
.groups tbody th { position: sticky; left: 0; background: var(--page); min-width: 8rem; max-width: 18rem; overflow-wrap: anywhere; }
.groups td small { display: block; }
.groups .reason { white-space: normal; text-align: left; min-width: 16rem; }
.wide .charts { grid-template-columns: minmax(0, 1fr); }
.wide .sheet { overflow-x: auto; }
.wide .sheet svg { width: auto; min-width: 44rem; max-width: none; margin: 0 auto; }
${imagesStyle}`
