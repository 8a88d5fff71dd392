import type { PixelMarginals } from "../nn/parameter.ts"
import { formatShape, type Shape, sizeOf } from "../tensor/Shape.ts"
import { type TensorData, tensorData } from "../tensor/TensorData.ts"
import { mapRecord } from "../tensor/Tree.ts"
import { type ImageSet, imageSet, pixelMarginals } from "./Images.ts"
import type { LabelledImages } from "./LabelledImages.ts"

/** One array of a data set: a tensor for each example. */
export interface ExampleArray {
  /** How many examples there are. */
  readonly count: number
  /** Of one example: `[1, 28, 28]`, or `[]` for a number. */
  readonly shape: Shape
  /** How `content` is read: `bytes` and `integers` of the same numbers are other data. */
  readonly kind: "floats" | "integers" | "bytes" | "one-hot"
  /** What it was made from: with count, shape and kind the identity of the data. */
  readonly content: Uint8Array | Uint16Array | Uint32Array | Float32Array
  /** Writes example `index` to `into` from place `at` on, as float32. */
  readonly copy: (index: number, into: Float32Array, at: number) => void
}

/** Examples in memory: arrays by name, an example for each row of them. */
export interface Examples<Name extends string = string> {
  readonly count: number
  readonly arrays: Readonly<Record<Name, ExampleArray>>
  /** Of images: what parameters may begin from (`pixelMarginals`). */
  readonly marginals?: (seed: number) => PixelMarginals
}

type Content = ExampleArray["content"]

const countOf = (shape: Shape, content: Content): number => {
  const count = content.length / sizeOf(shape)
  const isShape = shape.every((size) => Number.isSafeInteger(size) && size > 0)
  if (!isShape || !Number.isSafeInteger(count) || count === 0) {
    throw new RangeError(`${content.length} numbers are not one or more examples of shape ${formatShape(shape)}`)
  }
  return count
}

const scaled = (kind: ExampleArray["kind"], shape: Shape, content: Content, scale: number): ExampleArray => {
  const size = sizeOf(shape)
  return {
    kind,
    count: countOf(shape, content),
    shape,
    content,
    copy: (index, into, at) => {
      for (let i = 0; i < size; i++) into[at + i] = (content[index * size + i] ?? 0) * scale
    }
  }
}

/** Floats, row-major: `[count, ...shape]`. Throws a `RangeError` if they are not one or more whole examples. */
export const floats = (shape: Shape, values: Float32Array): ExampleArray => scaled("floats", shape, values, 1)

/**
 * Whole numbers (tokens, classes), given to the program as they are. Throws a `RangeError` as `floats` does, and for a number beyond
 * 2^24, which float32 would round.
 */
export const integers = (shape: Shape, values: Uint8Array | Uint16Array | Uint32Array): ExampleArray => {
  const at = values.findIndex((value) => value > greatestInteger)
  if (at >= 0)
    throw new RangeError(`number ${at} is ${values[at]}: beyond ${greatestInteger} a tensor cannot tell it from others`)
  return scaled("integers", shape, values, 1)
}

const greatestInteger = 2 ** 24

/**
 * A sequence (text, a melody) cut into windows of `length` whole numbers: one example begins at every `stride`-th of them, so that
 * they overlap where the stride is less than the length. Nothing is copied. Throws a `RangeError` unless both are positive
 * integers and the sequence is at least one window long, and for numbers beyond 2^24 as `integers` does.
 */
export const windows = (
  length: number,
  values: Uint8Array | Uint16Array | Uint32Array,
  stride = length
): ExampleArray => {
  const sizes = { length, stride }
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(`the ${name} of windows is ${size}`)
  }
  if (values.length < length) throw new RangeError(`${values.length} numbers are not a window of ${length}`)
  return {
    ...integers([], values),
    count: Math.floor((values.length - length) / stride) + 1,
    shape: [length],
    copy: (index, into, at) => {
      for (let i = 0; i < length; i++) into[at + i] = values[index * stride + i] ?? 0
    }
  }
}

