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

/** The average after one update more, each tensor in its own shape: `emaStep` of its parameters. */
export const follow = <P extends Tree<ParameterSpec>>(
  average: BoundEma<P>,
  parameters: MapTree<P, ParameterSpec, Tensor>
): BoundEma<P> => {
  const { ema, count } = average
  return boundEma(ema, add(count, 1), emaStep(average.parameters, parameters, { decay: ema.decay, updates: count }))
}
