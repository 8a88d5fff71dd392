import { add, multiply, subtract } from "../tensor/arithmetic.ts"
import { sigmoid } from "../tensor/elementwise.ts"
import { chunks, size, split } from "../tensor/movement.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { type ActivationName, activations } from "./activation.ts"
import { linear, linearParameters } from "./linear.ts"
import type { ParameterSpec } from "./parameter.ts"
import type { CellWithHidden, RecurrentCell } from "./simpleRnnCell.ts"

/** Update, reset and candidate: their columns stand side by side, in this order. */
const gates = 3

/**
 * Parameters of the gated cell: `Wx`, `[inputs, 3 units]`, and `Wh`, `[units, 3 units]`, each with its bias; the columns of the
 * update gate, of the reset gate and of the candidate side by side. Each of the three begins by Glorot's rule for itself.
 */
export const gruCellParameters = (inputs: number, units: number): RecurrentCell<ParameterSpec> => ({
  input: gruLinear(inputs, units),
  hidden: gruLinear(units, units)
})

/** Glorot's bound of one `[inputs, units]` map for all three, although they stand in one `[inputs, 3 units]`. */
const gruLinear = (inputs: number, units: number) =>
  linearParameters(inputs, gates * units, {
    kind: "glorot",
    scale: Math.sqrt((inputs + gates * units) / (inputs + units))
  })

/**
 * The gated recurrent cell (Cho 2014, with the reset after the product, as fast implementations have it), as the function of
 * one step:
 *
 *     u_t = sigmoid(Wx_u(x_t) + Wh_u(h_{t-1}))                      how much of the state is kept
 *     r_t = sigmoid(Wx_r(x_t) + Wh_r(h_{t-1}))                      how much of it the candidate sees
 *     n_t = sigma(Wx_n(x_t) + r_t Wh_n(h_{t-1}))                    the candidate
 *     h_t = n_t + u_t (h_{t-1} - n_t)
 *
 * where sigma is the activation and products of vectors are elementwise. `projectedInput` is `Wx(x_t)`, `[batch, 3 units]`,
 * which `linear(cell.input, x)` makes for all steps at once where `x` does not depend on `h`; `hidden` is `[batch, units]`, or
 * `[1, units]` while it is the same for the whole batch.
 */
export const gruStep =
  (cell: RecurrentCell<Tensor>, activation: ActivationName) =>
  (hidden: Tensor, projectedInput: Tensor): Tensor =>
    gated(activation, hidden, linear(cell.hidden, hidden), projectedInput)

/**
 * The gated cell whose input is a reading, `[batch, inputs]`: `RNN_D` of eq. 4 in its place. In eq. 4 the state enters twice, which
 * in a plain cell comes to one product by the sum of two weights; here it enters once, and `Wx` takes the reading alone.
 */
export const gruCellWithHidden = (cell: RecurrentCell<Tensor>, activation: ActivationName): CellWithHidden => ({
  fromHidden: cell.hidden,
  step: (carried, reading, hidden) => gated(activation, hidden, carried, linear(cell.input, reading))
})

/** `h_t` from `h_{t-1}`, `Wh(h_{t-1})` and `Wx(x_t)`. */
const gated = (activation: ActivationName, hidden: Tensor, carried: Tensor, projected: Tensor): Tensor => {
  const units = size(hidden, 1)
  const [gatesOfHidden, candidateOfHidden] = gatesAndCandidate(carried, units)
  const [gatesOfInput, candidateOfInput] = gatesAndCandidate(projected, units)
  const [update, reset] = chunks(sigmoid(add(gatesOfInput, gatesOfHidden)), 1, 2)
  const candidate = activations[activation](add(candidateOfInput, multiply(reset, candidateOfHidden)))
  return add(candidate, multiply(update, subtract(hidden, candidate)))
}

const gatesAndCandidate = (x: Tensor, units: number): readonly [Tensor, Tensor] =>
  split(x, 1, [(gates - 1) * units, units])
