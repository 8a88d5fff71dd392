import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import { featureAxes, invalidSamples } from "./invalidSamples.ts"
import type { MeasureError } from "./MeasureError.ts"
import { neighbourDistances, visitSquaredDistances } from "./nearestNeighbours.ts"
import { type Neighbourhoods, neighbourhoodTally } from "./neighbourhoodTally.ts"
import { inCommonUnit, roundCentre, rowsOf } from "./Rows.ts"
import type { VisitBlock } from "./rowProducts.ts"

/** The k of the measures here: what Naeem et al. 2020 recommend. (Kynkaanniemi et al. 2019 took 3.) */
export const usualNeighbours = 5

/**
 * The neighbourhoods of real and generated features, both `[n, d]`. Distances are Euclidean, in float64, and do not depend on where the
 * features lie nor on their scale.
 *
 * Fails with a `MeasureError` if either set has fewer than k + 1 samples, or if they are not features of one kind. The
 * estimates built on it depend on the sizes of the sets: compare models at equal ones, and use at least some thousand
 * samples. Brute force: `(real^2 / 2 + real * generated + generated^2 / 2) d` products; 10,000 of each with d = 64 take
 * about 15 s on one core (`subsample` is the way out), in a few megabytes of memory.
 */
export const neighbourhoods = (
  real: TensorData,
  generated: TensorData,
  k = usualNeighbours
): Result.Result<Neighbourhoods, MeasureError> => {
  const needs = { measure: `neighbourhoods with k = ${k}`, axes: featureAxes, atLeast: k + 1 }
  const fault = invalidSamples(needs, { real, generated })
  if (fault !== undefined) return Result.fail(fault)
  const [r, g] = inCommonUnit(rowsOf(real), rowsOf(generated)).sets
  const centre = roundCentre(r, g)
  const [realRadii, generatedRadii] = [neighbourDistances(r, k, centre), neighbourDistances(g, k, centre)]
  const tally = neighbourhoodTally(realRadii, generatedRadii, k)
  const visit: VisitBlock = (distances, { aFrom, aCount, bFrom, bCount }) => {
    for (let i = 0; i < aCount; i++) tally.add(aFrom + i, distances.subarray(i * bCount, (i + 1) * bCount), bFrom)
  }
  visitSquaredDistances(g, r, visit, { centre })
  return Result.succeed(tally.counted)
}

/** The share of samples that are counted at least once, in [0, 1]. */
export const shareCounted = (counts: Uint32Array): number => counts.filter((count) => count > 0).length / counts.length

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
