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

/**
 * The coverage that `generated[c]` samples of each class can be expected to have of `real[c]` samples, if within a class both
 * are distributed alike and no class reaches into another: what the classes' shares alone leave of it. Of one class the
 * share uncovered is the probability that the k nearest of a real sample are all real,
 *
 *     (n - 1) .. (n - k) / ((n + m - 1) .. (n + m - k))
 *
 * for n real and m generated samples, by the symmetry of their order. Throws a `RangeError` for lists of unequal lengths.
 */
export const coverageOfShares = (real: ReadonlyArray<number>, generated: ReadonlyArray<number>, k: number): number => {
  if (real.length !== generated.length) {
    throw new RangeError(`${real.length} classes of real and ${generated.length} of generated samples`)
  }
  const total = real.reduce((sum, n) => sum + n, 0)
  const covered = real.map((n, c) => {
    const m = generated[c] ?? 0
    let uncovered = 1
    for (let i = 1; i <= k; i++) uncovered *= m === 0 ? 1 : Math.max(n - i, 0) / (n + m - i)
    return n * (1 - uncovered)
  })
  return covered.reduce((sum, n) => sum + n, 0) / total
}
