// The public entry "fovea/tensor": the language in which models, losses and training steps are written.
export { add, addAll, divide, multiply, negate, type Operand, square, subtract } from "./domain/tensor/arithmetic.ts"
export { broadcast, sum, unbroadcast } from "./domain/tensor/broadcast.ts"
export { abs, clamp, greater, less, maximum, minimum, not, sign, where } from "./domain/tensor/comparison.ts"
export { type ConvolutionOptions, conv2d, convTranspose2d } from "./domain/tensor/convolution.ts"
export { categoricalNoise, integerNoise } from "./domain/tensor/discreteNoise.ts"
export { cos, exp, log, relu, sigmoid, sin, softplus, sqrt, stopGradient, tanh } from "./domain/tensor/elementwise.ts"
export { evaluate } from "./domain/tensor/evaluate/evaluate.ts"
export { gradient, valueAndGradient } from "./domain/tensor/gradient.ts"
export { cumulativeSum, fromOneHot, gather, oneHot } from "./domain/tensor/indices.ts"
export { matmul } from "./domain/tensor/matmul.ts"
export {
  chunks,
  concatenate,
  pad,
  reshape,
  size,
  slice,
  sliceAxis,
  split,
  stack,
  take,
  transpose
} from "./domain/tensor/movement.ts"
export {
  makeProgram as makeGraph,
  type NamedExpressions,
  type Program as Graph,
  ProgramError
} from "./domain/tensor/Program.ts"
export { pmean } from "./domain/tensor/pmean.ts"
export { averagePool } from "./domain/tensor/pooling.ts"
export { pow } from "./domain/tensor/power.ts"
export { printExpressions, printProgram as printGraph } from "./domain/tensor/print.ts"
export { ShapeError } from "./domain/tensor/Rule.ts"
export { logSumExp, max, mean, softmax } from "./domain/tensor/reduction.ts"
export { simplify } from "./domain/tensor/rewrite/simplify.ts"
export type { Shape } from "./domain/tensor/Shape.ts"
export {
  bernoulliNoise,
  constant,
  full,
  noise,
  normalNoise,
  placeholder,
  scalar,
  uniformNoise,
  zeros
} from "./domain/tensor/source.ts"
export { squaredDistances } from "./domain/tensor/squaredDistances.ts"
export { type Distribution, isTensor, type Op, type RowsAndColumns, type Tensor } from "./domain/tensor/Tensor.ts"
export { filled, type NamedTensors, type TensorData, tensorData } from "./domain/tensor/TensorData.ts"
export { flattenTree, type MapTree, mapLeaves, mapTree, type Tree } from "./domain/tensor/Tree.ts"
