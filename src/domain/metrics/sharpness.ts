import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import { type MeanAndError, ratioOfMeans } from "./MeanAndError.ts"
import { MeasureError } from "./MeasureError.ts"
import { meanOverImages, type OfImage } from "./meanOverImages.ts"

const MEASURE = "sharpness"

/**
 * The sharpness of images `[n, channels, B, A]` in [0, 1] (claim C1 of the paper): the contrast between neighbouring
 * pixels, averaged where there are edges, as the mean over images of
 *
 *     sum |g|^3 / sum g^2
 *
 * over all differences `g` of horizontally and of vertically adjacent pixels, within each channel. It is the mean of
 * `|g|`, weighted by gradient energy `g^2`. A definition of this library:
 * - The amount of ink cancels: a longer stroke adds to both sums. An edge of height h spread evenly over w pixels
 *   measures `h / w`, however many there are, whether upright, level or diagonal.
 * - The weight is the energy rather than `|g|` (which would give `sum g^2 / sum |g|`), because faint noise over a large
 *   background makes up much of `sum |g|`, but little of `sum g^2`: normal noise of 0.02 on MNIST's test images lowers
 *   the latter by 22%, this by 2%. Blurring them once (each pixel with its four neighbours) lowers either by half.
 * - In [0, 1], more is sharper. Multiplying brightness by c multiplies it by `|c|`; adding a constant or inverting it
 *   changes nothing; nor does moving the content, as long as it stays off the border, where differences are cut off.
 * - A blur (averaging with neighbours) cannot raise the largest `|g|`, so of two-level images it always lowers
 *   sharpness. It does so of all others whose edges, not their texture, hold the energy.
 * - An image without any edge measures 0, the limit of ever stronger blur.
 *
 * Noise and scattered dots are sharp as well (MNIST measures 0.67, noise of 0.3 about grey 0.59): read it beside a
 * measure of fidelity. Fails with a `MeasureError` if there are no images. Time linear in the number of pixels.
 */
export const sharpness = (images: TensorData): Result.Result<MeanAndError, MeasureError> =>
  meanOverImages(MEASURE, images, edgeContrast)

/** The sharpness of generated images as a multiple of that of real ones. */
export interface RelativeSharpness {
  readonly generated: MeanAndError
  readonly real: MeanAndError
  /** `generated.mean / real.mean`: below 1, blurred; above 1, harder than real images. */
  readonly ratio: number
  readonly standardError: number
}

/**
 * The `sharpness` of generated images `[n, channels, B, A]` over that of real ones. Fails with a `MeasureError` also if these have no edges
 * at all.
 */
export const relativeSharpness = (
  generated: TensorData,
  real: TensorData
): Result.Result<RelativeSharpness, MeasureError> =>
  Result.flatMap(Result.all({ generated: sharpness(generated), real: sharpness(real) }), (means) => {
    if (means.real.mean === 0) {
      const problem = "all images are flat, so nothing can be measured against them"
      return Result.fail(new MeasureError({ measure: MEASURE, input: "real", problem }))
    }
    const { value, standardError } = ratioOfMeans(means.generated, means.real)
    return Result.succeed({ ...means, ratio: value, standardError })
  })

const edgeContrast: OfImage = (image, height, width) => {
  const differences: Array<number> = []
  let greatest = 0
  const count = (difference: number): void => {
    if (difference === 0) return
    differences.push(Math.abs(difference))
    greatest = Math.max(greatest, Math.abs(difference))
  }
  for (let at = 0; at < image.length; at++) {
    const value = image[at] ?? 0
    if ((at + 1) % width !== 0) count((image[at + 1] ?? 0) - value)
    if (Math.floor(at / width) % height !== height - 1) count((image[at + width] ?? 0) - value)
  }
  if (greatest === 0) return 0
  // As multiples of the greatest, whose cubes neither overflow nor vanish.
  let squares = 0
  let cubes = 0
  for (const difference of differences) {
    const share = difference / greatest
    squares += share * share
    cubes += share * share * share
  }
  return (cubes / squares) * greatest
}
