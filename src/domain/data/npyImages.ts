import * as Result from "effect/Result"
import type { ImageFormat } from "../model/GenerativeModel.ts"
import { formatShape, type Shape, sameShape } from "../tensor/Shape.ts"
import { type TensorData, tensorData } from "../tensor/TensorData.ts"
import { type NpyArray, NpyError } from "./npy.ts"

/**
 * The images of a NumPy array, `[N, channels, B, A]` in [0, 1]: given so, as `[N, B, A, channels]`, or as `[N, B, A]` where
 * there is one channel. Unsigned bytes stand for 0 to 255, floating-point numbers for themselves.
 * Fails with an `NpyError` for no images, images of another format, or a number outside of [0, 1].
 */
export const npyImages = (array: NpyArray, format: ImageFormat): Result.Result<TensorData, NpyError> => {
  const { channels, height, width } = format
  const [count = 0, ...image] = array.shape
  const channelsFirst = [channels, height, width]
  const channelsLast = [height, width, channels]
  const failed = (problem: string) => Result.fail(new NpyError({ problem }))
  const plain = channels === 1 && sameShape(image, [height, width])
  const last = !sameShape(image, channelsFirst) && sameShape(image, channelsLast)
  if (!plain && !last && !sameShape(image, channelsFirst)) {
    const accepted = [...(channels === 1 ? [[height, width]] : []), channelsFirst, channelsLast].map(layout)
    return failed(`holds an array ${formatShape(array.shape)}; expected images ${accepted.join(" or ")}`)
  }
  if (count === 0) return failed("holds no images")
  const size = channels * height * width
  const { values } = array
  const bytes = values instanceof Uint8Array
  const found = new Float32Array(values.length)
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0
    if (!bytes && !(value >= 0 && value <= 1)) {
      const advice = value > 1 ? ": divide by the largest value there can be, or save bytes" : ""
      return failed(`holds ${value} in image ${Math.floor(at / size)}; expected numbers from 0 to 1${advice}`)
    }
    const target = last ? movedChannel(at, size, channels) : at
    found[target] = bytes ? value / 255 : value
  }
  return Result.succeed(tensorData([count, channels, height, width], found))
}

const layout = (image: Shape): string => `[N, ${image.join(", ")}]`

/** Where the number at `at` of `[N, B, A, C]` is in `[N, C, B, A]`, `size` being `B A C`. */
const movedChannel = (at: number, size: number, channels: number): number => {
  const within = at % size
  const channel = within % channels
  return at - within + (channel * size) / channels + (within - channel) / channels
}
