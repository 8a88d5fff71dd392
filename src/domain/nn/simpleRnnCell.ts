import { add } from "../tensor/arithmetic.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { type ActivationName, activations } from "./activation.ts"
import { type Linear, linear, linearParameters } from "./linear.ts"
import type { ParameterSpec } from "./parameter.ts"

/** Parameters of the recurrent cell: `Wx`, `[inputs, units]`, and `Wh`, `[units, units]`, each with its bias. */
export type RecurrentCell<Leaf> = {
  readonly input: Linear<Leaf>
  readonly hidden: Linear<Leaf>
}

/** The parameters of a recurrent cell from `[n, inputs]` to `[n, units]`: `Wx`, `[inputs, units]`, and `Wh`, `[units, units]`. */
export const simpleRnnCellParameters = (inputs: number, units: number): RecurrentCell<ParameterSpec> => ({
  input: linearParameters(inputs, units),
  hidden: linearParameters(units, units)
})

/**
 * The recurrent cell (eq. 1), as the function of one step:
 *
 *     h_t = sigma(Wx(x_t) + Wh(h_{t-1}))
 *
 * `hidden` is `[batch, units]`, or `[1, units]` while it is the same for the whole batch; `x` `[batch, inputs]`.
 */
export const simpleRnnStep =
  (cell: RecurrentCell<Tensor>, activation: ActivationName) =>
  (hidden: Tensor, x: Tensor): Tensor =>
    activations[activation](add(linear(cell.input, x), linear(cell.hidden, hidden)))
