import { isParameterSpec, type ParameterSpec, parameterPlaceholders } from "../nn/parameter.ts"
import type { Shape } from "../tensor/Shape.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"
import { joinPath, type MapTree, type Tree } from "../tensor/Tree.ts"

/**
 * A part of a state with functions of its own: a learner, a moving average. `specs` says which tensors it keeps, `bind` makes of
 * them what a step works with. One's own kind is a value of this type.
 */
export interface Stateful<S extends Tree<ParameterSpec> = Tree<ParameterSpec>, B extends Bound = Bound> {
  readonly _tag: "Stateful"
  readonly specs: S
  bind(tensors: MapTree<S, ParameterSpec, Tensor>): B
}

/** Such a part within a step. `tensors` are its tensors in the form of its specs. */
export interface Bound {
  readonly _tag: "Bound"
  readonly tensors: Tree<Tensor>
}

/** What a program keeps from step to step, before the first one: parameter specs, learners and the like, and records of them. */
export type State = { readonly [name: string]: State | ParameterSpec | Stateful }

type Entry = State[string]

/** The same within a step: tensors for specs, learners with their expressions. */
export type BoundState<S> =
  S extends Stateful<infer _, infer B>
    ? B
    : S extends ParameterSpec
      ? Tensor
      : { readonly [K in keyof S]: BoundState<S[K]> }

const isStateful = (value: unknown): value is Stateful =>
  typeof value === "object" && value !== null && "_tag" in value && value._tag === "Stateful"

const isBound = (value: unknown): value is Bound =>
  typeof value === "object" && value !== null && "_tag" in value && value._tag === "Bound"

/**
 * What a step that moves nothing needs of a learner or an average: a part of a state whose `parameters` alone are read, without the
 * optimizer's state or the decay. Of a tree of specs, a part with those parameters.
 *
 *     const sampler = Program.sampler("digits", { average: onlyParameters(G) }, ({ average }, batch, key) => ({
 *       images: generate(average.parameters, key("z").normal([batch, 64]))
 *     }))
 */
export const onlyParameters = <P extends Tree<ParameterSpec>>(
  of: Stateful<{ readonly parameters: P }> | P
): { readonly parameters: P } => ({ parameters: isStateful(of) ? of.specs.parameters : of })

/** The specs of a state as a plain tree, a learner's below `parameters` and `optimizer`. Throws a `TypeError` naming the path of anything else. */
export const specsOf = (state: Entry, path = ""): Tree<ParameterSpec> => {
  if (isParameterSpec(state)) return state
  if (isStateful(state)) return state.specs
  if (typeof state !== "object" || state === null || Array.isArray(state)) {
    throw new TypeError(
      `a program's state holds parameter specs, learners and records of them; "${path}" is ${String(state)}`
    )
  }
  return Object.fromEntries(Object.entries(state).map(([name, part]) => [name, specsOf(part, joinPath(path, name))]))
}

/** The state within a step, each tensor a placeholder named by its path, as `make` makes it. */
export const bindState = <S extends Entry>(state: S, make: (name: string, shape: Shape) => Tensor): BoundState<S> => {
  const bind = (entry: Entry, path: string): unknown => {
    if (isStateful(entry)) return entry.bind(parameterPlaceholders(entry.specs, path, make))
    if (isParameterSpec(entry)) return parameterPlaceholders<ParameterSpec>(entry, path, make)
    return Object.fromEntries(Object.entries(entry).map(([name, part]) => [name, bind(part, joinPath(path, name))]))
  }
  // The border between the recursion, which sees one part at a time, and the type of the whole state.
  return bind(state, "") as BoundState<S>
}

/** The tensors of a state within a step as a plain tree, in the form of `specsOf`. Throws a `TypeError` naming the path of anything else. */
export const tensorsOf = (bound: unknown, path = ""): Tree<Tensor> => {
  if (isTensor(bound)) return bound
  if (isBound(bound)) return bound.tensors
  if (typeof bound !== "object" || bound === null || Array.isArray(bound)) {
    throw new TypeError(`the next state holds tensors, learners and records of them; "${path}" is ${String(bound)}`)
  }
  return Object.fromEntries(Object.entries(bound).map(([name, part]) => [name, tensorsOf(part, joinPath(path, name))]))
}
