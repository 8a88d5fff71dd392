import type { ClaimResult } from "../report/Results.ts"
import { claimResult } from "./claimResult.ts"
import { compare, measuresOf, type NumberOf } from "./comparison.ts"
import type { Criterion } from "./criterion.ts"
import { type Evidence, type Evident, evidentOf } from "./evidence.ts"

const statement =
  "Initialising the canvas c_0 from the marginal distribution of the training data makes learning faster and more stable (section 2.4)."
const rule =
  "Holds if trainings from the marginals have a Frechet distance a tenth lower on the way, and collapse less often (or, if none does, fall back less)."

/** A factor of 1.1 on the Frechet distance, as a difference of logarithms. */
const notable = Math.log(1.1)

/**
 * Claim C6, by the courses of trainings that begin with c_0 at the marginals and at zero. It holds if the first is
 * - faster: the logarithm of its Frechet distance, averaged over the epochs at which both kinds were measured, is lower by
 *   more than ln 1.1 = 0.095, which is a tenth of the distance (broken if higher by as much). Epochs are measured more
 *   densely at the beginning, which is where being faster shows;
 * - more stable: it collapsed less often (broken if more often, unclear if equally often); or, if neither ever collapsed,
 *   its largest relapse is smaller by more than 0.095 (broken if larger by as much). A relapse is the logarithm of a
 *   Frechet distance over the least one before it.
 *
 * Needs two epochs in common. The measures of one training have no error here, as their noise is that of the course.
 */
export const judgeMarginalCanvas = (experiments: ReadonlyArray<Evidence>): ClaimResult => {
  const marginals = evidentOf(experiments, "paper", { collapsed: "kept" })
  const zero = evidentOf(experiments, "zero-canvas", { collapsed: "kept" })
  const epochs = sharedEpochs([...marginals.usable, ...zero.usable])
  const named = { "from marginals": marginals, "from zero": zero }
  const comparable = epochs.length >= 2 && marginals.usable.length > 0 && zero.usable.length > 0
  const notes =
    !comparable && marginals.usable.length > 0 && zero.usable.length > 0
      ? ["Fewer than two epochs at which both were measured."]
      : []
  const measures = [
    ...measuresOf("share of trainings that collapsed", named, collapse),
    ...measuresOf("final Frechet distance", named, ({ measures: { frechetDistance } }) => ({ value: frechetDistance })),
    ...(comparable ? measuresOf(`mean ln Frechet distance over ${epochs.length} epochs`, named, pace(epochs)) : []),
    ...(comparable ? measuresOf("largest relapse (ln Frechet distance)", named, relapse(epochs)) : [])
  ]
  const criteria = comparable ? [...faster(zero, marginals, epochs), ...moreStable(zero, marginals, epochs)] : []
  return claimResult({ id: "C6", statement, rule }, [marginals, zero], { criteria, measures }, notes)
}

const faster = (zero: Evident, marginals: Evident, epochs: ReadonlyArray<number>): ReadonlyArray<Criterion> => {
  const found = compare(zero, marginals, pace(epochs))
  const what = "the mean ln Frechet distance from zero minus that from the marginals"
  return found === undefined
    ? []
    : [
        {
          what,
          meaning: "trainings from the marginals learn faster",
          estimate: found.difference,
          wanted: "high",
          holds: notable,
          fails: -notable
        }
      ]
}

const moreStable = (zero: Evident, marginals: Evident, epochs: ReadonlyArray<number>): ReadonlyArray<Criterion> => {
  const collapses = compare(zero, marginals, collapse)
  const relapses = compare(zero, marginals, relapse(epochs))
  if (collapses === undefined || relapses === undefined) return []
  return collapses.one.value === 0 && collapses.other.value === 0
    ? [
        {
          what: "the largest relapse from zero minus that from the marginals",
          meaning: "trainings from the marginals fall back less",
          estimate: relapses.difference,
          wanted: "high",
          holds: notable,
          fails: -notable
        }
      ]
    : [
        {
          what: "the share of trainings from zero that collapsed minus that from the marginals",
          meaning: "trainings from the marginals collapse less often",
          estimate: collapses.difference,
          wanted: "high",
          holds: 0,
          fails: 0
        }
      ]
}

/** Epochs at which each of the trainings was measured, ascending. */
const sharedEpochs = (trainings: ReadonlyArray<Evidence>): ReadonlyArray<number> => {
  const [first, ...others] = trainings.map(({ course }) => new Set(course.map(({ epoch }) => epoch)))
  return [...(first ?? [])].filter((epoch) => others.every((each) => each.has(epoch))).sort((a, b) => a - b)
}

/** ln Frechet distance at each of the epochs. */
const logDistances = ({ course }: Evidence, epochs: ReadonlyArray<number>): ReadonlyArray<number> =>
  epochs.flatMap((epoch) => {
    const point = course.find((each) => each.epoch === epoch)
    return point === undefined ? [] : [Math.log(point.measures.frechetDistance)]
  })

const pace =
  (epochs: ReadonlyArray<number>): NumberOf =>
  (evidence) => {
    const distances = logDistances(evidence, epochs)
    return { value: distances.reduce((sum, distance) => sum + distance, 0) / distances.length }
  }

const relapse =
  (epochs: ReadonlyArray<number>): NumberOf =>
  (evidence) => {
    let least = Number.POSITIVE_INFINITY
    let largest = 0
    for (const distance of logDistances(evidence, epochs)) {
      least = Math.min(least, distance)
      largest = Math.max(largest, distance - least)
    }
    return { value: largest }
  }

const collapse: NumberOf = ({ collapsed }) => ({ value: collapsed ? 1 : 0 })
