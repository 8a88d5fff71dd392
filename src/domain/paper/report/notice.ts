import { type Html, html, nothing } from "../../page/html.ts"
import { formatCount } from "../../text/numbers.ts"
import { experimentTitle, isFinished } from "./experimentGroup.ts"
import type { ExperimentResult, Results } from "./Results.ts"

/** What a reader must know before believing any number: that the run was a quick one, and what is not there yet. */
export const noticeOf = ({ name, missing, experiments }: Results): Html => {
  const unfinished = experiments.filter((run) => !isFinished(run))
  const isQuick = name === "quick"
  if (!isQuick && missing.length === 0 && unfinished.length === 0) return nothing
  const quick = isQuick
    ? html`<p><strong>A quick run.</strong> The main experiment has most of the time, the others only what their figures need, and few samples are measured: what compares trainings with one another (claims C1, C3 and C6) is not of like with like.</p>`
    : nothing
  // Whoever made the results has said what is missing; only where nothing is said it is found out here.
  const listed = missing.length > 0 ? missing : unfinished.map(unfinishedLine)
  const incomplete =
    listed.length === 0
      ? nothing
      : html`<p><strong>Not complete.</strong> What follows stands on what is there so far.</p><ul>${listed.map((line) => html`<li>${line}</li>`)}</ul>`
  return html`<aside class="notice" aria-label="Notice">${quick}${incomplete}</aside>`
}

const unfinishedLine = ({ name, seed, updates, totalUpdates }: ExperimentResult): string =>
  `${experimentTitle(name)}, seed ${seed}: measured after ${formatCount(updates)} of ${formatCount(totalUpdates)} updates.`
