import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import type { Sharp } from "sharp"
import { type CropRule, cropping, type Size } from "../../../domain/data/cropping.ts"
import type { PackedImages } from "../../../domain/data/packedImages.ts"
import { ranOut } from "../../file/atomicWrite.ts"
import { decodingConcurrency } from "../../image/askDecoder.ts"
import { decodeImage } from "../../image/decodeImage.ts"
import { openImage } from "../../image/openImage.ts"
import { DatasetError } from "../Dataset.ts"
import { unreadNow } from "../dataFile.ts"

/** The largest file that is read as an image. */
export const MAX_IMAGE_BYTES = 64_000_000

/** Of the largest image that is decoded: 2^25 pixels are 100 MB of bytes in colour, and Node's threads decode four at once. */
const limits = { bytes: MAX_IMAGE_BYTES, pixels: 2 ** 25 }

/** Bytes of all images together. */
const MAX_PIXELS = 2 ** 31 - 1

/** How images are brought to one size. */
export interface ImageShape {
  readonly height?: number | undefined
  readonly width?: number | undefined
  readonly channels?: "grey" | "colour" | undefined
  readonly crop?: CropRule | undefined
}

/** A file that may be an image, or what is already known to be wrong with it. */
export interface Candidate {
  readonly path: string
  readonly problem?: string | undefined
}

/** What a file's header says of its image, once it is turned the right way up. */
interface Measured extends Size {
  readonly path: string
  readonly channels: 1 | 3
}

/**
 * Decodes, crops and resizes images; each becomes bytes `[channels, B, A]`. Files that are no sound images are named in
 * `refused`; those may be all. Fails with a `DatasetError` if sizes differ and no crop rule says what to do, if all images
 * together are larger than 2 GB, or if the system runs out of open files or memory.
 */
export const decodeFiles = Effect.fn("Dataset.decodeFiles")(function* (
  directory: string,
  candidates: ReadonlyArray<Candidate>,
  shape: ImageShape
): Effect.fn.Return<Omit<PackedImages, "key">, DatasetError, FileSystem.FileSystem> {
  const problems = new Map<string, string>()
  const trying = Effect.fnUntraced(function* <A, R>(path: string, effect: Effect.Effect<A, string, R>) {
    const result = yield* Effect.result(effect)
    if (Result.isSuccess(result)) return result.success
    const lacking = ranOut(result.failure)
    if (lacking !== undefined) return yield* unreadNow(join(directory, path), lacking)
    problems.set(path, result.failure)
    return undefined
  })
  const eachOf = <A, B, R>(all: ReadonlyArray<A>, f: (one: A, n: number) => Effect.Effect<B, DatasetError, R>) =>
    Effect.forEach(all, f, { concurrency: decodingConcurrency })

  const measured = (yield* eachOf(candidates, ({ path, problem }) =>
    trying(path, problem === undefined ? measure(directory, path) : Effect.fail(problem))
  )).flatMap((found) => (found === undefined ? [] : [found]))
  const { channels, height, width } = yield* formatOf(directory, measured, shape)
  const { crop = "none" } = shape

  const size = channels * height * width
  if (measured.length * size > MAX_PIXELS) {
    const detail = `${measured.length} images of ${height} x ${width} pixels are more than the ${MAX_PIXELS} bytes that are read at once: set a smaller dataset.height and dataset.width`
    return yield* new DatasetError({ reason: "Malformed", file: directory, detail })
  }
  const pixels = new Uint8Array(measured.length * size)
  const sound = yield* eachOf(measured, (from, n) =>
    Effect.gen(function* () {
      const opened = yield* openImage(join(directory, from.path), limits)
      if (opened.height !== from.height || opened.width !== from.width) {
        return yield* Effect.fail("it changed while it was read")
      }
      const bytes = yield* decodeImage(opened, channels, (image) => cropped(image, from, { height, width }, crop))
      pixels.set(bytes, n * size)
      return n
    }).pipe((effect) => trying(from.path, effect))
  )
  const kept = sound.flatMap((n) => (n === undefined ? [] : [n]))
  if (kept.length < measured.length) {
    // Closes the gaps that damaged files left.
    for (const [to, from] of kept.entries()) pixels.copyWithin(to * size, from * size, (from + 1) * size)
  }
  return {
    channels,
    height,
    width,
    files: kept.flatMap((n) => measured[n]?.path ?? []),
    refused: candidates.flatMap(({ path }) => {
      const problem = problems.get(path)
      return problem === undefined ? [] : [{ file: path, problem }]
    }),
    pixels: pixels.subarray(0, kept.length * size)
  }
})

const measure = (directory: string, path: string): Effect.Effect<Measured, string, FileSystem.FileSystem> =>
  Effect.map(openImage(join(directory, path), limits), ({ height, width, colours }) => ({
    path,
    height,
    width,
    channels: colours
  }))

/** The format of all images. */
const formatOf = Effect.fnUntraced(function* (
  directory: string,
  measured: ReadonlyArray<Measured>,
  { height, width, channels, crop = "none" }: ImageShape
) {
  const [first] = measured
  // What is wrong with every one of them is reported elsewhere.
  if (first === undefined) return { channels: 1, height: height ?? 1, width: width ?? 1 }
  const other = measured.find((one) => one.height !== first.height || one.width !== first.width)
  if (crop === "none" && other !== undefined) {
    const sizes = `${other.path} is ${sizeText(other)}, ${first.path} ${sizeText(first)}`
    const detail = `the images are of different sizes (${sizes}) and there is no crop rule: set dataset.crop to centre, pad or stretch, with dataset.height and dataset.width`
    return yield* new DatasetError({ reason: "Mismatch", file: directory, detail })
  }
  const wanted = { height: height ?? first.height, width: width ?? first.width }
  if (crop === "none" && wanted.height * first.width !== wanted.width * first.height) {
    const detail = `the images are ${sizeText(first)}, which is not the shape of ${sizeText(wanted)}, and there is no crop rule: set dataset.crop to centre, pad or stretch`
    return yield* new DatasetError({ reason: "Mismatch", file: directory, detail })
  }
  const coloured = channels === undefined ? measured.some((one) => one.channels === 3) : channels === "colour"
  return { channels: coloured ? 3 : 1, ...wanted }
})

const sizeText = ({ height, width }: Size): string => `${width} wide and ${height} high`

const cropped = (image: Sharp, from: Size, to: Size, rule: CropRule): Sharp => {
  const { part, inner, left, top } = cropping(rule, from, to)
  const taken = image.extract(part)
  const resized =
    part.height === inner.height && part.width === inner.width
      ? taken
      : taken.resize({ height: inner.height, width: inner.width, fit: "fill" })
  if (inner.height === to.height && inner.width === to.width) return resized
  const [right, bottom] = [to.width - inner.width - left, to.height - inner.height - top]
  return resized.extend({ left, right, top, bottom, background: "black" })
}
