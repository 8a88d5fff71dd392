import { type Html, html, nothing } from "../../page/html.ts"
import { formatMedian, formatNumber, formatWithError } from "../../text/numbers.ts"
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

/** How a claim fared with each seed by itself: `seed by seed: holds with 3 of 5, unclear with 2`; `undefined` of a single seed. */
export const seedsText = ({ seeds = [] }: Pick<ClaimResult, "seeds">): string | undefined => {
  if (seeds.length < 2) return undefined
  const [first = "", ...others] = verdicts.flatMap((verdict) => {
    const count = seeds.filter((one) => one.verdict === verdict).length
    return count === 0 ? [] : [`${verdict} with ${count}`]
  })
  return `seed by seed: ${[`${first} of ${seeds.length}`, ...others].join(", ")}`
}

const verdicts: ReadonlyArray<Verdict> = ["holds", "does not hold", "unclear"]

/**
 * The paper's claims: what each says and when it holds; the verdict, how it fared with each seed, and what was seen; behind a fold the numbers with
 * their bounds and errors. The roles are said as well, since on a narrow screen the style sheet lays the cells under each other, and browsers
 * then forget that they are a table's.
 */
export const claimsTable = (claims: ReadonlyArray<ClaimResult>): Html =>
  statementsTable(claims, "The paper’s claims, and whether the numbers bear them out.", claimAnchor)

/** Statements and what the numbers say of them, as `claimsTable` has them; each row has the id of its index. */
export const statementsTable = (
  claims: ReadonlyArray<ClaimResult>,
  caption: string,
  anchor: (index: number) => string
): Html => html`
<table class="claims" role="table">
<caption>${caption} A condition is met, or broken, where the mean over seeds is beyond its bound with the whole 95% interval about it; of one seed the interval is that of its samples. The numbers are the median over seeds, with the least and the greatest, or of one seed its standard error.</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Claim</th><th role="columnheader" scope="col">Verdict</th></tr></thead>
<tbody role="rowgroup">${claims.map((claim, index) => claimRow(claim, anchor(index)))}</tbody>
</table>`

const claimRow = (claim: ClaimResult, anchor: string): Html => {
  const { id, statement, verdict, rule, finding, reason, measures } = claim
  const seeds = seedsText(claim)
  return html`
<tr role="row" id="${anchor}">
<th role="rowheader" scope="row"><span class="claim-id">${id}</span> ${statement}${rule === undefined ? nothing : html`<p class="rule">${rule}</p>`}</th>
<td role="cell">${verdictBadge(verdict)}${seeds === undefined ? nothing : html` <span class="seeds">${seeds}</span>`}
${finding === undefined ? nothing : html`<p>${finding}</p>`}
<details><summary>Numbers</summary><p>${reason}</p><dl class="numbers">${measures.map(measureLine)}</dl></details></td>
</tr>`
}

const measureLine = (measure: ClaimMeasure): Html =>
  html`<div><dt>${measure.name}</dt><dd>${measureText(measure)}</dd></div>`

/** A measure's median over seeds with its range; of one seed with its standard error; of results without each seed's, with their spread. */
export const measureText = ({ value, standardError, spread, values }: ClaimMeasure): string => {
  if (values !== undefined) return formatMedian(values)
  const error = spread ?? standardError
  return error === undefined ? formatNumber(value) : formatWithError(value, error)
}
