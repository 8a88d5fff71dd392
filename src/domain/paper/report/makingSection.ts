import { type Html, html } from "../../page/html.ts"
import type { Results } from "./Results.ts"

/** How the report came about, so that it can be made again: command, library, machine, and digests of the data. */
export const makingSection = (results: Results): Html => {
  const { library, machine, dataset, createdAt } = results
  return html`
<dl class="making">
<dt>Command</dt><dd><code>${commandOf(results)}</code></dd>
<dt>Library</dt><dd>${library.name} ${library.version}</dd>
<dt>Machine</dt><dd>${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB of memory</dd>
<dt>Finished</dt><dd>${createdAt}</dd>
<dt>Data set</dt><dd>${dataset.name}${Object.entries(dataset.digests).map(
    ([file, digest]) => html`<br><code>${file}</code> <small><code>${digest}</code></small>`
  )}</dd>
<dt>Numbers</dt><dd>All of them are in <code>results.json</code> beside this page, with every seed’s values.</dd>
</dl>`
}

/** The command that makes such a report; the most seeds that an experiment has are its replicas. */
const commandOf = ({ name, experiments }: Results): string => {
  const seeds = new Map<string, number>()
  for (const run of experiments) seeds.set(run.name, (seeds.get(run.name) ?? 0) + 1)
  const replicas = Math.max(1, ...seeds.values())
  const plan = name === "quick" ? ["--quick"] : name === "reproduction" || name === "full" ? [] : [`--plan ${name}`]
  const options = [...plan, ...(replicas > 1 ? [`--replicas ${replicas}`] : [])]
  return ["npm run reproduce", ...(options.length === 0 ? [] : ["--", ...options])].join(" ")
}
