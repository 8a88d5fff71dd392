import { add, multiply } from "../tensor/arithmetic.ts"
import { sigmoid, tanh } from "../tensor/elementwise.ts"
import { chunks, size, split } from "../tensor/movement.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { type Linear, linearParameters } from "./linear.ts"
import type { ParameterSpec } from "./parameter.ts"

/**
 * Parameters of an LSTM cell: one map from its input joined to its hidden state, `[x_t, h_{t-1}]`, to the sums of the input
 * gate, the forget gate, the output gate and the candidate, in this order: `weight` `[inputs + units, 4 units]`.
 */
export type LstmCell<Leaf> = Linear<Leaf>

/** What an LSTM cell carries from step to step, each `[batch or 1, units]`. */
export type LstmState<Leaf> = {
  /** `h_t`: what the cell puts out. */
  readonly hidden: Leaf
  /** `m_t`: what it keeps (the cell's state, often called `c_t`). */
  readonly memory: Leaf
}

export const lstmCellParameters = (inputs: number, units: number): LstmCell<ParameterSpec> =>
  linearParameters(inputs + units, 4 * units)

/** A learned state before the first step: zeros until it is trained. */
export const initialLstmState = (units: number): LstmState<ParameterSpec> => {
  const zeros: ParameterSpec = { shape: [1, units], initialiser: { kind: "constant", value: 0 } }
  return { hidden: zeros, memory: zeros }
}

/**
 * A step of a long short-term memory with a forget gate (S. Hochreiter and J. Schmidhuber 1997; F. Gers 2000; without
 * peepholes), given the sums `(a_i, a_f, a_o, a_g) = W([x_t, h_{t-1}])`, `[batch, 4 units]`:
 *
 *     m_t = sigmoid(a_f + 1) m_{t-1} + sigmoid(a_i) tanh(a_g)    h_t = sigmoid(a_o) tanh(m_t)
 *
 * The 1 lets an untrained cell remember (R. Jozefowicz 2015, An empirical exploration of recurrent network architectures).
 */
export const lstmStep = (sums: Tensor, memory: Tensor): LstmState<Tensor> => {
  const units = size(sums, 1) / 4
  const [gates, candidate] = split(sums, 1, [3 * units, units])
  const [input, forget, output] = chunks(gates, 1, 3)
  const kept = multiply(sigmoid(add(forget, 1)), memory)
  const next = add(kept, multiply(sigmoid(input), tanh(candidate)))
  return { hidden: multiply(sigmoid(output), tanh(next)), memory: next }
}
