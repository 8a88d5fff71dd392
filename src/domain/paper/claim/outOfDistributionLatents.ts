import type { ClaimResult } from "../report/Results.ts"
import { claimResult } from "./claimResult.ts"
import { estimateOf, measuresOf, type NumberOf } from "./comparison.ts"
import type { Criterion } from "./criterion.ts"
import { type Evidence, type Evident, evidentOf } from "./evidence.ts"

const statement =
  "A wild z_1 or z_3 (standard deviation 10,000) ruins the shape; a wild z_6 mostly leaves it (section 3.3, figure 10)."
const rule =
  "Holds if a wild z_1 or z_3 makes an image as unlike itself as the mean of all images is, and a wild z_6 less than half as unlike as another image is."

/** Distance, relative to that of two images, at which a shape is ruined: that of an image to the mean image. */
const ruined = Math.SQRT1_2

/** Distance below which a shape is mostly left. */
const left = 0.5

/**
 * Claim C5, by the distance of the proposed model's images with a wild latent to those of the same noise without it,
 * relative to the distance of two images of different noise (`imageDistance`): 0 is unchanged, 1 as unlike as any
 * other image. If r is the correlation of the two, it is about `sqrt(1 - r)`. It holds if
 * - a wild z_1 (first step) and a wild z_3 (middle step) ruin the shape: both above `sqrt 1/2` = 0.707, the distance of an
 *   image to the mean of all, which has no shape of its own (broken below 1/2);
 * - a wild z_6 (last step) mostly leaves it: below 1/2, at which three quarters of the variance are still shared (broken
 *   above 0.707).
 *
 * Collapsed trainings are set aside.
 */
export const judgeOutOfDistributionLatents = (experiments: ReadonlyArray<Evidence>): ClaimResult => {
  const paper = evidentOf(experiments, "paper", { collapsed: "set aside", sampled: true })
  const steps = outOfDistributionStepsOf(paper)
  const criteria = steps.flatMap((step, i): ReadonlyArray<Criterion> => {
    const estimate = estimateOf(paper, distanceAt(step))
    if (estimate === undefined) return []
    const what = `the distance due to a wild z_${step}`
    return i === steps.length - 1
      ? [
          {
            what,
            meaning: `a wild z_${step} mostly leaves the shape`,
            estimate,
            wanted: "low",
            holds: left,
            fails: ruined
          }
        ]
      : [{ what, meaning: `a wild z_${step} ruins the shape`, estimate, wanted: "high", holds: ruined, fails: left }]
  })
  const measures = steps.flatMap((step) =>
    measuresOf("relative distance", { [`wild z_${step}`]: paper }, distanceAt(step))
  )
  return claimResult({ id: "C5", statement, rule }, [paper], { criteria, measures })
}

/** Steps that were made wild, ascending. */
const outOfDistributionStepsOf = ({ usable }: Evident): ReadonlyArray<number> =>
  [...new Set(usable.flatMap(({ numbers }) => numbers?.wild.map(({ step }) => step) ?? []))].sort((a, b) => a - b)

const distanceAt =
  (step: number): NumberOf =>
  ({ numbers }) =>
    numbers?.wild.find((wild) => wild.step === step)?.distance
