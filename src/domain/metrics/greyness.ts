import type * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import type { MeanAndError } from "./MeanAndError.ts"
import type { MeasureError } from "./MeasureError.ts"
import { meanOverImages, type OfImage } from "./meanOverImages.ts"

const MEASURE = "greyness"

/**
 * How much of the ink of images `[n, channels, B, A]` in [0, 1] is neither black nor white (claim C1 of the paper), as
 * the mean over images of
 *
 *     sum 4 x (1 - x) / sum x
 *
 * over their pixels x: 0 for black and white alone, 2 for grey 1/2 everywhere, below 4 for ever fainter ink. Numbers
 * outside [0, 1] count as the nearer end. A definition of this library, to be read beside `sharpness`: blur turns the
 * edges of strokes grey and so raises it, while stray white dots, which are sharp and hide blur from `sharpness`, do not.
 * Thin strokes, which are mostly edge, have more of it than thick ones, and so has grey noise. MNIST's test images
 * measure 0.63. An image without ink measures 0. Fails with a `MeasureError` if there are no images.
 */
export const greyness = (images: TensorData): Result.Result<MeanAndError, MeasureError> =>
  meanOverImages(MEASURE, images, greyShare)

const greyShare: OfImage = (image) => {
  let grey = 0
  let ink = 0
  for (const value of image) {
    const x = Math.min(Math.max(value, 0), 1)
    grey += 4 * x * (1 - x)
    ink += x
  }
  return ink > 0 ? grey / ink : 0
}
