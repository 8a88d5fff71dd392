import {
  isParameterSpec,
  type ParameterSpec,
  trainedParameters,
  trainedTensors,
  updatedParameters
} from "../nn/parameter.ts"
import { leafAt, type Optimizer } from "../optim/Optimizer.ts"
import { own } from "../record/own.ts"
import { add } from "../tensor/arithmetic.ts"
import { stopGradient } from "../tensor/elementwise.ts"
import { gradient } from "../tensor/gradient.ts"
import { type NamedExpressions, ProgramError } from "../tensor/Program.ts"
import { meansOverShards } from "../tensor/pmean.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"
import { flattenTree, type MapTree, mapLeaves, mapRecord, type Tree } from "../tensor/Tree.ts"
import type { Bound, Stateful } from "./state.ts"

/** Parameters with the optimizer that moves them: a part of a program's state (flax's `TrainState`). */
export interface Learner<P extends Tree<ParameterSpec> = Tree<ParameterSpec>>
  extends Stateful<LearnerSpecs<P>, BoundLearner<P>> {
  readonly optimizer: Optimizer
}

/** What of a learner is in the state and in checkpoints: `parameters.*` and `optimizer.*`. */
export type LearnerSpecs<P extends Tree<ParameterSpec>> = {
  readonly parameters: P
  readonly optimizer: Tree<ParameterSpec>
}

/** A learner within a step: its parameters and its optimizer's state as expressions. */
export interface BoundLearner<P extends Tree<ParameterSpec> = Tree<ParameterSpec>> extends Bound {
  readonly parameters: MapTree<P, ParameterSpec, Tensor>
  readonly optimizer: Tree<Tensor>
  /** The learner that it is of. */
  readonly learner: Learner<P>
}

/**
 * Parameters that an optimizer moves. Buffers among them (`trained: false`) are left to the step. Throws what the optimizer's `init`
 * throws.
 *
 * @example
 * ```ts
 * import { mlpParameters, Optim, Program } from "fovea"
 *
 * const network = Program.learner(mlpParameters(2, [8, 1]), Optim.adam(1e-3))
 * console.log(network.specs.parameters.layer1?.weight.shape) // [ 2, 8 ]
 * ```
 */
export const learner = <P extends Tree<ParameterSpec>>(parameters: P, optimizer: Optimizer): Learner<P> => {
  const made: Learner<P> = {
    _tag: "Stateful",
    optimizer,
    specs: { parameters, optimizer: optimizer.init(trainedParameters(parameters)) },
    bind: (tensors) => boundLearner(made, tensors.parameters, tensors.optimizer)
  }
  return made
}

const boundLearner = <P extends Tree<ParameterSpec>>(
  learner: Learner<P>,
  parameters: MapTree<P, ParameterSpec, Tensor>,
  optimizer: Tree<Tensor>
): BoundLearner<P> => ({ _tag: "Bound", learner, parameters, optimizer, tensors: { parameters, optimizer } })

/** What a descent gives. */
export interface Descent<P extends Tree<ParameterSpec>> {
  /** The learner after the update. */
  readonly next: BoundLearner<P>
  /** The loss before the update, as `loss` gave it: `[]`. */
  readonly loss: Tensor
  /** By path; the means over shards. */
  readonly gradients: NamedExpressions
}

/**
 * One update of a learner down the gradient of a loss (a tensor `[]`, a mean over the batch). Several in a row are several updates:
 *
 *     const d = descend(D, (p) => lossOfD(p, G.parameters))
 *     const g = descend(G, (p) => lossOfG(d.next.parameters, p))
 *
 * The next parameters are constants for later gradients, unless `unrolled` (Metz 2017: a generator that sees through its
 * discriminator's update; Adam then needs an `epsilonRoot`). Throws a `ShapeError` if the loss is not one
 * number, and a `ProgramError` if it depends on none of the parameters.
 *
 * @example
 * ```ts
 * import { Optim, type ParameterSpec, Program } from "fovea"
 * import { square, subtract } from "fovea/tensor"
 *
 * const x: ParameterSpec = { shape: [], initialiser: { kind: "constant", value: 0 } }
 * const program = Program.make("down to 3", {
 *   state: { point: Program.learner({ x }, Optim.sgd(0.5)) },
 *   step: ({ point }) => {
 *     // Two updates in one step: the second begins where the first ended.
 *     const first = Program.descend(point, (p) => square(subtract(p.x, 3)))
 *     const second = Program.descend(first.next, (p) => square(subtract(p.x, 3)))
 *     return { next: { point: second.next }, outputs: { before: first.loss, after: second.loss } }
 *   }
 * })
 * console.log(Object.keys(program.outputs)) // [ 'before', 'after' ]
 * ```
 */
export const descend = <P extends Tree<ParameterSpec>>(
  bound: BoundLearner<P>,
  loss: (parameters: MapTree<P, ParameterSpec, Tensor>) => Tensor,
  { unrolled = false }: { readonly unrolled?: boolean } = {}
): Descent<P> => {
  const { learner, optimizer } = bound
  const parameters: Tree<Tensor> = bound.parameters
  const value = loss(bound.parameters)
  const trained = trainedTensors(learner.specs.parameters, parameters)
  const slopes = gradient(value, trained)
  if (Object.values(slopes).every(isZero) && Object.keys(trained).length > 0) {
    const problem = "the loss depends on none of the parameters that are to descend"
    throw new ProgramError(
      `${problem} (${Object.keys(trained).join(", ")}): make it of those that the function is given`
    )
  }
  const gradients = meansOverShards(slopes)
  const step = learner.optimizer.update(gradients, optimizer, trained)
  const settle = (x: Tensor): Tensor => (unrolled ? x : stopGradient(x))
  const moved = mapRecord(trained, (theta, path) => settle(add(theta, leafAt(step.updates, path))))
  return {
    next: boundLearner(
      learner,
      updatedParameters(bound.parameters, moved),
      mapLeaves<Tensor, Tree<Tensor>>(step.state, isTensor, settle)
    ),
    loss: value,
    gradients
  }
}

const isZero = (x: Tensor): boolean => x.op === "full" && x.parameters.value === 0

/**
 * The learner with new values of its buffers (running statistics), by path. Throws a `RangeError` for a path that is no
 * buffer of it.
 */
export const withBuffers = <P extends Tree<ParameterSpec>>(
  bound: BoundLearner<P>,
  buffers: NamedExpressions
): BoundLearner<P> => {
  const specs = flattenTree<ParameterSpec>(bound.learner.specs.parameters, isParameterSpec)
  for (const path of Object.keys(buffers)) {
    const spec = own(specs, path)
    if (spec?.trained === false) continue
    if (spec !== undefined) throw new RangeError(`"${path}" is moved by its optimizer: it is no buffer`)
    const known = Object.keys(specs).filter((other) => own(specs, other)?.trained === false)
    throw new RangeError(`there is no buffer "${path}": there are ${known.join(", ") || "none"}`)
  }
  return boundLearner(bound.learner, updatedParameters(bound.parameters, buffers), bound.optimizer)
}
