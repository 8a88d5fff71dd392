import type { SampleMeasures } from "../../metrics/SampleMeasures.ts"
import { type Html, html, nothing } from "../../page/html.ts"
import { formatNumber } from "../../text/numbers.ts"
import { type ExperimentGroup, overSeeds } from "./experimentGroup.ts"

/** A bar of the height of its cell stands for this share; what exceeds it is cut. */
const fullBar = 0.4

/**
 * Which digits the models draw: the share of each class in per cent, a row for the test images and for each experiment
 * (mean over seeds), each number over a bar of its size.
 */
export const classesTable = (groups: ReadonlyArray<ExperimentGroup>, testImages: SampleMeasures): Html => {
  const rows = [
    { title: "Test images", shares: testImages.classHistogram },
    ...groups.map(({ title, runs }) => ({ title, shares: meanShares(runs.map(({ measures }) => measures)) }))
  ]
  const classes = Math.max(0, ...rows.map(({ shares }) => shares.length))
  if (classes === 0) return nothing
  const heads = Array.from({ length: classes }, (_, i) => html`<th scope="col">${i}</th>`)
  return html`
<div class="scroller" role="region" aria-label="Which digits are drawn" tabindex="0">
<table class="classes">
<caption><strong>Which digits are drawn.</strong> Share of the images that the classifier takes for each digit, in per cent.</caption>
<thead><tr><th scope="col">Images</th>${heads}</tr></thead>
<tbody>${rows.map(
    ({ title, shares }) => html`<tr><th scope="row">${title}</th>${shares.map(shareCell)}</tr>\n`
  )}</tbody>
</table>
</div>`
}

const shareCell = (share: number): Html => {
  const height = Number.isFinite(share) ? Math.round(100 * Math.min(1, Math.max(0, share / fullBar))) : 0
  return html`<td style="--bar: ${height}%">${formatNumber(Math.round(1000 * share) / 10)}</td>`
}

const meanShares = (runs: ReadonlyArray<SampleMeasures>): ReadonlyArray<number> => {
  const classes = Math.min(...runs.map(({ classHistogram }) => classHistogram.length))
  return Array.from(
    { length: classes },
    (_, i) => overSeeds(runs.map(({ classHistogram }) => classHistogram[i] ?? Number.NaN)).mean
  )
}