/** Bytes that stand for numbers in [0, 1], as pixels do: 255 is 1. Throws a `RangeError` as `floats` does. */
export const bytes = (shape: Shape, values: Uint8Array): ExampleArray => scaled("bytes", shape, values, 1 / 255)

/**
 * A class for each example, as `[classes]`: 1 at its class and 0 elsewhere. Throws a `RangeError` for a label outside, and unless there
 * are one or more classes.
 */
export const oneHot = (labels: Uint8Array | Uint16Array | Uint32Array, classes: number): ExampleArray => {
  if (!Number.isSafeInteger(classes) || classes < 1) {
    throw new RangeError(`labels are of a positive whole number of classes, not of ${classes}`)
  }
  const outside = labels.findIndex((label) => label >= classes)
  if (outside >= 0)
    throw new RangeError(
      `example ${outside} has the label ${labels[outside]}, but there are ${classes} classes (from 0)`
    )
  return {
    kind: "one-hot",
    count: countOf([], labels),
    shape: [classes],
    content: labels,
    copy: (index, into, at) => {
      into.fill(0, at, at + classes)
      into[at + (labels[index] ?? 0)] = 1
    }
  }
}

/**
 * Arrays of as many examples each. Throws a `RangeError` if there are none, or they differ in number.
 *
 * @example
 * ```ts
 * import { Data } from "fovea"
 *
 * const points = Data.examples({
 *   x: Data.floats([2], Float32Array.of(0, 1, 2, 3, 4, 5)),
 *   label: Data.integers([], Uint8Array.of(0, 1, 0))
 * })
 * console.log(points.count, Object.keys(points.arrays)) // 3 [ 'x', 'label' ]
 * ```
 */
export const examples = <Name extends string>(arrays: Readonly<Record<Name, ExampleArray>>): Examples<Name> => {
  const [first, ...others] = Object.entries<ExampleArray>(arrays)
  if (first === undefined) throw new RangeError("examples need at least one array")
  const [name, { count }] = first
  const other = others.find(([, array]) => array.count !== count)
  if (other !== undefined) {
    throw new RangeError(`"${name}" has ${count} examples, but "${other[0]}" has ${other[1].count}`)
  }
  return { count, arrays }
}

/** Images as the array `images`, `[channels, B, A]` each in [0, 1]. Throws a `RangeError` for an empty set. */
export const imageExamples = (set: ImageSet): Examples<"images"> => {
  const { channels, height, width, pixels } = imageSet(set)
  return {
    ...examples({ images: bytes([channels, height, width], pixels) }),
    marginals: (seed) => pixelMarginals(set, seed)
  }
}

/** Images and their classes: the arrays `images` and `labels`, one-hot. */
export const labelledExamples = (set: LabelledImages): Examples<"images" | "labels"> => {
  const images = imageExamples(set)
  return { ...images, ...examples({ ...images.arrays, labels: oneHot(set.labels, set.classes) }) }
}

/**
 * The examples with the given indices, in that order: `[n, ...shape]` for each array. Throws a `RangeError` for an index
 * outside the set and for no index at all, since the language has no empty tensors.
 */
export const gather = <Name extends string>(
  { count, arrays }: Examples<Name>,
  indices: ArrayLike<number>
): Readonly<Record<Name, TensorData>> => {
  if (indices.length === 0) throw new RangeError("no examples were asked for, and there are no empty tensors")
  for (let n = 0; n < indices.length; n++) {
    const index = indices[n] ?? -1
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new RangeError(`there is no example ${index} in a set of ${count}`)
    }
  }
  return mapRecord(arrays, ({ shape, copy }) => {
    const size = sizeOf(shape)
    const values = new Float32Array(indices.length * size)
    for (let n = 0; n < indices.length; n++) copy(indices[n] ?? 0, values, n * size)
    return tensorData([indices.length, ...shape], values)
  })
}

/** All examples, in their order: `[count, ...shape]` for each array. What a sampler that measures takes as its inputs. */
export const whole = <Name extends string>(all: Examples<Name>): Readonly<Record<Name, TensorData>> =>
  gather(
    all,
    Array.from({ length: all.count }, (_, i) => i)
  )
