import { assert } from "@effect/vitest"
import * as Result from "effect/Result"
import type { MeasureError } from "../../../src/domain/metrics/MeasureError.ts"
import { type Shape, sizeOf } from "../../../src/domain/tensor/Shape.ts"
import { type TensorData, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { normals } from "../../support/randomNumbers.ts"

/** Samples of independent N(mean, deviation^2) numbers, a pure function of the seed and the name. */
export const normalSamples = (seed: number, name: string, shape: Shape, mean = 0, deviation = 1): TensorData =>
  tensorData(
    shape,
    normals(seed, name, shape, deviation).map((value) => value + mean)
  )

/** A float64 tensor of the given numbers. */
export const float64 = (shape: Shape, values: Iterable<number>): TensorData =>
  tensorData(shape, Float64Array.from(values))

/** A tensor whose number at `index` is `value(index)`. */
export const generated = (shape: Shape, value: (index: number) => number): TensorData =>
  float64(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => value(i))
  )

/** The samples in the opposite order. */
export const reversed = ({ shape, values }: TensorData): TensorData => {
  const [count = 0] = shape
  const size = values.length / count
  return generated(shape, (i) => values[(count - 1 - Math.floor(i / size)) * size + (i % size)] ?? 0)
}

/** Features turned in the plane of their first two axes, then in that of their second and third. */
export const rotated = ({ shape, values }: TensorData, angle: number): TensorData => {
  const [, d = 0] = shape
  const turned = Float64Array.from(values)
  for (const axis of [0, 1].filter((first) => first + 1 < d)) {
    for (let at = axis; at < turned.length; at += d) {
      const [x = 0, y = 0] = [turned[at], turned[at + 1]]
      turned[at] = Math.cos(angle) * x - Math.sin(angle) * y
      turned[at + 1] = Math.sin(angle) * x + Math.cos(angle) * y
    }
  }
  return tensorData(shape, turned)
}

/** Asserts that a measure failed, with a message that matches. */
export const assertFails = <A>(result: Result.Result<A, MeasureError>, message: RegExp): void => {
  const error = Result.getOrThrow(Result.flip(result))
  assert.strictEqual(error._tag, "MeasureError")
  assert.match(error.message, message)
}
