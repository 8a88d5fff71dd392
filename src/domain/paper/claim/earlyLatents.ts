import type { ClaimResult } from "../report/Results.ts"
import { claimResult } from "./claimResult.ts"
import { estimateOf, measuresOf, type NumberOf } from "./comparison.ts"
import type { Criterion } from "./criterion.ts"
import { type Evidence, evidentOf } from "./evidence.ts"
import { stepMeasures } from "./stepMeasures.ts"

const statement =
  "The latents of the early steps (t < 3) decide what is drawn; those of the later steps hardly matter (section 3.3, figures 8 and 9)."
const rule =
  "Holds if less than a quarter of what makes images differ depends on the random numbers of the third step and later."

/**
 * Claim C4, by shares of the variance of the proposed model's images (`sobolIndices`). What z_1 and z_2 explain,
 * alone and with one another, is 1 minus the total index of all later latents together. It holds if this index is below
 * 1/4 (broken above 1/2, where the later latents have more to say than the early ones): the early latents then decide
 * more than three quarters of the image. If all six steps did the same, independently, it would be 2/3.
 *
 * The indices of each z_t stand beside. Collapsed trainings are set aside.
 */
export const judgeEarlyLatents = (experiments: ReadonlyArray<Evidence>): ClaimResult => {
  const paper = evidentOf(experiments, "paper", { collapsed: "set aside", sampled: true })
  const later = estimateOf(paper, laterShare)
  const criteria: ReadonlyArray<Criterion> =
    later === undefined
      ? []
      : [
          {
            what: "the share of the variance that depends on the latents of t >= 3",
            meaning: "the random numbers of the first two steps decide more than three quarters of the image",
            estimate: later,
            wanted: "low",
            holds: 0.25,
            fails: 0.5
          }
        ]
  const named = { "proposed model": paper }
  const measures = [
    ...measuresOf("share due to z_1 and z_2 with one another", named, earlyShare),
    ...measuresOf("share that depends on z_t of t >= 3", named, laterShare),
    ...stepMeasures("first-order index", paper, ({ latents }) => latents.first),
    ...stepMeasures("total index", paper, ({ latents }) => latents.total)
  ]
  return claimResult({ id: "C4", statement, rule }, [paper], { criteria, measures })
}

const laterShare: NumberOf = ({ numbers }) => numbers?.latents.later

const earlyShare: NumberOf = ({ numbers }) =>
  numbers && { value: 1 - numbers.latents.later.value, standardError: numbers.latents.later.standardError }
