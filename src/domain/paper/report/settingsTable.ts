import type * as Schema from "effect/Schema"
import { type Html, html } from "../../page/html.ts"
import { noNumber } from "../../text/numbers.ts"
import type { ExperimentGroup } from "./experimentGroup.ts"

/** A setting's path and what it is in each experiment; `undefined` where there is no such setting. */
export interface SettingsRow {
  readonly path: string
  readonly values: ReadonlyArray<string | undefined>
}

/** The settings that determine what is computed: not the name, not the seed, not how often a run reports. */
const isDecisive = (path: string): boolean => !/^(name$|seed$|reporting\b)/.test(path)

/** Settings laid side by side by their paths, in the order in which they first occur; those that differ, or those that do not. */
export const comparedSettings = (
  settings: ReadonlyArray<Schema.Json>
): { readonly different: ReadonlyArray<SettingsRow>; readonly common: ReadonlyArray<SettingsRow> } => {
  const flat = settings.map((json) => new Map(leavesOf(json, "")))
  const paths = [...new Set(flat.flatMap((leaves) => [...leaves.keys()]))].filter(isDecisive)
  const rows = paths.map((path) => ({ path, values: flat.map((leaves) => leaves.get(path)) }))
  const differs = ({ values }: SettingsRow): boolean => values.some((value) => value !== values[0])
  return { different: rows.filter(differs), common: rows.filter((row) => !differs(row)) }
}

const leavesOf = (json: Schema.Json, path: string): ReadonlyArray<readonly [path: string, value: string]> => {
  if (typeof json !== "object" || json === null) return [[path, typeof json === "string" ? json : JSON.stringify(json)]]
  if (Array.isArray(json)) return [[path, JSON.stringify(json)]]
  return Object.entries(json).flatMap(([field, value]) => leavesOf(value, path === "" ? field : `${path}.${field}`))
}

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
