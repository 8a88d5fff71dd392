import type { ClaimResult } from "../report/Results.ts"
import { claimResult } from "./claimResult.ts"
import { compare, measuresOf, type NumberOf } from "./comparison.ts"
import type { Criterion } from "./criterion.ts"
import { type Evidence, evidentOf } from "./evidence.ts"

const statement =
  "With 4 x 4 filters instead of 5 x 5 the samples show more kinds of digits, but more distorted shapes (section 3.2, figure 7)."
const rule =
  "Holds if the samples of 4 x 4 filters are spread more evenly over the ten digits than those of 5 x 5, and the classifier is less sure of them."

/**
 * Claim C3, by what the classifier makes of both models' samples. It holds if, of 4 x 4 filters compared with 5 x 5,
 * - the entropy of the classes shown is higher by more than 0.02 nats (broken if it is lower): more kinds of digits, or
 *   more evenly. For scale: ten classes, evenly, have 2.303 nats, nine 2.197;
 * - the classifier's mean confidence is lower by more than 0.01 (broken if it is higher): more distorted shapes, which it
 *   names less surely.
 *
 * The standard error of the entropy is that of a function of n independent draws to first order,
 * `sqrt((sum p ln^2 p - H^2) / n)`. Precision, coverage and the Frechet distance stand beside. Collapsed trainings are set
 * aside.
 */
export const judgeFewerFilters = (experiments: ReadonlyArray<Evidence>): ClaimResult => {
  const four = evidentOf(experiments, "four-filters", { collapsed: "set aside" })
  const five = evidentOf(experiments, "paper", { collapsed: "set aside" })
  const named = { "4 x 4 filters": four, "5 x 5 filters": five }
  const kinds = compare(four, five, classEntropy)
  const clear = compare(four, five, confidence)
  const criteria: ReadonlyArray<Criterion> =
    kinds === undefined || clear === undefined
      ? []
      : [
          {
            what: "the class entropy of 4 x 4 filters minus that of 5 x 5, in nats,",
            meaning: "4 x 4 filters draw more kinds of digits",
            estimate: kinds.difference,
            wanted: "high",
            holds: 0.02,
            fails: 0
          },
          {
            what: "the confidence of 4 x 4 filters minus that of 5 x 5",
            meaning: "the shapes of 4 x 4 filters are more distorted",
            estimate: clear.difference,
            wanted: "low",
            holds: -0.01,
            fails: 0
          }
        ]
  const measures = [
    ...measuresOf("class entropy (nats)", named, classEntropy),
    ...measuresOf("confidence of the classifier", named, confidence),
    ...measuresOf("precision", named, ({ measures: { precision } }) => ({ value: precision })),
    ...measuresOf("coverage", named, ({ measures: { coverage } }) => ({ value: coverage })),
    ...measuresOf("Frechet distance", named, ({ measures: { frechetDistance } }) => ({ value: frechetDistance }))
  ]
  return claimResult({ id: "C3", statement, rule }, [four, five], { criteria, measures })
}

const confidence: NumberOf = ({ measures }) => measures.confidence

const classEntropy: NumberOf = ({ measures: { classEntropy: value, classHistogram, count } }) => {
  const squares = classHistogram.reduce((sum, p) => (p > 0 ? sum + p * Math.log(p) ** 2 : sum), 0)
  return { value, standardError: Math.sqrt(Math.max(0, squares - value * value) / count) }
}
