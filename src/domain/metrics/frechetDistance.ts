import * as Result from "effect/Result"
import { EigenvalueDecomposition, Matrix } from "ml-matrix"
import type { FeatureStatistics } from "./featureStatistics.ts"
import { MeasureError } from "./MeasureError.ts"

/**
 * The squared Frechet (2-Wasserstein) distance of two Gaussians, fitted to features of real and generated images
 * (Heusel, Ramsauer, Unterthiner, Nessler, Hochreiter: GANs trained by a two time-scale update rule, NeurIPS 2017,
 * equation 6; Dowson, Landau 1982):
 *
 *     |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^1/2)
 *
 * `tr (S1 S2)^1/2` is the sum of the square roots of the eigenvalues of `S1^1/2 S2 S1^1/2`, which is symmetric: the
 * square roots come from two symmetric eigen-decompositions by `ml-matrix`, the one library allowed in this folder,
 * since linear algebra is better taken from one. Eigenvalues that rounding made negative count as 0.
 *
 * In the squared unit of the features, at least 0, less is better, 0 for equal means and covariances (up to about 1e-7
 * of the traces, the root of the rounding error, in directions without variance). Defined from 2 samples on, but biased
 * upwards by about `c / n`, heavily while n is not well above d: compare only values of equal n, best 10,000 as in the
 * publication. Values depend on the network that made the features and are not comparable with those of another.
 *
 * Symmetric in its arguments up to rounding. Both covariances are taken in a unit of their own, so that features of any scale have the
 * distance of those at 1, times the square of the scale. Fails with a `MeasureError` if the two are not of one dimension, hold a
 * number that is not finite, or lie so far apart that the distance is not. Time `O(d^3)`: below 0.1 s for d = 128.
 */
export const frechetDistance = (
  real: FeatureStatistics,
  generated: FeatureStatistics
): Result.Result<number, MeasureError> => {
  const fault =
    statisticsFault("real", real, real.mean.length) ?? statisticsFault("generated", generated, real.mean.length)
  if (fault !== undefined) return Result.fail(fault)
  const d = real.mean.length
  let distance = 0
  for (let i = 0; i < d; i++) {
    distance += ((real.mean[i] ?? 0) - (generated.mean[i] ?? 0)) ** 2
    distance += (real.covariance[i * d + i] ?? 0) + (generated.covariance[i * d + i] ?? 0)
  }
  const [s1, s2] = [inOwnUnit(real.covariance), inOwnUnit(generated.covariance)]
  // The square root of each unit, since that of the product would overflow.
  const common = Math.sqrt(s1.unit) * Math.sqrt(s2.unit) * traceOfRootOfProduct(s1.entries, s2.entries, d)
  const found = Math.max(0, distance - 2 * common)
  if (Number.isFinite(found)) return Result.succeed(found)
  const problem = "the squared distance is too large for float64: scale the features down"
  return Result.fail(new MeasureError({ measure: "Frechet distance", input: "generated", problem }))
}

/** A covariance as multiples of its greatest entry; of zeros, of 1. */
const inOwnUnit = (covariance: Float64Array) => {
  const greatest = covariance.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0)
  const unit = greatest > 0 ? greatest : 1
  return { unit, entries: covariance.map((entry) => entry / unit) }
}

/** `tr (S1 S2)^1/2` of two symmetric positive semi-definite matrices `[d, d]`. */
const traceOfRootOfProduct = (s1: Float64Array, s2: Float64Array, d: number): number => {
  const root = symmetricRoot(Matrix.from1DArray(d, d, s1))
  const product = root.mmul(Matrix.from1DArray(d, d, s2)).mmul(root)
  const symmetric = Matrix.add(product, product.transpose()).mul(0.5)
  const { realEigenvalues } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true })
  return realEigenvalues.reduce((trace, value) => trace + Math.sqrt(Math.max(0, value)), 0)
}

/** `V diag(sqrt l) V^T` for `S = V diag(l) V^T`. */
const symmetricRoot = (matrix: Matrix): Matrix => {
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true })
  return eigenvectorMatrix.mmulByTranspose(realEigenvalues.map((value) => Math.sqrt(Math.max(0, value))))
}

const statisticsFault = (
  input: string,
  { mean, covariance }: FeatureStatistics,
  dimension: number
): MeasureError | undefined => {
  const failed = (problem: string) => new MeasureError({ measure: "Frechet distance", input, problem })
  if (mean.length === 0 || mean.length !== dimension) {
    return failed(`expected the statistics of ${dimension} features (at least 1), found ${mean.length}`)
  }
  if (covariance.length !== dimension ** 2) {
    return failed(`expected a covariance of ${dimension ** 2} numbers, found ${covariance.length}`)
  }
  return mean.every(Number.isFinite) && covariance.every(Number.isFinite)
    ? undefined
    : failed("mean and covariance must be finite")
}
