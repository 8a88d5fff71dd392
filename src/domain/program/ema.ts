import { isParameterSpec, type ParameterSpec } from "../nn/parameter.ts"
import { emaStep } from "../optim/ema.ts"
import { counter } from "../optim/Optimizer.ts"
import { add } from "../tensor/arithmetic.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { type MapTree, mapLeaves, type Tree } from "../tensor/Tree.ts"
import { type Bound, onlyParameters, type Stateful } from "./state.ts"

/** An exponential moving average of parameters, as a part of a program's state: `count` and `parameters.*` in checkpoints. */
export interface Ema<P extends Tree<ParameterSpec>> extends Stateful<EmaSpecs<P>, BoundEma<P>> {
  readonly decay: number
}

/** What an average keeps: the updates done, `[]`, and the averages in the form of the parameters. */
export type EmaSpecs<P extends Tree<ParameterSpec>> = { readonly count: ParameterSpec; readonly parameters: P }

/** An average within a step. */
export interface BoundEma<P extends Tree<ParameterSpec>> extends Bound {
  readonly parameters: MapTree<P, ParameterSpec, Tensor>
  readonly count: Tensor
  readonly ema: Ema<P>
}

/**
 * An average of the parameters of a learner (or of another average, or of a tree of specs), that begins as they do where they are in
 * the state too. `decay` in [0, 1); throws a `RangeError` otherwise.
 *
 *     state: { G, average: ema(G, 0.999) }
 *     next: { G: g.next, average: follow(average, g.next.parameters) }
 *
 * A sampler that reads the average needs no decay: `state: { average: onlyParameters(G) }`.
 *
 * @example
 * ```ts
 * import { linearParameters, Optim, Program } from "fovea"
 * import { mean, square } from "fovea/tensor"
 *
 * const G = Program.learner(linearParameters(1, 1), Optim.adam(1e-3))
 * const program = Program.make("averaged", {
 *   state: { G, average: Program.ema(G.specs.parameters, 0.999) },
 *   step: ({ G, average }) => {
 *     const g = Program.descend(G, (p) => mean(square(p.weight)))
 *     return { next: { G: g.next, average: Program.follow(average, g.next.parameters) }, outputs: { loss: g.loss } }
 *   }
 * })
 * console.log(Object.keys(program.specs).filter((path) => path.startsWith("average")).length) // 3
 * ```
 */
export const ema = <P extends Tree<ParameterSpec>>(
  of: Stateful<{ readonly parameters: P }> | P,
  decay: number
): Ema<P> => {
  if (!(decay >= 0 && decay < 1)) throw new RangeError(`the decay of an average lies in [0, 1), not ${decay}`)
  const { parameters } = onlyParameters(of)
  const made: Ema<P> = {
    _tag: "Stateful",
    decay,
    specs: {
      count: counter,
      parameters: mapLeaves<ParameterSpec, P>(parameters, isParameterSpec, (spec) => ({
        ...spec,
        trained: false,
        sameAs: spec
      }))
    },
    bind: (tensors) => boundEma(made, tensors.count, tensors.parameters)
  }
  return made
}

const boundEma = <P extends Tree<ParameterSpec>>(
  of: Ema<P>,
  count: Tensor,
  parameters: MapTree<P, ParameterSpec, Tensor>
): BoundEma<P> => ({ _tag: "Bound", ema: of, count, parameters, tensors: { count, parameters } })

/**
 * The average after one update more, each tensor in its own shape: `emaStep` of its parameters.
 *
 * @example
 * ```ts
 * import { linearParameters, Program } from "fovea"
 *
 * const parameters = linearParameters(1, 1)
 * const program = Program.make("an average of what does not move", {
 *   state: { G: parameters, average: Program.ema(parameters, 0.9) },
 *   step: ({ G, average }) => ({ next: { average: Program.follow(average, G) }, outputs: {} })
 * })
 * console.log(program.name) // an average of what does not move
 * ```
 */
export const follow = <P extends Tree<ParameterSpec>>(
  average: BoundEma<P>,
  parameters: MapTree<P, ParameterSpec, Tensor>
): BoundEma<P> => {
  const { ema, count } = average
  return boundEma(ema, add(count, 1), emaStep(average.parameters, parameters, { decay: ema.decay, updates: count }))
}
