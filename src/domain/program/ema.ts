import { isParameterSpec, type ParameterSpec } from "../nn/parameter.ts"
import { counter, leafAt } from "../optim/Optimizer.ts"
import { add, divide, multiply, subtract } from "../tensor/arithmetic.ts"
import { tanh } from "../tensor/elementwise.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"
import { flattenTree, type MapTree, mapLeaves, type Tree } from "../tensor/Tree.ts"
import type { Bound, Stateful } from "./state.ts"

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
 * An average of the parameters of a learner, that begins as they do. `decay` in [0, 1); throws a `RangeError` otherwise.
 *
 *     state: { G, average: ema(G.specs.parameters, 0.999) }
 *     next: { G: g.next, average: follow(average, g.next.parameters) }
 */
export const ema = <P extends Tree<ParameterSpec>>(parameters: P, decay: number): Ema<P> => {
  if (!(decay >= 0 && decay < 1)) throw new RangeError(`the decay of an average lies in [0, 1), not ${decay}`)
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

/** The average after one update more: `emaStep` of its parameters. */
export const follow = <P extends Tree<ParameterSpec>>(
  average: BoundEma<P>,
  parameters: MapTree<P, ParameterSpec, Tensor>
): BoundEma<P> => {
  const { ema, count } = average
  return boundEma(ema, add(count, 1), emaStep(average.parameters, parameters, { decay: ema.decay, updates: count }))
}

/**
 * One update of a moving average of parameters (Polyak 1992) with a constant decay in [0, 1) over updates t = 1, 2, .. and Adam's
 * correction of the bias towards the beginning:
 *
 *     a_t = (1 - s) a_{t-1} + s theta_t    s = (1 - decay) / (1 - decay^t)
 *
 * so that the first numbers count for nothing: a_1 is theta_1, and a_t about the plain mean while t is below 1 / (1 - decay).
 * `updates` is t - 1, the updates done before this one, `[]`. The trees have the same paths and shapes.
 */
export const emaStep = <T extends Tree<Tensor>>(
  average: T,
  parameters: Tree<Tensor>,
  { decay, updates }: { readonly decay: number; readonly updates: Tensor }
): T => {
  const added = shareOfNewest(decay, add(updates, 1))
  const kept = subtract(1, added)
  const parameterAt = flattenTree(parameters, isTensor)
  return mapLeaves<Tensor, T>(average, isTensor, (a, path) =>
    add(multiply(a, kept), multiply(leafAt(parameterAt, path), added))
  )
}

/** `s` above. `1 - decay^t` is `2 h / (1 + h)` for `h = tanh(-t ln decay / 2)`, which keeps float32's digits next to decay = 1. */
const shareOfNewest = (decay: number, t: Tensor): Tensor | number => {
  // The logarithm of 0 is no number for a graph.
  if (decay === 0) return 1
  const half = tanh(multiply(t, -Math.log(decay) / 2))
  return divide(multiply(add(half, 1), (1 - decay) / 2), half)
}
