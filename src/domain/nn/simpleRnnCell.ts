import { add } from "../tensor/arithmetic.ts"
import { matmul } from "../tensor/matmul.ts"
import { size, split } from "../tensor/movement.ts"
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
 * given `Wx(x_t)`, which `linear(cell.input, x)` makes for all steps at once where `x` does not depend on `h`.
 * `hidden` is `[batch, units]`, or `[1, units]` while it is the same for the whole batch; `projectedInput` `[batch, units]`.
 */
export const simpleRnnStep =
  (cell: RecurrentCell<Tensor>, activation: ActivationName) =>
  (hidden: Tensor, projectedInput: Tensor): Tensor =>
    activations[activation](add(projectedInput, linear(cell.hidden, hidden)))

/**
 * The recurrent cell whose input is a reading joined to the hidden state itself (eq. 4):
 *
 *     h_t = sigma(Wx([r_t, h_{t-1}]) + Wh(h_{t-1})) = sigma(r_t Wr + h_{t-1} (Wxh + Wh) + bx + bh)
 *
 * where `Wr` and `Wxh` are the upper and lower rows of `Wx`: the state, which enters twice, is multiplied once, by
 * `fromHidden`. What does not depend on the step stands outside it, so that its gradient is summed over the steps first.
 */
export interface CellWithHidden {
  /** What `h_{t-1}` adds to the sum, `h (Wxh + Wh) + bx + bh`: a map from `units` to as many, or to those of each gate. */
  readonly fromHidden: Linear<Tensor>
  /** `h_t` from `fromHidden` applied to `h_{t-1}`, `[batch or 1, ..]`, the reading, `[batch, ..]`, and `h_{t-1}` itself. */
  readonly step: (carried: Tensor, reading: Tensor, hidden: Tensor) => Tensor
}

/** The cell of eq. 4, for all steps: each takes the state, `[n, units]`, to the next one. */
export const cellWithHidden = (cell: RecurrentCell<Tensor>, activation: ActivationName): CellWithHidden => {
  const [inputs, units] = [size(cell.input.weight, 0), size(cell.input.weight, 1)]
  const [readingWeight, inputHiddenWeight] = split(cell.input.weight, 0, [inputs - units, units])
  return {
    fromHidden: {
      weight: add(inputHiddenWeight, cell.hidden.weight),
      bias: add(cell.input.bias, cell.hidden.bias)
    },
    step: (carried, reading) => activations[activation](add(matmul(reading, readingWeight), carried))
  }
}
