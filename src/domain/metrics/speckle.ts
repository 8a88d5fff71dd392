import type * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import type { MeanAndError } from "./MeanAndError.ts"
import type { MeasureError } from "./MeasureError.ts"
import { meanOverImages, type OfImage } from "./meanOverImages.ts"

const MEASURE = "speckle"

/**
 * How much single pixels of images `[n, channels, B, A]` in [0, 1] stand out of all their neighbours (what the paper's introduction
 * calls noise), as the mean over images of
 *
 *     sum over pixels x of max(0, x - greatest neighbour, least neighbour - x) / sum of x
 *
 * by the up to eight neighbours within each channel. A definition of this library, to be read beside `sharpness` and
 * `greyness`: stray dots and holes have it, while strokes, edges and blur do not, however hard or soft, since every
 * pixel of them has a neighbour at least as bright and one at least as dark; the ends of thin strokes have a little. Averaging
 * with neighbours lowers it. An image without ink measures 0. Fails with a `MeasureError` if there are no images. Time
 * linear in the number of pixels.
 */
export const speckle = (images: TensorData): Result.Result<MeanAndError, MeasureError> =>
  meanOverImages(MEASURE, images, standingOut)

const standingOut: OfImage = (image, height, width) => {
  let excess = 0
  let ink = 0
  for (let at = 0; at < image.length; at++) {
    const value = image[at] ?? 0
    ink += value
    const [least, greatest] = neighbourRange(image, at, height, width)
    // An image of one pixel has no neighbours: both are infinite, the other way round.
    if (least <= greatest) excess += Math.max(0, value - greatest, least - value)
  }
  return ink > 0 ? excess / ink : 0
}

const neighbourRange = (
  image: Float32Array | Float64Array,
  at: number,
  height: number,
  width: number
): readonly [least: number, greatest: number] => {
  const [row, column] = [Math.floor(at / width) % height, at % width]
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let down = row > 0 ? -1 : 0; down <= (row < height - 1 ? 1 : 0); down++) {
    for (let right = column > 0 ? -1 : 0; right <= (column < width - 1 ? 1 : 0); right++) {
      if (down === 0 && right === 0) continue
      const neighbour = image[at + down * width + right] ?? 0
      least = Math.min(least, neighbour)
      greatest = Math.max(greatest, neighbour)
    }
  }
  return [least, greatest]
}
