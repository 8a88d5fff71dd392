import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import { invalidSamples } from "./invalidSamples.ts"
import { type MeanAndError, meanAndError } from "./MeanAndError.ts"
import { MeasureError } from "./MeasureError.ts"
import { type Nearest, nearestReferences } from "./nearestNeighbours.ts"
import { compareNearness } from "./nearnessComparison.ts"
import { inCommonUnit, rowsOf } from "./Rows.ts"

/** Whether generated images are nearer to the training images than fresh real ones are. */
export interface Memorisation {
  /** For each generated image, the nearest training image and its distance. */
  readonly nearest: Nearest
  /** Distance of generated images to their nearest training image. */
  readonly generated: MeanAndError
  /** The same of test images, which the model has never seen. */
  readonly test: MeanAndError
  /**
   * `generated.mean / test.mean`: well below 1, training images are copied; far above 1, the images are not like
   * the data.
   */
  readonly ratio: number
  /**
   * The probability that a generated image is nearer to the training images than a test image is, ties counting
   * one half: in [0, 1]. 1/2 is as it should be, above it speaks for copying.
   */
  readonly nearerThanTest: number
}

/**
 * The check for memorised training data: distances to the nearest training image, compared with those of test
 * images (the rank comparison is that of Meehan, Chaudhuri, Dasgupta: A non-parametric test to detect data-copying in
 * generative models, AISTATS 2020, over the whole space at once). Images `[n, ..]` or features `[n, d]`; Euclidean
 * distance.
 *
 * A model may copy in one place and be poor in another, and the two may hide each other: look at the nearest pairs as
 * well. Fails with a `MeasureError` for fewer than 2 generated or test images, no training images, test images that are all among
 * those, or different kinds. Brute force: `(generated + test) * training * size` products, 1 ns each: 1,000 and 1,000 images of 784
 * pixels against 10,000 take 16 s. The nearest distance falls as the training set grows, so take the same one for all
 * models.
 */
export const memorisation = (
  generated: TensorData,
  training: TensorData,
  test: TensorData
): Result.Result<Memorisation, MeasureError> => {
  const measure = "memorisation"
  const fault =
    invalidSamples({ measure, axes: "any", atLeast: 1 }, { training, generated, test }) ??
    invalidSamples({ measure, axes: "any", atLeast: 2 }, { generated, test })
  if (fault !== undefined) return Result.fail(fault)
  const { unit, sets } = inCommonUnit(rowsOf(training), rowsOf(generated), rowsOf(test))
  const [references, drawn, fresh] = sets
  const near = nearestReferences(drawn, references)
  const nearest = { ...near, distances: near.distances.map((distance) => distance * unit) }
  const ofTest = nearestReferences(fresh, references).distances.map((distance) => distance * unit)
  if (ofTest.every((distance) => distance === 0)) {
    const problem = "all are training images, too; fresh ones are needed to tell copies by"
    return Result.fail(new MeasureError({ measure, input: "test", problem }))
  }
  const [own, others] = [meanAndError(nearest.distances), meanAndError(ofTest)]
  return Result.succeed({
    nearest,
    generated: own,
    test: others,
    ...compareNearness(nearest.distances, ofTest)
  })
}
