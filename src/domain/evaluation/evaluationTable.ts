import { goalText, measureGroups, valueText } from "../report/measureColumns.ts"
import { formatCount, formatShare, formatWithError } from "../report/numbers.ts"
import { alignedTable } from "./alignedTable.ts"
import type { BoundMeasures } from "./BoundMeasures.ts"
import type { ClassifierRecord } from "./ClassifierRecord.ts"
import type { Evaluation } from "./Evaluation.ts"

/**
 * An evaluation as text for a terminal: a row for each measure with its unit and its better direction, a column for the
 * samples and each reference; then the share of each class.
 */
export const evaluationTable = ({ source, dataset, classifier, samples, bound, references }: Evaluation): string => {
  const columns = [samples, references.testImages, references.noise, references.meanImage]
  const head = ["", "samples", "test images", "noise", "mean image", "", ""]
  const counts = ["pictures", ...columns.map(({ count }) => formatCount(count)), "", ""]
  const groups = measureGroups.flatMap(({ title, columns: measures }) => [
    [],
    [title],
    ...measures.map((measure) => [
      `  ${measure.name}`,
      ...columns.map((column) => valueText(measure, column)),
      measure.unit,
      goalText(measure.goal)
    ])
  ])
  const classes = samples.classHistogram.map((_, c) => [
    `  ${c}`,
    ...columns.map(({ classHistogram }) => formatShare(classHistogram[c] ?? 0))
  ])
  return [
    `${source}, against ${dataset}`,
    classifierLine(classifier),
    ...(bound === undefined ? [] : ["", ...boundLines(bound)]),
    "",
    ...alignedTable([head, counts, ...groups, [], ["Share of each class"], ...classes], { first: 1, last: 4 }),
    "",
    "The log-likelihood of test images is that under a Parzen window on as many training images."
  ].join("\n")
}

const classifierLine = ({ testAccuracy, epochs, testImages }: ClassifierRecord): string => {
  const images = testImages === undefined ? "the test images" : `${formatCount(testImages)} test images`
  return `classifier: ${formatShare(testAccuracy)} of ${images} right, ${formatCount(Math.round(epochs))} epochs`
}

const boundLines = ({ count, seed, bound, logLikelihood, divergence }: BoundMeasures): ReadonlyArray<string> => {
  const nats = ({ value, standardError }: BoundMeasures["bound"]): string =>
    `${formatWithError(value, standardError)} nats`
  return [
    `variational bound of ${formatCount(count)} test images, binarised (seed ${seed}): ${nats(bound)}`,
    `  log p(x | z): ${nats(logLikelihood)}; divergence of the posterior from the prior: ${nats(divergence)}`
  ]
}
