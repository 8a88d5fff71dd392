import { type Shape, sameShape, sizeOf, stridesOf } from "../Shape.ts"
import type { Node, Op } from "../Tensor.ts"
import { type ConvolutionOperand, convolveNumbers, convolveTransposedNumbers } from "./convolution.ts"
import { offsetsOf } from "./indexing.ts"
import { multiplyMatrices } from "./matmul.ts"

/**
 * Computes a node's numbers in float64 from those of its inputs: the definition of what a primitive means, and what
 * every engine is compared with. Plain loops; clarity before speed.
 */
export type Kernel<K extends Op> = (node: Node<K>, inputs: ReadonlyArray<Float64Array>) => Float64Array

/** Primitives whose numbers come from the expression itself or from outside. */
export type Computed = Exclude<Op, "placeholder" | "noise">

const none = new Float64Array(0)
const at = (inputs: ReadonlyArray<Float64Array>, i: number): Float64Array => inputs[i] ?? none

const pointwise =
  <K extends Computed>(f: (x: number) => number): Kernel<K> =>
  (_node, inputs) =>
    at(inputs, 0).map(f)

const pointwise2 =
  <K extends Computed>(f: (a: number, b: number) => number): Kernel<K> =>
  (node, inputs) => {
    const a = stretch(at(inputs, 0), node.inputs[0]?.shape ?? [], node.shape)
    const b = stretch(at(inputs, 1), node.inputs[1]?.shape ?? [], node.shape)
    return a.map((value, i) => f(value, b[i] ?? Number.NaN))
  }

const gather = (values: Float64Array, offsets: Int32Array): Float64Array =>
  Float64Array.from(offsets, (offset) => values[offset] ?? Number.NaN)

const stretch = (values: Float64Array, from: Shape, to: Shape): Float64Array =>
  sameShape(from, to) ? values : gather(values, offsetsOf(to, from))

/** Folds the elements of `values` that fall on one element of the reduced tensor into it. */
const reduce = (
  node: Node<"sum"> | Node<"max">,
  values: Float64Array,
  initial: number,
  fold: (total: number, value: number) => number
): Float64Array => {
  const { shape } = node.inputs[0]
  const kept = shape.map((size, axis) => (node.parameters.axes.includes(axis) ? 1 : size))
  const result = new Float64Array(sizeOf(kept)).fill(initial)
  const targets = offsetsOf(shape, kept)
  values.forEach((value, i) => {
    const target = targets[i] ?? 0
    result[target] = fold(result[target] ?? initial, value)
  })
  return result
}

const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))

/** Copies `values` (of shape `from`) into `target` (of shape `to`) at `starts`. */
const place = (
  target: Float64Array,
  to: Shape,
  values: Float64Array,
  from: Shape,
  starts: ReadonlyArray<number>
): void => {
  const strides = stridesOf(to)
  const start = starts.reduce((total, n, axis) => total + n * (strides[axis] ?? 0), 0)
  offsetsOf(from, from, strides, start).forEach((offset, i) => {
    target[offset] = values[i] ?? Number.NaN
  })
}

const operandsOf = (
  node: Node<"conv2d"> | Node<"convTranspose2d">,
  inputs: ReadonlyArray<Float64Array>
): readonly [image: ConvolutionOperand, kernel: ConvolutionOperand] => [
  { values: at(inputs, 0), shape: node.inputs[0].shape },
  { values: at(inputs, 1), shape: node.inputs[1].shape }
]

