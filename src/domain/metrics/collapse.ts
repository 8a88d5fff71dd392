import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import { invalidSamples } from "./invalidSamples.ts"
import { MeasureError } from "./MeasureError.ts"
import { inCommonUnit, type Rows, rowsOf } from "./Rows.ts"

const MEASURE = "variety of images"

/** Images whose variety is below this fraction of real images' are all alike. */
export const collapsedVariety = 0.25

/**
 * How unlike one another images `[n, ..]` are, as a fraction of how unlike one another real ones `[m, ..]` are:
 *
 *     sqrt( mean_i |x_i - mean x|^2 / mean_j |y_j - mean y|^2 )
 *
 * with unbiased means, which is the ratio of the root mean square distances between two of them. 0 for images that are
 * all the same, about 1 for real ones, may exceed 1. Fails with a `MeasureError` for fewer than 2 images of either, for
 * two kinds of images, and for real ones that are all the same. Linear in the number of pixels.
 */
export const relativeDiversity = (generated: TensorData, real: TensorData): Result.Result<number, MeasureError> => {
  const fault = invalidSamples({ measure: MEASURE, axes: "any", atLeast: 2 }, { real, generated })
  if (fault !== undefined) return Result.fail(fault)
  const [ofReal, own] = inCommonUnit(rowsOf(real), rowsOf(generated)).sets
  const whole = variance(ofReal)
  if (!(whole > 0)) {
    const problem = "all are the same, so distances between them cannot be a measure"
    return Result.fail(new MeasureError({ measure: MEASURE, input: "real", problem }))
  }
  return Result.succeed(Math.sqrt(variance(own) / whole))
}

/**
 * Whether generated images are all alike: their `relativeDiversity` is below a quarter. A generator that has collapsed
 * draws one image up to traces of its latents, and comes to nearly 0. Images of a single class of digit are not alike
 * in this sense (MNIST's ones, a uniform class, come to 0.6): what they lack is seen in the class histogram. Fails as
 * `relativeDiversity` does.
 */
export const collapsed = (generated: TensorData, real: TensorData): Result.Result<boolean, MeasureError> =>
  Result.map(relativeDiversity(generated, real), (variety) => variety < collapsedVariety)

/** Unbiased variance of images as vectors; exactly 0 if all are the same. */
const variance = ({ count, values, width }: Rows): number => {
  let total = 0
  for (let pixel = 0; pixel < width; pixel++) {
    // Deviations from the first image, so that nothing is left of pixels that never vary.
    const first = values[pixel] ?? 0
    let sum = 0
    let squares = 0
    for (let at = pixel; at < values.length; at += width) {
      const deviation = (values[at] ?? 0) - first
      sum += deviation
      squares += deviation * deviation
    }
    total += Math.max(0, squares - (sum * sum) / count)
  }
  return total / (count - 1)
}
