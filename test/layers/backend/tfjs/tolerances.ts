import { float32Unit, type Tolerances } from "../../../../src/testing/tolerances.ts"

/**
 * How far the functions of each of TensorFlow.js's backends are from float64, which is less than the laws allow:
 *
 * - cpu computes each function in float64 and rounds once; its softmax is made of three kernels.
 * - wasm has polynomials in float32: good to a few units in the last place of numbers up to e^2.
 *
 * TensorFlow's vectorised functions are good to a few units in the last place: they are held to what the laws allow.
 */
export const tfjsTolerances: Readonly<Record<"cpu" | "wasm", Partial<Tolerances>>> = {
  cpu: {
    exp: 8 * float32Unit,
    log: float32Unit,
    tanh: float32Unit,
    sigmoid: float32Unit,
    softplus: 4 * float32Unit,
    softmax: 4 * float32Unit
  },
  wasm: {
    exp: 8 * float32Unit,
    log: 4 * float32Unit,
    tanh: 8 * float32Unit,
    sigmoid: 4 * float32Unit,
    softplus: 8 * float32Unit,
    softmax: 8 * float32Unit
  }
}
