import { type Neighbourhoods, shareCounted } from "./neighbourhoods.ts"

/** Both in [0, 1], more is better. */
export interface PrecisionRecall {
  /** The share of generated samples that lie where real ones do: fidelity. */
  readonly precision: number
  /** The share of real samples that lie where generated ones do: variety. */
  readonly recall: number
}

/**
 * Improved precision and recall (Kynkaanniemi, Karras, Laine, Lehtinen, Aila: Improved precision and recall metric for
 * assessing generative models, NeurIPS 2019, equations 1 and 2):
 *
 *     precision = 1/m #{j : y_j in union_i ball(x_i, radius_i)},   recall = 1/n #{i : x_i in union_j ball(y_j, radius_j)}
 *
 * for real features x_1..n, generated y_1..m and radii reaching to the k-th neighbour (here 5; 3 in the publication).
 * One real outlier with its wide ball raises precision, one generated outlier recall: see `densityCoverage`. Two sets
 * of one distribution do not reach 1 but come near it, less so in many dimensions; read both beside real against real.
 * Needs k + 1 samples of each; costs nothing beyond `neighbourhoods`.
 */
export const precisionRecall = ({ generatedInReal, realInGenerated }: Neighbourhoods): PrecisionRecall => ({
  precision: shareCounted(generatedInReal),
  recall: shareCounted(realInGenerated)
})
