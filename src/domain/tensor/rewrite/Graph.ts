import { inputsFirst } from "../order.ts"
import type { Tensor } from "../Tensor.ts"

/** Expressions with what a rule that looks at many of them at once wants to know. */
export interface Graph {
  readonly roots: ReadonlyArray<Tensor>
  /** Inputs before what uses them (`inputsFirst`). */
  readonly order: ReadonlyArray<Tensor>
  /** What uses an expression, each once, in order. */
  readonly usersOf: (node: Tensor) => ReadonlyArray<Tensor>
  /** The longest way from a source, in primitives: whatever an expression is made of has a lower level. */
  readonly levelOf: (node: Tensor) => number
  /** Its place in `order`. */
  readonly numberOf: (node: Tensor) => number
  /** The places of what an expression is made of, by its own. */
  readonly inputNumbers: ReadonlyArray<ReadonlyArray<number>>
}

/** What a rule makes of a graph: the same values in the same order, and how often it was used; the given roots if not at all. */
export interface Rewritten {
  readonly roots: ReadonlyArray<Tensor>
  readonly fired: number
}

/** What only some rules ask for is worked out when the first asks. */
export const graphOf = (roots: ReadonlyArray<Tensor>): Graph => {
  const order = inputsFirst(roots)
  const users = lazily(() => usersIn(order))
  const levels = lazily(() => levelsIn(order))
  const numbers = lazily(() => new Map(order.map((node, i) => [node, i])))
  const numberOf = (node: Tensor): number => numbers().get(node) ?? -1
  const inputNumbers = lazily(() => order.map(({ inputs }) => inputs.map(numberOf)))
  return {
    roots,
    order,
    usersOf: (node) => users().get(node) ?? [],
    levelOf: (node) => levels().get(node) ?? 0,
    numberOf,
    get inputNumbers() {
      return inputNumbers()
    }
  }
}

const lazily = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

const usersIn = (order: ReadonlyArray<Tensor>): ReadonlyMap<Tensor, ReadonlyArray<Tensor>> => {
  const users = new Map<Tensor, Array<Tensor>>()
  for (const node of order) {
    for (const input of new Set<Tensor>(node.inputs)) {
      const known = users.get(input)
      if (known === undefined) users.set(input, [node])
      else known.push(node)
    }
  }
  return users
}

const levelsIn = (order: ReadonlyArray<Tensor>): ReadonlyMap<Tensor, number> => {
  const levels = new Map<Tensor, number>()
  for (const node of order) {
    levels.set(
      node,
      node.inputs.reduce((most, input) => Math.max(most, (levels.get(input) ?? 0) + 1), 0)
    )
  }
  return levels
}

/** Items by key, in the order in which the keys were met. */
export const groupBy = <A, K>(items: Iterable<A>, key: (item: A) => K): ReadonlyMap<K, ReadonlyArray<A>> => {
  const groups = new Map<K, Array<A>>()
  for (const item of items) {
    const known = groups.get(key(item))
    if (known === undefined) groups.set(key(item), [item])
    else known.push(item)
  }
  return groups
}
