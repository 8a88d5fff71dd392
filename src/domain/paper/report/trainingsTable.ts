import { type Html, html } from "../../page/html.ts"
import { own } from "../../record/own.ts"
import { formatCount, formatMedian, formatNumber, noNumber } from "../../text/numbers.ts"
import { type ExperimentGroup, isFinished } from "./experimentGroup.ts"

/** Names of metrics for readers; others by their own. */
const metricTitles = new Map([
  ["discriminatorLoss", "loss of D (nats)"],
  ["generatorLoss", "loss of G (nats)"],
  ["realAccuracy", "D right on real"],
  ["generatedAccuracy", "D right on generated"],
  ["bound", "bound (nats)"],
  ["logLikelihood", "log p(x | z) (nats)"],
  ["divergence", "KL divergence (nats)"],
  ["discriminatorGradientNorm", "norm of D’s gradients"],
  ["generatorGradientNorm", "norm of G’s gradients"],
  ["gradientNorm", "norm of the gradients"]
])

/** How far each training has come, whether its samples are all alike, and what it measured at the end (of several seeds the median, least and greatest). */
export const trainingsTable = (groups: ReadonlyArray<ExperimentGroup>): Html => {
  const hasBound = groups.some(({ runs }) => runs.some(({ bound }) => bound !== undefined))
  const metrics = [...new Set(groups.flatMap(({ runs }) => runs.flatMap((run) => Object.keys(run.metrics))))]
  return html`
<div class="scroller" role="region" aria-label="Trainings" tabindex="0">
<table class="trainings">
<caption><strong>Trainings.</strong> How far they have come, and what the last updates measured.</caption>
<thead><tr><th scope="col">Experiment</th><th scope="col">Seeds</th><th scope="col">Epochs</th><th scope="col">Updates</th><th scope="col">Collapsed</th>${metrics.map(
    (metric) => html`<th scope="col">${metricTitles.get(metric) ?? metric}</th>`
  )}${hasBound ? html`<th scope="col">bound of test images (nats)</th>` : []}</tr></thead>
<tbody>${groups.map((group) => trainingRow(group, metrics, hasBound))}</tbody>
</table>
</div>`
}

const trainingRow = ({ title, runs }: ExperimentGroup, metrics: ReadonlyArray<string>, hasBound: boolean): Html => {
  const collapsed = runs.filter((run) => run.collapsed)
  const which = runs.length === 1 ? (collapsed.length === 1 ? "yes" : "no") : `${collapsed.length} of ${runs.length}`
  return html`<tr><th scope="row">${title}</th><td>${runs.map(({ seed }) => String(seed)).join(", ")}</td><td>${unlike(
    runs.map(({ epochs }) => formatNumber(epochs))
  )}</td><td>${unlike(
    runs.map((run) =>
      isFinished(run) ? formatCount(run.updates) : `${formatCount(run.updates)} of ${formatCount(run.totalUpdates)}`
    )
  )}</td><td>${which}</td>${metrics.map((metric) => html`<td>${metricText(runs.flatMap((run) => metricOf(run.metrics, metric)))}</td>`)}${
    hasBound ? html`<td>${metricText(runs.flatMap(({ bound }) => bound?.bound.value ?? []))}</td>` : []
  }</tr>\n`
}

const unlike = (texts: ReadonlyArray<string>): string => [...new Set(texts)].join("; ")

const metricOf = (metrics: Readonly<Record<string, number>>, metric: string): ReadonlyArray<number> => {
  const value = own(metrics, metric)
  return value === undefined ? [] : [value]
}

const metricText = (values: ReadonlyArray<number>): string => {
  return values.length === 0 ? noNumber : formatMedian(values)
}
