import { add, multiply, subtract } from "../tensor/arithmetic.ts"
import { sigmoid } from "../tensor/elementwise.ts"
import { chunks, size, split } from "../tensor/movement.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { type ActivationName, activations } from "./activation.ts"
import { linear, linearParameters } from "./linear.ts"
import type { ParameterSpec } from "./parameter.ts"
import type { RecurrentCell } from "./simpleRnnCell.ts"

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
 * where sigma is the activation and products of vectors are elementwise. `x` is `[batch, inputs]`; `hidden` `[batch, units]`, or
 * `[1, units]` while it is the same for the whole batch.
 */
export const gruStep =
  (cell: RecurrentCell<Tensor>, activation: ActivationName) =>
  (hidden: Tensor, x: Tensor): Tensor => {
    const units = size(hidden, 1)
    const [gatesOfInput, candidateOfInput] = gatesAndCandidate(linear(cell.input, x), units)
    const [gatesOfHidden, candidateOfHidden] = gatesAndCandidate(linear(cell.hidden, hidden), units)
    const [update, reset] = chunks(sigmoid(add(gatesOfInput, gatesOfHidden)), 1, 2)
    const candidate = activations[activation](add(candidateOfInput, multiply(reset, candidateOfHidden)))
    return add(candidate, multiply(update, subtract(hidden, candidate)))
  }

const gatesAndCandidate = (x: Tensor, units: number): readonly [Tensor, Tensor] =>
  split(x, 1, [(gates - 1) * units, units])
