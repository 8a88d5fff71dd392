import type { Op } from "../domain/tensor/Tensor.ts"

/** Rounding to float32 changes a number by at most this part of it. */
export const float32Unit = 2 ** -24

/** How far each primitive's results may be from float64, as a part of max(1, |y|). */
export type Tolerances = { readonly [K in Op]: number }

/** The same numbers as `Reference`, to the last bit. */
export const noTolerance: Tolerances = {
  full: 0,
  constant: 0,
  placeholder: 0,
  noise: 0,
  reshape: 0,
  transpose: 0,
  slice: 0,
  pad: 0,
  concatenate: 0,
  broadcast: 0,
  sum: 0,
  add: 0,
  subtract: 0,
  multiply: 0,
  divide: 0,
  negate: 0,
  greater: 0,
  where: 0,
  maximum: 0,
  clamp: 0,
  exp: 0,
  log: 0,
  sqrt: 0,
  sin: 0,
  cos: 0,
  tanh: 0,
  sigmoid: 0,
  softplus: 0,
  relu: 0,
  stopGradient: 0,
  pmean: 0,
  max: 0,
  softmax: 0,
  matmul: 0,
  conv2d: 0,
  convTranspose2d: 0
}

/**
 * What a backend in float32 is held to.
 *
 * - Most primitives: 0. The operands (`operand`) are multiples of 1/128, 1/16 at the kinks, of magnitude at most 2 1/2.
 *   Float32 holds them, their sums and differences, their products, and sums of up to 256 of either exactly, in whatever
 *   order they are added and whether or not a product is rounded before it is added: there, nothing but the exact result
 *   will do. An engine that rounds operands to fewer bits (TF32, float16) fails here.
 * - Quotients and square roots: one rounding, as IEEE 754 asks. `clamp`: its bounds are rounded to float32.
 * - Functions: engines have polynomials of their own, good to a few units in the last place. The worst seen on any of the
 *   library's backends is 8 (exp of TensorFlow.js, of numbers up to e^2); twice that is allowed.
 */
export const float32Tolerances: Tolerances = {
  ...noTolerance,
  divide: float32Unit,
  sqrt: float32Unit,
  clamp: 2 * float32Unit,
  exp: 16 * float32Unit,
  log: 16 * float32Unit,
  sin: 16 * float32Unit,
  cos: 16 * float32Unit,
  tanh: 16 * float32Unit,
  sigmoid: 16 * float32Unit,
  softplus: 16 * float32Unit,
  softmax: 16 * float32Unit
}

/**
 * How far gradients and whole graphs may be off in float32, as a part of their tensor's greatest entry (at least of 1):
 * errors of 6e-8 grow through sums of up to 256 terms and products of numbers up to 50. Over 600 random graphs (8,141
 * tensors) on ONNX Runtime the worst entry was off by 2.6e-6.
 */
export const float32Drift = 3e-5

/**
 * How far a state may be after ten updates of a small model in float32, in absolute numbers (Adam's moments included),
 * and each loss. Parameters are of order 0.1 to 1 and an update moves each by about 4e-4, so the updates themselves are
 * right to less than a hundredth. Measured on ONNX Runtime: 1e-6 in G, 2e-7 in D.
 */
export const float32UpdateDrift = 1e-5
