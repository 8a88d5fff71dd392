import { alignedTable } from "../text/alignedTable.ts"
import { formatCount, formatShare, formatWithError, noNumber } from "../text/numbers.ts"
import { terminalTable } from "../text/terminalText.ts"
import type { AvailableMeasures } from "./AvailableMeasures.ts"
import type { ClassifierRecord } from "./ClassifierRecord.ts"
import type { ElboMeasures } from "./ElboMeasures.ts"
import type { EvaluationReport } from "./EvaluationReport.ts"
import { goalText, measureGroups, valueText } from "./measureColumns.ts"

/**
 * An evaluation as text for a terminal: a row for each measure with its unit and its better direction, a column for the
 * samples and each reference; then the share of each class, and what could not be measured and why.
 */
export const evaluationTable = (evaluation: EvaluationReport): string => {
  const { source, dataset, classifier, features, warnings, samples, bound, references } = evaluation
  const named: ReadonlyArray<readonly [string, AvailableMeasures | undefined]> = [
    ["samples", samples],
    ["test images", references.testImages],
    ["noise", references.noise],
    ["mean image", references.meanImage]
  ]
  const present = named.flatMap(([title, measures]) => (measures === undefined ? [] : [{ title, measures }]))
  const columns = present.map(({ measures }) => measures)
  const head = ["", ...present.map(({ title }) => title), "", ""]
  const counts = ["images", ...columns.map(({ count }) => formatCount(count)), "", ""]
  const groups = measureGroups.flatMap(({ title, columns: measures }) => {
    const rows = measures
      .filter((measure) => columns.some((column) => measure.read(column) !== undefined))
      .map((measure) => [
        `  ${measure.name}`,
        ...columns.map((column) => valueText(measure, column)),
        measure.unit,
        goalText(measure.goal)
      ])
    return rows.length === 0 ? [] : [[], [title], ...rows]
  })
  const classes = Array.from({ length: samples.classHistogram?.length ?? 0 }, (_, c) => [
    `  ${c}`,
    ...columns.map(({ classHistogram }) =>
      classHistogram === undefined ? noNumber : formatShare(classHistogram[c] ?? 0)
    )
  ])
  const shares = classes.length === 0 ? [] : [[], ["Share of each class"], ...classes]
  return terminalTable([
    `${source}, against ${dataset}`,
    ...(classifier === undefined ? [] : [classifierLine(classifier)]),
    ...(features === undefined ? [] : [featuresLine(features)]),
    ...warnings.map((warning) => `Warning: ${warning}`),
    ...(bound === undefined ? [] : ["", ...boundLines(bound)]),
    "",
    ...alignedTable([head, counts, ...groups, ...shares], { first: 1, last: columns.length }),
    ...unmeasuredLines(samples),
    ...(references.testImages?.parzen === undefined
      ? []
      : ["", "The log-likelihood of test images is that under a Parzen window on as many training images."])
  ])
}

const classifierLine = ({ testAccuracy, epochs, testImages }: ClassifierRecord): string => {
  const images = testImages === undefined ? "the test images" : `${formatCount(testImages)} test images`
  return `classifier: ${formatShare(testAccuracy)} of ${images} right, ${formatCount(Math.round(epochs))} epochs`
}

const featuresLine = ({ name, digest, width, input }: NonNullable<EvaluationReport["features"]>): string =>
  `features: ${name} (SHA-256 ${digest.slice(0, 12)}), ${formatCount(width)} numbers of ${input}`

const unmeasuredLines = ({ unmeasured }: AvailableMeasures): ReadonlyArray<string> =>
  unmeasured.length === 0
    ? []
    : [
        "",
        "Not measured",
        ...unmeasured.map(({ measures, reason }) => `  ${measures.map(inWords).join(", ")}: ${reason}`)
      ]

/** A field's name as the table has it. */
const inWords = (field: string): string => names.get(field) ?? field

const names = new Map([
  ["frechetDistance", "Fréchet distance"],
  ["kernelDistance", "kernel distance"],
  ["inceptionScore", "Inception score"],
  ["classHistogram", "share of each class"],
  ["classEntropy", "class entropy"],
  ["classDistance", "class distance"],
  ["parzen", "log-likelihood"]
])

const boundLines = ({ count, seed, bound, logLikelihood, divergence }: ElboMeasures): ReadonlyArray<string> => {
  const nats = ({ value, standardError }: ElboMeasures["bound"]): string =>
    `${formatWithError(value, standardError)} nats`
  return [
    `variational bound of ${formatCount(count)} test images, binarised (seed ${seed}): ${nats(bound)}`,
    `  log p(x | z): ${nats(logLikelihood)}; divergence of the posterior from the prior: ${nats(divergence)}`
  ]
}
