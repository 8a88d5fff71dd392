import { type Html, html } from "../../page/html.ts"
import { formatNumber, formatWithError } from "../../text/numbers.ts"
import type { ClaimMeasure, ClaimResult, Verdict } from "./Results.ts"

/** A verdict's sign and class: told by sign, colour and words, so that none of them is needed to tell. */
const signs: { readonly [V in Verdict]: { readonly sign: string; readonly style: string } } = {
  holds: { sign: "✓", style: "holds" },
  "does not hold": { sign: "✕", style: "fails" },
  unclear: { sign: "?", style: "unclear" }
}

/** A verdict as a badge. */
export const verdictBadge = (verdict: Verdict): Html => {
  const { sign, style } = signs[verdict]
  return html`<span class="badge ${style}"><span aria-hidden="true">${sign}</span> ${verdict}</span>`
}

/** How the claims fared, in a row of links to the table's rows. */
export const claimsSummary = (claims: ReadonlyArray<ClaimResult>): Html =>
  html`<ul class="verdicts">${claims.map(
    ({ id, verdict }, i) => html`<li><a href="#${claimAnchor(i)}"><b>${id}</b> ${verdictBadge(verdict)}</a></li>`
  )}</ul>`

/** The id of the row of the claim at an index; the claims' own ids may be any text. */
export const claimAnchor = (index: number): string => `claim-${index + 1}`

/**
 * The paper's claims: statement, the numbers with their errors, verdict and reason. The roles are said as well, since on a
 * narrow screen the style sheet lays the cells under each other, and browsers then forget that they are a table's.
 */
export const claimsTable = (claims: ReadonlyArray<ClaimResult>): Html =>
  statementsTable(claims, "The paper’s claims, as numbers.", claimAnchor)

/** Statements and what the numbers say of them, as `claimsTable` has them; each row has the id of its index. */
export const statementsTable = (
  claims: ReadonlyArray<ClaimResult>,
  caption: string,
  anchor: (index: number) => string
): Html => html`
<table class="claims" role="table">
<caption>${caption} After ± stands the standard deviation over seeds where several were trained, and otherwise the standard error over samples.</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Claim</th><th role="columnheader" scope="col">Measures</th><th role="columnheader" scope="col">Verdict</th></tr></thead>
<tbody role="rowgroup">${claims.map((claim, index) => claimRow(claim, anchor(index)))}</tbody>
</table>`

const claimRow = ({ id, statement, verdict, reason, measures }: ClaimResult, anchor: string): Html => html`
<tr role="row" id="${anchor}">
<th role="rowheader" scope="row"><span class="claim-id">${id}</span> ${statement}</th>
<td role="cell"><dl class="numbers">${measures.map(measureLine)}</dl></td>
<td role="cell">${verdictBadge(verdict)}<p>${reason}</p></td>
</tr>`

const measureLine = (measure: ClaimMeasure): Html =>
  html`<div><dt>${measure.name}</dt><dd>${measureText(measure)}</dd></div>`

/** A measure with the spread over seeds, or else with the standard error of its one seed. */
export const measureText = ({ value, standardError, spread }: ClaimMeasure): string => {
  const error = spread ?? standardError
  return error === undefined ? formatNumber(value) : formatWithError(value, error)
}
