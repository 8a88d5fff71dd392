import * as Result from "effect/Result"
import { formatShape } from "../tensor/Shape.ts"
import type { TensorData } from "../tensor/TensorData.ts"
import { resizeImages } from "./resizeImages.ts"

/** The orders of axes that networks take images in. */
export const imageLayouts = ["nchw", "nhwc"] as const
export type ImageLayout = (typeof imageLayouts)[number]

/** What black and white are to a network. */
export const valueRanges = ["0..1", "0..255", "-1..1"] as const
export type ValueRange = (typeof valueRanges)[number]

/** What a person says of a network's input; what is left out its file says, or its shape. */
export interface FeaturePreparation {
  readonly layout?: ImageLayout | undefined
  /** Rows and columns. */
  readonly size?: readonly [height: number, width: number] | undefined
  readonly range?: ValueRange | undefined
  /** Of each channel, or one for all: subtracted from the values in their range, before these are divided by `deviation`. */
  readonly mean?: ReadonlyArray<number> | undefined
  readonly deviation?: ReadonlyArray<number> | undefined
}

/** The input of a network as its file has it: axes of no fixed size are not numbers, or not positive. */
export interface DeclaredInput {
  readonly type: string
  readonly shape: ReadonlyArray<number | string>
  /** The file's `metadata_props`. */
  readonly metadata: ReadonlyMap<string, string>
}

/** How images become a network's input. */
export interface FeatureInput {
  readonly type: "float32" | "float64" | "uint8"
  readonly layout: ImageLayout
  /** Images at a time; where it is open, any number. */
  readonly batch: number | undefined
  /** 1 or 3; where it is open, as many as the images have. */
  readonly channels: number | undefined
  /** Where it is open, that of the images. */
  readonly height: number | undefined
  readonly width: number | undefined
  readonly range: ValueRange
  readonly mean: ReadonlyArray<number>
  readonly deviation: ReadonlyArray<number>
}

const types = ["float32", "float64", "uint8"] as const

/** The field names of `metadata_props` that say what a person may, with the same words as the flags; and ONNX's own for images. */
const keys = {
  layout: "fovea.layout",
  size: "fovea.size",
  range: "fovea.range",
  mean: "fovea.mean",
  deviation: "fovea.std",
  nominalRange: "Image.NominalPixelRange"
} as const

const nominalRanges = new Map<string, ValueRange>([
  ["NominalRange_0_255", "0..255"],
  ["Normalized_0_1", "0..1"],
  ["Normalized_1_1", "-1..1"]
])

/**
 * How a network wants its images: by what a person says, else by the file's metadata, else by the input's shape; values from 0 to 1 where
 * nothing is said. Fails in a sentence if it is no input of images, if these contradict one another, or for what is
 * not understood.
 */
export const featureInput = (
  { type, shape, metadata }: DeclaredInput,
  said: FeaturePreparation
): Result.Result<FeatureInput, string> =>
  Result.gen(function* () {
    const found = types.find((known) => known === type)
    if (found === undefined) {
      return yield* Result.fail(`its input is of ${type}; expected float32, float64 or uint8`)
    }
    const told = yield* toldBy(metadata)
    const sizes = shape.map((size) => (typeof size === "number" && size > 0 ? size : undefined))
    const [batch, second, third, fourth] = sizes
    const images = "images [n, channels, rows, columns] or [n, rows, columns, channels] of 1 or 3 channels"
    const declared = `[${shape.map((size, axis) => sizes[axis] ?? (size === "" || typeof size === "number" ? "?" : size)).join(", ")}]`
    if (shape.length !== 4) return yield* Result.fail(`its input is of shape ${declared}; expected ${images}`)
    const layout = said.layout ?? told.layout ?? (fits(second) ? "nchw" : fits(fourth) ? "nhwc" : undefined)
    if (layout === undefined) {
      const open = second === undefined || fourth === undefined ? ", or name its layout by --features-layout" : ""
      return yield* Result.fail(`its input is of shape ${declared}; expected ${images}${open}`)
    }
    const [channels, height, width] = layout === "nchw" ? [second, third, fourth] : [fourth, second, third]
    if (channels !== undefined && !fits(channels)) {
      return yield* Result.fail(
        `its input ${declared} has ${channels} channels by the layout ${layout}; expected 1 or 3`
      )
    }
    const size = said.size ?? told.size
    if (size !== undefined && ((height ?? size[0]) !== size[0] || (width ?? size[1]) !== size[1])) {
      return yield* Result.fail(
        `its input ${declared} is not of ${size[0]} rows and ${size[1]} columns, as is asked for`
      )
    }
    const range = said.range ?? told.range ?? (found === "uint8" ? "0..255" : "0..1")
    const [mean, deviation] = [said.mean ?? told.mean ?? [0], said.deviation ?? told.deviation ?? [1]]
    for (const [name, numbers] of [
      ["mean", mean],
      ["standard deviation", deviation]
    ] as const) {
      if (numbers.length !== 1 && numbers.length !== (channels ?? 3)) {
        return yield* Result.fail(`the ${name} has ${numbers.length} numbers; expected one, or one for each channel`)
      }
    }
    if (deviation.some((value) => !(value > 0))) {
      return yield* Result.fail(`the standard deviation is [${deviation.join(", ")}]; expected numbers above 0`)
    }
    const plain = mean.every((value) => value === 0) && deviation.every((value) => value === 1)
    if (found === "uint8" && !(range === "0..255" && plain)) {
      return yield* Result.fail("its input is of bytes, which are 0..255 without mean and standard deviation")
    }
    const [rows, columns] = [height ?? size?.[0], width ?? size?.[1]]
    return { type: found, layout, batch, channels, height: rows, width: columns, range, mean, deviation }
  })

