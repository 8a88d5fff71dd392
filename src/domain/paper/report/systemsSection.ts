import { type Html, html } from "../../page/html.ts"
import { formatCount, formatNumber, noNumber } from "../../text/numbers.ts"
import { statementsTable } from "./claimsTable.ts"
import { type ExperimentGroup, overSeeds } from "./experimentGroup.ts"
import { figureGallery, type ImagesByPath, type ShownFigures } from "./figuresSection.ts"
import type { ClaimResult } from "./Results.ts"

/**
 * The systems side by side: what the paper's introduction says of each and what the numbers say of that, their samples, and what their
 * training takes. Their measures are in the tables of the section on measures, between floor and ceiling.
 */
export const systemsSection = (
  groups: ReadonlyArray<ExperimentGroup>,
  statements: ReadonlyArray<ClaimResult>,
  shown: ShownFigures,
  images: ImagesByPath
): Html => html`
${statements.length === 0 ? [] : statementsTable(statements, "What the paper’s introduction says of the systems it stands on, and whether their samples bear it out.", systemAnchor)}
<h3>100 samples of each</h3>
${figureGallery(shown.systems, images)}
<h3>What training takes</h3>
${costTable(groups)}`

/** The id of the row of the statement at an index. */
const systemAnchor = (index: number): string => `system-${index + 1}`

const costTable = (groups: ReadonlyArray<ExperimentGroup>): Html => html`
<div class="scroller" role="region" aria-label="What training takes" tabindex="0">
<table class="trainings">
<caption>Parameters of all players; the arithmetic of one update, counted from its program; the median time of an update, by the runs’ logs.</caption>
<thead><tr><th scope="col">System</th><th scope="col">Parameters</th><th scope="col">Arithmetic <small>GFLOP an update</small></th><th scope="col">Time <small>ms an update</small></th><th scope="col">Updates</th></tr></thead>
<tbody>${groups.map(costRow)}</tbody>
</table>
</div>`

const costRow = ({ title, runs }: ExperimentGroup): Html => {
  const costs = runs.flatMap(({ cost }) => (cost === undefined ? [] : [cost]))
  const mean = (values: ReadonlyArray<number>, format: (value: number) => string): string =>
    values.length === 0 ? noNumber : format(overSeeds(values).mean)
  const cells = [
    mean(
      costs.map(({ parameters }) => parameters),
      formatCount
    ),
    mean(
      costs.map(({ gigaflop }) => gigaflop),
      formatNumber
    ),
    mean(
      costs.flatMap(({ milliseconds }) => milliseconds ?? []),
      formatNumber
    ),
    formatCount(runs[0].updates)
  ]
  return html`<tr><th scope="row">${title}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`
}
