import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type ImageSet, imageSet } from "./Images.ts"

/** Rows, and columns, of CIFAR-10's images. */
const SIDE = 32
const CHANNELS = 3

/** A label, then 1,024 bytes each of red, green and blue. */
export const CIFAR10_RECORD_BYTES = 1 + CHANNELS * SIDE * SIDE

/** CIFAR-10's classes; an image's label is the index of its class. */
export const CIFAR10_CLASSES = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck"
] as const

/** Bytes that are not a binary file of CIFAR-10. */
export class Cifar10Error extends Schema.TaggedError<Cifar10Error>()("Cifar10Error", { problem: Schema.String }) {
  override get message(): string {
    return this.problem
  }
}

/**
 * Reads a binary file of CIFAR-10 (A. Krizhevsky 2009, Learning multiple layers of features from tiny images): records of
 * 3,073 bytes, a label from 0 to 9, then the image `[3, 32, 32]`, row-major. The pixels are copied.
 * Fails with a `Cifar10Error` for no records, an incomplete one, or another label.
 */
export const parseCifar10 = (bytes: Uint8Array): Result.Result<ImageSet, Cifar10Error> => {
  const fail = (problem: string) => Result.fail(new Cifar10Error({ problem }))
  const count = Math.floor(bytes.length / CIFAR10_RECORD_BYTES)
  if (count === 0 || bytes.length % CIFAR10_RECORD_BYTES !== 0) {
    return fail(
      `it has ${bytes.length} bytes, which are not whole records of ${CIFAR10_RECORD_BYTES} (a label and 3 x 32 x 32 pixels): ` +
        "it is cut short, another file, or still compressed"
    )
  }
  const size = CIFAR10_RECORD_BYTES - 1
  const pixels = new Uint8Array(count * size)
  const labels = new Uint8Array(count)
  for (let n = 0; n < count; n++) {
    const at = n * CIFAR10_RECORD_BYTES
    const label = bytes[at] ?? 0
    if (label >= CIFAR10_CLASSES.length) {
      return fail(`record ${n}, at byte ${at}, has the label ${label}; labels are from 0 to 9`)
    }
    labels[n] = label
    pixels.set(bytes.subarray(at + 1, at + CIFAR10_RECORD_BYTES), n * size)
  }
  return Result.succeed(imageSet({ count, channels: CHANNELS, height: SIDE, width: SIDE, pixels, labels }))
}