export const kernels: { readonly [K in Computed]: Kernel<K> } = {
  full: ({ parameters }) => new Float64Array(sizeOf(parameters.shape)).fill(parameters.value),
  constant: ({ parameters }) => Float64Array.from(parameters.data.values),
  reshape: (_, inputs) => at(inputs, 0),
  transpose: (node, inputs) => {
    const strides = stridesOf(node.inputs[0].shape)
    const permuted = node.parameters.permutation.map((axis) => strides[axis] ?? 0)
    return gather(at(inputs, 0), offsetsOf(node.shape, node.shape, permuted))
  },
  slice: (node, inputs) => {
    const strides = stridesOf(node.inputs[0].shape)
    const start = node.parameters.starts.reduce((total, n, axis) => total + n * (strides[axis] ?? 0), 0)
    return gather(at(inputs, 0), offsetsOf(node.shape, node.shape, strides, start))
  },
  pad: (node, inputs) => {
    const result = new Float64Array(sizeOf(node.shape))
    place(result, node.shape, at(inputs, 0), node.inputs[0].shape, node.parameters.before)
    return result
  },
  concatenate: (node, inputs) => {
    const result = new Float64Array(sizeOf(node.shape))
    const starts = node.shape.map(() => 0)
    node.inputs.forEach((input, i) => {
      place(result, node.shape, at(inputs, i), input.shape, starts)
      starts[node.parameters.axis] = (starts[node.parameters.axis] ?? 0) + (input.shape[node.parameters.axis] ?? 0)
    })
    return result
  },
  broadcast: (node, inputs) => stretch(at(inputs, 0), node.inputs[0].shape, node.shape),
  sum: (node, inputs) => reduce(node, at(inputs, 0), 0, (total, value) => total + value),
  add: pointwise2((a, b) => a + b),
  subtract: pointwise2((a, b) => a - b),
  multiply: pointwise2((a, b) => a * b),
  divide: pointwise2((a, b) => a / b),
  negate: pointwise((x) => -x),
  greater: pointwise2((a, b) => (a > b ? 1 : 0)),
  where: (node, inputs) => {
    const [condition, a, b] = node.inputs.map((input, i) => stretch(at(inputs, i), input.shape, node.shape))
    return (condition ?? none).map((truth, i) => (truth !== 0 ? a?.[i] : b?.[i]) ?? Number.NaN)
  },
  maximum: pointwise2(Math.max),
  clamp: ({ parameters: { lowest, highest } }, inputs) =>
    at(inputs, 0).map((x) => Math.min(Math.max(x, lowest), highest)),
  exp: pointwise(Math.exp),
  log: pointwise(Math.log),
  sqrt: pointwise(Math.sqrt),
  sin: pointwise(Math.sin),
  cos: pointwise(Math.cos),
  tanh: pointwise(Math.tanh),
  sigmoid: pointwise(logistic),
  softplus: pointwise((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  relu: pointwise((x) => Math.max(x, 0)),
  stopGradient: (_, inputs) => at(inputs, 0),
  // Of one shard; of several, a backend has the numbers of the others as well.
  pmean: (_, inputs) => at(inputs, 0),
  max: (node, inputs) => reduce(node, at(inputs, 0), Number.NEGATIVE_INFINITY, (a, b) => Math.max(a, b)),
  softmax: (node, inputs) => {
    const result = Float64Array.from(at(inputs, 0))
    const width = node.shape.at(-1) ?? 1
    for (let start = 0; start < result.length; start += width) {
      const row = result.subarray(start, start + width)
      const top = row.reduce((greatest, value) => Math.max(greatest, value), Number.NEGATIVE_INFINITY)
      const powers = row.map((value) => Math.exp(value - top))
      const total = powers.reduce((sum, value) => sum + value, 0)
      row.set(powers.map((value) => value / total))
    }
    return result
  },
  matmul: (node, inputs) => {
    const [a, b] = node.inputs
    const { transposeA, transposeB } = node.parameters
    return multiplyMatrices(
      { values: at(inputs, 0), shape: a.shape, transposed: transposeA },
      { values: at(inputs, 1), shape: b.shape, transposed: transposeB },
      node.shape
    )
  },
  conv2d: (node, inputs) => convolveNumbers(node.parameters, ...operandsOf(node, inputs), node.shape),
  convTranspose2d: (node, inputs) => convolveTransposedNumbers(node.parameters, ...operandsOf(node, inputs), node.shape)
}
