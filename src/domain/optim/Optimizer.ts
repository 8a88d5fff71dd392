import { buffer, type ParameterSpec } from "../nn/parameter.ts"
import { own } from "../record/own.ts"
import type { NamedExpressions } from "../tensor/Program.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"
import { flattenTree, type MapTree, mapRecord, type Tree } from "../tensor/Tree.ts"

/** Parameters before training, by path. */
export type NamedSpecs = Readonly<Record<string, ParameterSpec>>

/** What one step of an optimizer makes of gradients. */
export interface OptimizerStep<S extends Tree<ParameterSpec>> {
  /** What is to be added to each parameter, by path, in the parameter's shape. */
  readonly updates: NamedExpressions
  readonly state: MapTree<S, ParameterSpec, Tensor>
}

/**
 * A gradient transformation, as in optax: how its state begins, and one update of it. Transformations chain (`chain`); the
 * last one of a chain for descent turns the sign, so that the updates are added. One's own is a value of this type.
 *
 * (Both are methods, so that a transformation with a state of its own form is one with a state of any.)
 */
export interface Optimizer<S extends Tree<ParameterSpec> = Tree<ParameterSpec>> {
  /** The state before the first update, for these parameters; it depends on their paths and shapes alone. */
  init(parameters: NamedSpecs): S
  /** One update; `gradients` (or what an earlier transformation made of them) and `parameters` have the same paths and shapes. */
  update(
    gradients: NamedExpressions,
    state: MapTree<S, ParameterSpec, Tensor>,
    parameters: NamedExpressions
  ): OptimizerStep<S>
}

/** A transformation without a state: `f` is given each update, its parameter (both of the parameter's shape) and its path. */
export const stateless = (
  f: (update: Tensor, parameter: Tensor, path: string) => Tensor
): Optimizer<Record<never, never>> => ({
  init: () => ({}),
  update: (gradients, state, parameters) => ({
    updates: mapRecord(gradients, (g, path) => f(g, leafAt(parameters, path), path)),
    state
  })
})

/**
 * A count of updates, `[]`, before the first one: what a schedule of one's own follows.
 *
 *     state: { vae: learner(parameters, adam(1e-3)), updates: counter }
 *     next: { vae: next, updates: add(updates, 1) }
 */
export const counter: ParameterSpec = buffer([])

/** Zeros in the shape of each parameter: how moments begin. */
export const zerosLike = (parameters: NamedSpecs): NamedSpecs => mapRecord(parameters, ({ shape }) => buffer(shape))

/** The leaf at a path. Throws a `RangeError` if there is none: the records of an update must have the same paths. */
export const leafAt = <Leaf>(leaves: Readonly<Record<string, Leaf>>, path: string): Leaf => {
  const leaf = own(leaves, path)
  if (leaf === undefined) throw new RangeError(`an optimizer was given no "${path}", which another of its records has`)
  return leaf
}

/**
 * How many updates were done before this one, `[]`, as an optimizer that counts them (Adam, momentum) has it in its state; of a chain
 * in which several parts have a state, the first part's.
 */
export const updatesDone = (state: Tree<Tensor>): Tensor => {
  const leaves = flattenTree(state, isTensor)
  return own(leaves, "0.updates") ?? leafAt(leaves, "updates")
}

/**
 * Transformations one after the other: each is given what the one before made of the gradients.
 *
 *     const adamw = chain(scaleByAdam(), addDecayedWeights(1e-4), scaleByLearningRate(1e-3))
 *
 * Its state is that of the only part that has one, or else a record of the parts' states by their position.
 *
 * @example
 * ```ts
 * import { Optim } from "fovea"
 *
 * const { chain, clipByGlobalNorm, scaleByAdam, addDecayedWeights, scaleByLearningRate, warmupCosine } = Optim
 * const optimizer = chain(
 *   clipByGlobalNorm(1),
 *   scaleByAdam(),
 *   addDecayedWeights(1e-4),
 *   scaleByLearningRate(warmupCosine(1e-3, 100, 1000))
 * )
 * console.log(Object.keys(optimizer)) // [ 'init', 'update' ]
 * ```
 */
export const chain = (...parts: ReadonlyArray<Optimizer>): Optimizer => ({
  init: (parameters) => joined(parts.map((part) => part.init(parameters))),
  update: (gradients, state, parameters) => {
    const specs = mapRecord(parameters, ({ shape }): ParameterSpec => ({ ...counter, shape }))
    const states = parted(
      parts.map((part) => part.init(specs)),
      state
    )
    let updates = gradients
    const next = parts.map((part, i) => {
      const step = part.update(updates, states[i] ?? {}, parameters)
      updates = step.updates
      return step.state
    })
    return { updates, state: joined(next) }
  }
})

/** Whether a state holds nothing: that of a transformation without one. */
export const isEmpty = (state: unknown): boolean =>
  typeof state === "object" && state !== null && Object.keys(state).length === 0

const joined = <Leaf>(states: ReadonlyArray<Tree<Leaf>>): Tree<Leaf> => {
  const held = states.flatMap((state, i) => (isEmpty(state) ? [] : [[String(i), state] as const]))
  const [only] = held
  return held.length === 1 && only !== undefined ? only[1] : Object.fromEntries(held)
}

/** The parts that `joined` made one: `forms` are states of the same forms. */
const parted = (forms: ReadonlyArray<Tree<ParameterSpec>>, state: Tree<Tensor>): ReadonlyArray<Tree<Tensor>> => {
  const held = forms.filter((form) => !isEmpty(form)).length
  return forms.map((form, i) => {
    if (isEmpty(form)) return {}
    if (held === 1) return state
    return isTensor(state) ? state : leafAt(state, String(i))
  })
}
