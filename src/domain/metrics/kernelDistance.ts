import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import { contentOrder } from "./contentOrder.ts"
import { featureAxes, invalidSamples } from "./invalidSamples.ts"
import { type MeanAndError, meanAndError } from "./MeanAndError.ts"
import { MeasureError } from "./MeasureError.ts"
import { lessRow, type Rows, roundCentre, rowsOf, takeRows } from "./Rows.ts"
import { visitProducts } from "./rowProducts.ts"

/** How the kernel distance is estimated. */
export interface KernelDistanceOptions {
  /**
   * Samples of each kind in a block, at least 2; 1,000 if the sets are large enough for two blocks, else half the
   * smaller set.
   */
  readonly blockSize?: number
  /** Seed of the order in which samples are dealt to blocks; 0. */
  readonly seed?: number
}

/** The mean over the blocks, its standard error and their number (`count`). */
export interface KernelDistance extends MeanAndError {
  readonly blockSize: number
}

const USUAL_BLOCK = 1000

/**
 * The kernel distance: the squared maximum mean discrepancy of features under the cubic kernel `k(x, y) = (x.y / d +
 * 1)^3` (Binkowski, Sutherland, Arbel, Gretton: Demystifying MMD GANs, ICLR 2018, section 4), by the unbiased estimator
 * of Gretton et al. (A kernel two-sample test, JMLR 2012, equation 3)
 *
 *     1/(b(b-1)) sum_{i != j} [k(x_i, x_j) + k(y_i, y_j)] - 2/b^2 sum_ij k(x_i, y_j)
 *
 * within blocks of b real and b generated samples, averaged. The blocks are disjoint (the publication draws overlapping
 * subsets), so that they are independent and the standard error is honest; left-over samples are not used. Samples are dealt to blocks
 * by `contentOrder`: the order in which they are given does not matter.
 *
 * Less is better; 0 is expected, whatever n, for two sets of one distribution, so that it may come out a little
 * negative. Values depend on the features and, unlike the Frechet distance, may be compared between different n. Fails
 * with a `MeasureError` for fewer than two blocks, or 4 samples, and for features so large that float64 does not hold their sixth powers. Throws a `RangeError` for a block size that is not an
 * integer of at least 2. Time `2 n b d` products, in place of `2 n^2 d` without blocks: about 2 s for 10,000 x 64.
 */
export const kernelDistance = (
  real: TensorData,
  generated: TensorData,
  { blockSize, seed = 0 }: KernelDistanceOptions = {}
): Result.Result<KernelDistance, MeasureError> => {
  if (blockSize !== undefined && !(Number.isInteger(blockSize) && blockSize >= 2)) {
    throw new RangeError(`A block has 2 or more samples of each kind, not ${blockSize}`)
  }
  const atLeast = blockSize === undefined ? 4 : 2 * blockSize
  const fault = invalidSamples({ measure: "kernel distance", axes: featureAxes, atLeast }, { real, generated })
  if (fault !== undefined) return Result.fail(fault)
  const [x, y] = [rowsOf(real), rowsOf(generated)]
  const fewer = Math.min(x.count, y.count)
  const size = blockSize ?? Math.min(USUAL_BLOCK, Math.floor(fewer / 2))
  const xOrder = contentOrder(x, { seed, stream: "evaluation/kernel/real", step: 0 })
  const yOrder = contentOrder(y, { seed, stream: "evaluation/kernel/generated", step: 0 })
  const centre = roundCentre(x, y)
  const [u, v] = [lessRow(x, centre), lessRow(y, centre)]
  const estimates = Array.from({ length: Math.floor(fewer / size) }, (_, block) => {
    const [from, to] = [block * size, (block + 1) * size]
    return blockEstimate(takeRows(u, xOrder.subarray(from, to)), takeRows(v, yOrder.subarray(from, to)), centre)
  })
  const found = meanAndError(estimates)
  if (Number.isFinite(found.mean) && Number.isFinite(found.standardError)) {
    return Result.succeed({ ...found, blockSize: size })
  }
  const problem = "the sixth powers of the features are too large for float64: scale them down"
  return Result.fail(new MeasureError({ measure: "kernel distance", input: "generated", problem }))
}

/** Of rows less `centre`. */
const blockEstimate = (u: Rows, v: Rows, centre: Float64Array): number => {
  const b = u.count
  const [x, y] = [shifted(u, centre), shifted(v, centre)]
  return (distinctPairs(x) + distinctPairs(y)) / (b * (b - 1)) - (2 * kernelSum(x, y)) / (b * b)
}

/**
 * Rows less a centre c, and what the kernel needs of c. Far from the origin all kernels are nearly equal, and what the estimator is made
 * of would be lost in rounding. With x = c + u, y = c + v
 *
 *     x.y / d + 1 = B + a + b + g    B = c.c / d + 1, a = c.u / d, b = c.v / d, g = u.v / d
 *
 * and the terms of the cube that depend on x alone or on y alone cancel in the estimator exactly. Without them the kernel is
 *
 *     3 a b (2 B + a + b) + g (3 t^2 + 3 t g + g^2),   t = B + a + b
 */
interface Shifted {
  readonly rows: Rows
  /** B. */
  readonly base: number
  /** `[count]`: a of each row. */
  readonly along: Float64Array
}

const shifted = (rows: Rows, centre: Float64Array): Shifted => {
  const { count, width, values } = rows
  const along = new Float64Array(count)
  for (let n = 0, at = 0; n < count; n++) {
    let total = 0
    for (let i = 0; i < width; i++, at++) total += (centre[i] ?? 0) * (values[at] ?? 0)
    along[n] = total / width
  }
  return { rows, base: centre.reduce((sum, value) => sum + value * value, 0) / width + 1, along }
}

/** The sum of the kernel over the pairs of distinct rows. */
const distinctPairs = ({ rows, base, along }: Shifted): number => {
  let total = 0
  visitProducts(
    rows,
    rows,
    (products, { aFrom, aCount, bFrom, bCount }) => {
      for (let i = 0, at = 0; i < aCount; i++) {
        const a = along[aFrom + i] ?? 0
        for (let j = 0; j < bCount; j++, at++) {
          if (aFrom + i < bFrom + j) total += cubic((products[at] ?? 0) / rows.width, base, a, along[bFrom + j] ?? 0)
        }
      }
    },
    { upper: true }
  )
  return 2 * total
}

const kernelSum = (x: Shifted, y: Shifted): number => {
  let total = 0
  visitProducts(x.rows, y.rows, (products, { aFrom, aCount, bFrom, bCount }) => {
    for (let i = 0, at = 0; i < aCount; i++) {
      const a = x.along[aFrom + i] ?? 0
      for (let j = 0; j < bCount; j++, at++) {
        total += cubic((products[at] ?? 0) / x.rows.width, x.base, a, y.along[bFrom + j] ?? 0)
      }
    }
  })
  return total
}

const cubic = (g: number, base: number, a: number, b: number): number => {
  const t = base + a + b
  return 3 * a * b * (base + t) + g * (3 * t * (t + g) + g * g)
}
