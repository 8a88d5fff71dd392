import { build, Mismatch, type Rules } from "./Rule.ts"
import { formatShape, type Shape } from "./Shape.ts"
import type { Distribution, Tensor } from "./Tensor.ts"
import type { TensorData } from "./TensorData.ts"

const checkedShape = (shape: Shape): Shape => {
  if (!shape.every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new Mismatch(`every axis must be a positive integer, not ${formatShape(shape)}`)
  }
  return shape
}

/** Sources have no inputs, so there is nothing to differentiate. */
export const sourceRules: Rules<"full" | "constant" | "placeholder" | "noise"> = {
  full: { shape: ({ shape }) => checkedShape(shape), gradient: () => [] },
  constant: { shape: ({ data }) => checkedShape(data.shape), gradient: () => [] },
  placeholder: {
    shape: ({ name, shape }) => {
      if (name === "") throw new Mismatch("needs a name")
      return checkedShape(shape)
    },
    gradient: () => []
  },
  noise: {
    shape: ({ distribution, shape, exampleAxis = 0, examples }) => {
      if (exampleAxis !== 0 && shape[exampleAxis] === undefined) {
        throw new Mismatch(`a tensor ${formatShape(shape)} has no axis ${exampleAxis} to count examples`)
      }
      if (distribution.kind === "bernoulli" && !(distribution.probability >= 0 && distribution.probability <= 1)) {
        throw new Mismatch(`a probability lies in [0, 1], not ${distribution.probability}`)
      }
      const drawnFor = shape[exampleAxis]
      if (
        examples !== undefined &&
        !(Number.isSafeInteger(examples) && examples > 0 && drawnFor !== undefined && drawnFor % examples === 0)
      ) {
        throw new Mismatch(
          `a tensor ${formatShape(shape)} does not hold ${examples} examples, or several times as many, along axis ${exampleAxis}`
        )
      }
      return checkedShape(shape)
    },
    gradient: () => []
  }
}

/** The tensor of this shape that is `value` everywhere. */
export const full = (shape: Shape, value: number): Tensor => build(sourceRules.full, "full", { value, shape }, [])

/** A number as a tensor of shape `[]`. */
export const scalar = (value: number): Tensor => full([], value)

/** Zeros of the given shape. */
export const zeros = (shape: Shape): Tensor => full(shape, 0)

/** A tensor, of the shape of its data, whose numbers are known when the program is written. */
export const constant = (data: TensorData): Tensor => build(sourceRules.constant, "constant", { data }, [])

/**
 * A tensor of this shape given from outside at each run: a program's state or input. Two placeholders of one name, which must not be
 * empty, are the same tensor.
 */
export const placeholder = (name: string, shape: Shape): Tensor =>
  build(sourceRules.placeholder, "placeholder", { name, shape }, [])

/** A stream of random numbers by its name, or by what has it: a program's key. */
export type NoiseStream = string | { readonly path: string }

/**
 * Random numbers, drawn afresh at each step of a program: a pure function of (seed of the run, `stream`, step, index),
 * made by `domain/random`, so that every engine sees the same ones. Two sources of one stream are the same tensor.
 * `exampleAxis`, by default the first, is the axis that counts examples: on shards all of a shard's, or the `examples` of a part of them.
 */
export const noise = (
  stream: NoiseStream,
  distribution: Distribution,
  shape: Shape,
  exampleAxis = 0,
  examples?: number
): Tensor =>
  build(
    sourceRules.noise,
    "noise",
    {
      stream: typeof stream === "string" ? stream : stream.path,
      distribution,
      shape,
      ...(exampleAxis === 0 ? {} : { exampleAxis }),
      ...(examples === undefined ? {} : { examples })
    },
    []
  )

/** Independent draws from N(0, 1), of the shape given. */
export const normalNoise = (stream: NoiseStream, shape: Shape, exampleAxis = 0): Tensor =>
  noise(stream, { kind: "normal" }, shape, exampleAxis)

/** Independent draws of the shape given, uniform in [0, 1). */
export const uniformNoise = (stream: NoiseStream, shape: Shape): Tensor => noise(stream, { kind: "uniform" }, shape)

/** Independent draws of the shape given that are 1 with probability `probability`, else 0. */
export const bernoulliNoise = (stream: NoiseStream, probability: number, shape: Shape): Tensor =>
  noise(stream, { kind: "bernoulli", probability }, shape)
