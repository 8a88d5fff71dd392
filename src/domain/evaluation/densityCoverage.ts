import { type Neighbourhoods, shareCounted } from "./neighbourhoods.ts"

/** More is better in both. */
export interface DensityCoverage {
  /**
   * How densely real samples stand where generated ones lie; at least 0, 1 if both are distributed alike, above 1
   * possible.
   */
  readonly density: number
  /** The share of real samples with a generated one in their neighbourhood, in [0, 1]. */
  readonly coverage: number
}

/**
 * Density and coverage (Naeem, Oh, Uh, Choi, Yoo: Reliable fidelity and diversity metrics for generative models, ICML
 * 2020, section 3.2):
 *
 *     density = 1/(k m) sum_j #{i : y_j in ball(x_i, radius_i)},   coverage = 1/n #{i : some y_j in ball(x_i, radius_i)}
 *
 * for real features x_1..n, generated y_1..m and radii reaching to the k-th real neighbour. Balls are made of real
 * samples only, so generated outliers do no harm, and a sample in the ball of one real outlier counts 1/k. For two sets
 * of one distribution the expected density is 1 and the expected coverage, for n = m, `1 - (n-1)..(n-k) /
 * ((2n-1)..(2n-k))`: about `1 - 2^-k`, 0.969 for k = 5. Needs k + 1 samples of each; costs nothing beyond
 * `neighbourhoods`.
 */
export const densityCoverage = ({ k, generatedInReal, generatedAround }: Neighbourhoods): DensityCoverage => ({
  density: generatedInReal.reduce((total, count) => total + count, 0) / (k * generatedInReal.length),
  coverage: shareCounted(generatedAround)
})
