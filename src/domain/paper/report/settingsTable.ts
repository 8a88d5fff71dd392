import { type Html, html } from "../../page/html.ts"
import { comparedSettings, type SettingsRow } from "../../settings/comparedSettings.ts"
import { noNumber } from "../../text/numbers.ts"
import type { ExperimentGroup } from "./experimentGroup.ts"

/** What the experiments differ in, side by side; then what they share, and each one's whole settings, to be opened. */
export const settingsSection = (groups: ReadonlyArray<ExperimentGroup>): Html => {
  const { different, common } = comparedSettings(groups.map(({ runs }) => runs[0].settings))
  const shared =
    groups.length < 2 || common.length === 0
      ? []
      : [
          html`<details><summary>Settings that all share</summary>${settingsRows("The same in every experiment.", common, ["Every experiment"])}</details>`
        ]
  const rows = groups.length < 2 ? common : different
  return html`
${settingsRows(
  groups.length < 2
    ? "The settings that decide what is computed."
    : "What the experiments differ in; – where there is no such setting.",
  rows,
  groups.map(({ title }) => title)
)}
${shared}
${groups.map(
  ({ title, runs: [{ settings, seed }] }) =>
    html`<details><summary>${title}: all settings (seed ${seed})</summary><pre tabindex="0"><code>${JSON.stringify(settings, null, 2)}</code></pre></details>\n`
)}`
}

const settingsRows = (caption: string, rows: ReadonlyArray<SettingsRow>, heads: ReadonlyArray<string>): Html => html`
<div class="scroller" role="region" aria-label="Settings" tabindex="0">
<table class="settings">
<caption>${caption}</caption>
<thead><tr><th scope="col">Setting</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
  ({ path, values }) =>
    html`<tr><th scope="row"><code>${path}</code></th>${values.slice(0, heads.length).map((value) => html`<td>${value ?? noNumber}</td>`)}</tr>\n`
)}</tbody>
</table>
</div>`
