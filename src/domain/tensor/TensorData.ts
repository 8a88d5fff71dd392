import { formatShape, type Shape, sizeOf } from "./Shape.ts"

/**
 * The numbers of a tensor outside the language: a batch, a checkpointed parameter, a metric that was read back.
 * Row-major. Engines compute in float32; only the `Reference` backend keeps float64.
 */
export interface TensorData {
  readonly shape: Shape
  readonly values: Float32Array | Float64Array
}

/** Tensors by their flattened path, such as `generator.rnn.input.weight`. */
export type NamedTensors = Readonly<Record<string, TensorData>>

/**
 * Joins a shape and its values.
 * Throws a `RangeError` if the number of values is not the product of the shape (a programmer's mistake).
 */
export const tensorData = (shape: Shape, values: Float32Array | Float64Array): TensorData => {
  requireFilled({ shape, values })
  return { shape, values }
}

/** Throws a `RangeError` for a tensor made by hand whose values do not fill its shape: what is missing would be taken for zeros. */
export const requireFilled = ({ shape, values }: TensorData): void => {
  if (values.length !== sizeOf(shape)) {
    throw new RangeError(`${values.length} values do not fill a tensor of shape ${formatShape(shape)}`)
  }
}

/** A float32 tensor of this shape holding `value` everywhere. */
export const filled = (shape: Shape, value: number): TensorData =>
  tensorData(shape, new Float32Array(sizeOf(shape)).fill(value))