const fits = (channels: number | undefined): boolean => channels === 1 || channels === 3

/** What a file says itself, by the words of the flags. */
const toldBy = (metadata: ReadonlyMap<string, string>): Result.Result<FeaturePreparation, string> =>
  Result.gen(function* () {
    const read = <A>(key: string, of: (text: string) => A | undefined, expected: string) => {
      const text = metadata.get(key)
      if (text === undefined) return Result.succeed(undefined)
      const value = of(text)
      return value === undefined
        ? Result.fail(`its metadata ${key} is "${text}"; expected ${expected}`)
        : Result.succeed(value)
    }
    const own = (text: string) => valueRanges.find((range) => range === text)
    const range = yield* read(keys.range, own, valueRanges.join(", "))
    const nominal = yield* read(
      keys.nominalRange,
      (text) => nominalRanges.get(text),
      [...nominalRanges.keys()].join(", ")
    )
    return {
      layout: yield* read(keys.layout, layoutOf, imageLayouts.join(" or ")),
      size: yield* read(keys.size, sizeOfText, "rows x columns, such as 299x299"),
      range: range ?? nominal,
      mean: yield* read(keys.mean, numbersOf, "numbers with commas between them"),
      deviation: yield* read(keys.deviation, numbersOf, "numbers with commas between them")
    }
  })

const layoutOf = (text: string): ImageLayout | undefined => imageLayouts.find((layout) => layout === text.toLowerCase())

/** Rows and columns of `299x320`, or of `299` for both; `undefined` for anything else. */
export const sizeOfText = (text: string): readonly [number, number] | undefined => {
  const [, height, width = height] = /^(\d{1,5})(?:x(\d{1,5}))?$/.exec(text.trim()) ?? []
  const [rows, columns] = [Number(height), Number(width)]
  return rows > 0 && columns > 0 ? [rows, columns] : undefined
}

/** The numbers of `0.485,0.456,0.406`; `undefined` if one is none. */
export const numbersOf = (text: string): ReadonlyArray<number> | undefined => {
  const parts = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)))
  return parts.every(Number.isFinite) ? parts : undefined
}

/** An input in words. */
export const describeFeatureInput = (input: FeatureInput): string => {
  const { layout, channels, height, width, range, mean, deviation } = input
  const sizes = { n: "n", c: channels ?? "c", h: height ?? "rows", w: width ?? "columns" }
  const axes = layout === "nchw" ? [sizes.n, sizes.c, sizes.h, sizes.w] : [sizes.n, sizes.h, sizes.w, sizes.c]
  const plain = mean.every((value) => value === 0) && deviation.every((value) => value === 1)
  const normal = plain ? "" : `, less ${mean.join(", ")}, over ${deviation.join(", ")}`
  return `images [${axes.join(", ")}], values ${range}${normal}`
}

/** A network's input: numbers in the layout, and the sizes of its axes. */
export interface PreparedImages {
  readonly shape: ReadonlyArray<number>
  readonly values: Float64Array
}

/**
 * Images `[n, channels, B, A]` in [0, 1] as a network wants them: resized (`resizeImages`), grey repeated in three channels, colour
 * made grey by the luma of ITU-R BT.709, moved to the range and normalised. Throws a `RangeError` for images of neither 1 nor 3
 * channels where these have to change.
 */
export const prepareImages = (images: TensorData, input: FeatureInput): PreparedImages => {
  const [n = 0, given = 0, rows = 0, columns = 0] = images.shape
  const [height, width, channels] = [input.height ?? rows, input.width ?? columns, input.channels ?? given]
  if (given !== channels && !(fits(given) && fits(channels))) {
    throw new RangeError(`images ${formatShape(images.shape)} cannot be given ${channels} channels`)
  }
  const { values } = resizeImages(images, height, width)
  const size = height * width
  const shadeOf = (image: number, channel: number, pixel: number): number => {
    const at = (c: number) => values[(image * given + c) * size + pixel] ?? 0
    if (given === channels) return at(channel)
    if (given === 1) return at(0)
    return at(1) + 0.2126 * (at(0) - at(1)) + 0.0722 * (at(2) - at(1))
  }
  const inRange = { "0..1": [0, 1], "0..255": [0, 255], "-1..1": [-1, 1] } as const
  const [black, white] = inRange[input.range]
  const prepared = new Float64Array(n * channels * size)
  for (let image = 0; image < n; image++) {
    for (let channel = 0; channel < channels; channel++) {
      const mean = input.mean[channel] ?? input.mean[0] ?? 0
      const deviation = input.deviation[channel] ?? input.deviation[0] ?? 1
      for (let pixel = 0; pixel < size; pixel++) {
        const value = (black + (white - black) * shadeOf(image, channel, pixel) - mean) / deviation
        const at =
          input.layout === "nchw"
            ? (image * channels + channel) * size + pixel
            : (image * size + pixel) * channels + channel
        prepared[at] = input.type === "uint8" ? Math.round(Math.min(Math.max(value, 0), 255)) : value
      }
    }
  }
  const shape = input.layout === "nchw" ? [n, channels, height, width] : [n, height, width, channels]
  return { shape, values: prepared }
}
