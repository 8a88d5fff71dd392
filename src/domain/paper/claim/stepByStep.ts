import type { ClaimResult } from "../report/Results.ts"
import { claimResult } from "./claimResult.ts"
import { estimateOf, measuresOf, type NumberOf } from "./comparison.ts"
import type { Criterion } from "./criterion.ts"
import { type Evidence, evidentOf } from "./evidence.ts"
import { stepMeasures } from "./stepMeasures.ts"

const statement =
  "Images are built step by step: the early steps give the rough whole, the later ones the detail (section 3.2, figure 6)."
const rule =
  "Holds if no single step makes half of an image, and fine change comes a quarter of a step or more behind rough change."

/**
 * Claim C2, by the change of the canvas at each step, in the proposed model (`drawingOrder`). It holds if
 * - several steps build the image: the step that changes it most has, in the mean over images, less than half of the
 *   change (broken above three quarters);
 * - the rough comes first: the centre of mass over steps of the fine change lies later than that of the coarse one by
 *   more than a quarter of a step (broken if it lies earlier).
 *
 * Collapsed trainings are set aside.
 */
export const judgeStepByStep = (experiments: ReadonlyArray<Evidence>): ClaimResult => {
  const paper = evidentOf(experiments, "paper", { collapsed: "set aside", sampled: true })
  const busiest = estimateOf(paper, busiestShare)
  const delayed = estimateOf(paper, delay)
  const criteria: ReadonlyArray<Criterion> =
    busiest === undefined || delayed === undefined
      ? []
      : [
          {
            what: "the busiest step's share of the change",
            meaning: "several steps build the image",
            estimate: busiest,
            wanted: "low",
            holds: 0.5,
            fails: 0.75
          },
          {
            what: "the fine change's delay, in steps,",
            meaning: "the rough comes before the fine",
            estimate: delayed,
            wanted: "high",
            holds: 0.25,
            fails: 0
          }
        ]
  const named = { "proposed model": paper }
  const measures = [
    ...measuresOf("delay of the fine change behind the coarse one (steps)", named, delay),
    ...measuresOf("centre of the coarse change (step)", named, ({ numbers }) => numbers?.drawing.coarseCentre),
    ...measuresOf("centre of the fine change (step)", named, ({ numbers }) => numbers?.drawing.fineCentre),
    ...stepMeasures("share of the coarse change", paper, ({ drawing }) =>
      drawing.steps.map((step) => step.coarseShare)
    ),
    ...stepMeasures("share of the fine change", paper, ({ drawing }) => drawing.steps.map((step) => step.fineShare)),
    ...stepMeasures("share of the whole change", paper, ({ drawing }) => drawing.steps.map((step) => step.share))
  ]
  return claimResult({ id: "C2", statement, rule }, [paper], { criteria, measures })
}

const delay: NumberOf = ({ numbers }) => numbers?.drawing.delay

const busiestShare: NumberOf = ({ numbers }) => {
  const [first, ...others] = numbers?.drawing.steps ?? []
  return others.reduce(
    (most, { share }) => (most !== undefined && most.value >= share.value ? most : share),
    first?.share
  )
}
