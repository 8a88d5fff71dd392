import type { ClaimResult } from "../report/Results.ts"
import { claimResult } from "./claimResult.ts"
import { type Comparison, compare, measuresOf, type NumberOf } from "./comparison.ts"
import type { Criterion } from "./criterion.ts"
import { type Evidence, evidentOf } from "./evidence.ts"

const statement =
  "Some of the baseline GAN's samples are partly blurred; those of the proposed model hardly are (section 3.2, figures 4 and 5)."
const rule =
  "Holds if the proposed model's strokes are about as sharp as those of real digits and the baseline's softer, by the sharpness of edges and by how much of the ink is grey."

/**
 * Claim C1, by sharpness relative to real digits (1 is as sharp as these). It holds if
 * - the proposed model's samples are hardly blurred: above 0.9 (broken below 0.8);
 * - the baseline's are: below 0.95 (broken above 1, where they are sharper than real digits);
 * - the proposed model's is higher by more than 0.05 (broken if it is lower).
 *
 * Scattered dots are sharp and hide blur. So precision, the share of samples that look real, stands beside: if the
 * baseline's is lower beyond its error, its high sharpness may be noise, and does not break the second and third
 * condition. If it is the proposed model's that is lower, by more than 0.05, its own sharpness may be noise, and the
 * claim is at best unclear.
 *
 * Greyness (how much of the ink is grey, relative to real digits; dots do not lower it) states the same conditions the
 * other way round: the proposed model's below 1.1 (broken above 1.2), the baseline's above 1.05
 * (broken below 1), the baseline's higher by more than 0.05 (broken if lower). No excuse is made for it.
 *
 * Collapsed trainings are set aside.
 */
export const judgeSharperSamples = (experiments: ReadonlyArray<Evidence>): ClaimResult => {
  const paper = evidentOf(experiments, "paper", { collapsed: "set aside" })
  const baseline = evidentOf(experiments, "baseline", { collapsed: "set aside" })
  const named = { "proposed model": paper, baseline }
  const criteria = [
    ...sharpnessCriteria(compare(paper, baseline, sharpness), compare(paper, baseline, precision)),
    ...greynessCriteria(compare(paper, baseline, greyness))
  ]
  const measures = [
    ...measuresOf("sharpness relative to real digits", named, sharpness),
    ...measuresOf("greyness relative to real digits", named, greyness),
    ...measuresOf("precision", named, precision),
    ...measuresOf("Frechet distance", named, ({ measures: { frechetDistance } }) => ({ value: frechetDistance }))
  ]
  return claimResult({ id: "C1", statement, rule }, [paper, baseline], { criteria, measures })
}

const sharpness: NumberOf = ({ measures }) => measures.sharpness

const greyness: NumberOf = ({ measures }) => measures.greyness

// A share of independent images; that the real neighbourhoods are estimated as well is the same for all models.
const precision: NumberOf = ({ measures: { precision: value, count } }) => ({
  value,
  standardError: Math.sqrt((value * (1 - value)) / count)
})

const sharpnessCriteria = (
  found: Comparison | undefined,
  precise: Comparison | undefined
): ReadonlyArray<Criterion> => {
  if (found === undefined || precise === undefined) return []
  const noisy = precise.difference.value > precise.difference.margin
  const excuse = noisy ? { excuse: "the baseline's precision is lower, so that it may owe to noise" } : {}
  const { one, other, difference } = found
  return [
    {
      what: "the proposed model's sharpness",
      meaning: "the proposed model's edges are about as sharp as real ones",
      estimate: one,
      wanted: "high",
      holds: 0.9,
      fails: 0.8
    },
    {
      what: "the baseline's sharpness",
      meaning: "the baseline's edges are softer than real ones",
      estimate: other,
      wanted: "low",
      holds: 0.95,
      fails: 1,
      ...excuse
    },
    {
      what: "their difference",
      meaning: "the baseline's edges are softer than the proposed model's",
      estimate: difference,
      wanted: "high",
      holds: 0.05,
      fails: 0,
      ...excuse
    },
    {
      what: "the proposed model's precision minus the baseline's",
      meaning: "the proposed model's sharpness is not that of noise",
      estimate: precise.difference,
      wanted: "high",
      holds: -0.05,
      fails: -0.05,
      excuse: "the proposed model's sharpness may owe to noise"
    }
  ]
}

const greynessCriteria = (found: Comparison | undefined): ReadonlyArray<Criterion> =>
  found === undefined
    ? []
    : [
        {
          what: "the proposed model's greyness",
          meaning: "the proposed model's ink is hardly greyer than real",
          estimate: found.one,
          wanted: "low",
          holds: 1.1,
          fails: 1.2
        },
        {
          what: "the baseline's greyness",
          meaning: "the baseline's ink is greyer than real",
          estimate: found.other,
          wanted: "high",
          holds: 1.05,
          fails: 1
        },
        {
          what: "their difference",
          meaning: "the baseline's ink is greyer than the proposed model's",
          estimate: found.difference,
          wanted: "low",
          holds: -0.05,
          fails: 0
        }
      ]
