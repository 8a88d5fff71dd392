import {
  goalText,
  type MeasureColumn,
  type MeasureGroup,
  measureGroups,
  shortfall,
  valueText
} from "../../metrics/measureColumns.ts"
import type { SampleMeasures } from "../../metrics/SampleMeasures.ts"
import { type Html, html } from "../../page/html.ts"
import { formatCount, formatMedian, medianOf, noNumber } from "../../text/numbers.ts"
import { type ExperimentGroup, isFinished } from "./experimentGroup.ts"
import type { Results } from "./Results.ts"

/**
 * The measures of the trained models between their floor (test images) and ceilings (noise, the mean image): a table for
 * each group of measures, a row for each set of images. Several seeds are one row: their median, least and greatest; a single
 * run's value has its standard error over samples where there is one. The best of several models is set apart.
 */
export const measuresTables = (groups: ReadonlyArray<ExperimentGroup>, references: Results["references"]): Html =>
  html`${measureGroups.map((group) => measuresTable(group, groups, references))}`

const measuresTable = (
  { title, note, columns }: MeasureGroup,
  groups: ReadonlyArray<ExperimentGroup>,
  { testImages, noise, meanImage }: Results["references"]
): Html => {
  const best = columns.map((column) => bestGroup(column, groups))
  return html`
<div class="scroller" role="region" aria-label="${title}" tabindex="0">
<table class="measures">
<caption><strong>${title}.</strong> ${note}</caption>
<thead><tr><th scope="col">Images</th>${columns.map(columnHead)}</tr></thead>
<tbody class="reference">${referenceRow("Test images", "floor", testImages, columns)}</tbody>
<tbody>${groups.map((group) => experimentRow(group, columns, best))}</tbody>
<tbody class="reference">${referenceRow("Noise", "ceiling", noise, columns)}${referenceRow("Mean image", "ceiling", meanImage, columns)}</tbody>
</table>
</div>`
}

const columnHead = ({ name, unit, goal }: MeasureColumn): Html => {
  const remarks = [unit, goalText(goal)].filter((text) => text !== "")
  return html`<th scope="col">${name}${remarks.map((remark) => html` <small>${remark}</small>`)}</th>`
}

const referenceRow = (
  title: string,
  role: string,
  measures: SampleMeasures,
  columns: ReadonlyArray<MeasureColumn>
): Html =>
  html`<tr><th scope="row">${title} <small>${role}, ${formatCount(measures.count)}</small></th>${columns.map(
    (column) => html`<td>${valueText(column, measures)}</td>`
  )}</tr>\n`

const experimentRow = (
  group: ExperimentGroup,
  columns: ReadonlyArray<MeasureColumn>,
  best: ReadonlyArray<ExperimentGroup | undefined>
): Html => {
  const [first, ...others] = group.runs
  const counts = [...new Set(group.runs.map(({ measures }) => formatCount(measures.count)))].join(" or ")
  const seeds = others.length === 0 ? "" : `, ${group.runs.length} seeds`
  const unfinished = group.runs.every(isFinished) ? "" : ", unfinished"
  const cells = columns.map((column, i) => {
    const text = others.length === 0 ? valueText(column, first.measures) : valueOverSeeds(column, group)
    return html`<td>${best[i] === group ? html`<b>${text}</b>` : text}</td>`
  })
  return html`<tr><th scope="row">${group.title} <small>${counts}${seeds}${unfinished}</small></th>${cells}</tr>\n`
}

const valueOverSeeds = (column: MeasureColumn, group: ExperimentGroup): string => {
  const values = valuesOf(column, group)
  return values.length === 0 ? noNumber : formatMedian(values)
}

const valuesOf = ({ read }: MeasureColumn, { runs }: ExperimentGroup): ReadonlyArray<number> =>
  runs.flatMap(({ measures }) => read(measures)?.value ?? [])

/** The experiment whose median is best, if there are several and one is. Those that collapsed throughout do not compete. */
const bestGroup = (column: MeasureColumn, groups: ReadonlyArray<ExperimentGroup>): ExperimentGroup | undefined => {
  const ranked = groups
    .filter(({ runs }) => runs.some(({ collapsed }) => !collapsed))
    .flatMap((group) => {
      const distance = shortfall(column.goal, medianOf(valuesOf(column, group)))
      return distance === undefined || Number.isNaN(distance) ? [] : [{ group, distance }]
    })
    .sort((left, right) => left.distance - right.distance)
  const [first, second] = ranked
  return first !== undefined && second !== undefined && first.distance < second.distance ? first.group : undefined
}
