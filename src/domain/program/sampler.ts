import type { Tensor } from "../tensor/Tensor.ts"
import type { Key } from "./Key.ts"
import { make, type Program } from "./Program.ts"
import type { BoundState, State } from "./state.ts"

/**
 * A program that draws from a state and leaves it as it is, for any number of samples: what a recipe's `sampler` is. `draw` gives
 * outputs `[batch, ...]`; `state` is a part of the training's, under the names that it has there.
 *
 *     const sampler = Program.sampler("digits", { G }, ({ G }, batch, key) => ({
 *       images: generate(G.parameters, key("z").normal([batch, 64]))
 *     }))
 *
 * One that takes inputs (labels, say) is made by `make`. The function throws what `make` throws.
 */
export const sampler =
  <const S extends State, O extends string>(
    name: string,
    state: S,
    draw: (state: BoundState<S>, batch: number, key: Key) => Readonly<Record<O, Tensor>>
  ): ((batch: number) => Program<never, O>) =>
  (batch) =>
    make(name, { state, step: (bound, _, key) => ({ outputs: draw(bound, batch, key) }) })
