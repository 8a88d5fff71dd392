import { type Html, html, trustedMarkup } from "./html.ts"

/** A chart that the library drew. */
export interface Chart {
  readonly title: string
  /** What is drawn, and how it is to be read. */
  readonly description: string
  /** An SVG document with a `viewBox`, whose names no other chart of the page has. It is put into the page as it is. */
  readonly svg: string
}

/** Charts beside each other where there is room, each on white paper whatever the page's colours. */
export const chartGrid = (charts: ReadonlyArray<Chart>): Html =>
  html`<div class="charts">${charts.map(
    ({ title, description, svg }) => html`
<figure class="chart">
<figcaption><strong>${title}.</strong> ${description}</figcaption>
<div class="sheet" role="img" aria-label="${title}. ${description}">${trustedMarkup(svg)}</div>
</figure>`
  )}</div>`

/** Okabe and Ito's colours for lines, told apart with any colour vision; the palest are left out, for white paper. */
export const palette: ReadonlyArray<string> = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"]
