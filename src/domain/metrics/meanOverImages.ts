import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import { imageAxes, invalidSamples } from "./invalidSamples.ts"
import { type MeanAndError, meanAndError } from "./MeanAndError.ts"
import type { MeasureError } from "./MeasureError.ts"

/** A number of one image: its pixels, channel by channel and row by row, and its rows and columns. */
export type OfImage = (pixels: Float32Array | Float64Array, height: number, width: number) => number

/**
 * The mean over images `[n, channels, B, A]` of a number that each has, and its error. Fails with a `MeasureError` that
 * names the measure if there are no images.
 */
export const meanOverImages = (
  measure: string,
  images: TensorData,
  ofImage: OfImage
): Result.Result<MeanAndError, MeasureError> => {
  const fault = invalidSamples({ measure, axes: imageAxes, atLeast: 1 }, { images })
  if (fault !== undefined) return Result.fail(fault)
  const { values } = images
  const [count = 0, channels = 0, height = 0, width = 0] = images.shape
  const size = channels * height * width
  return Result.succeed(
    meanAndError(
      Float64Array.from({ length: count }, (_, n) => ofImage(values.subarray(n * size, (n + 1) * size), height, width))
    )
  )
}
