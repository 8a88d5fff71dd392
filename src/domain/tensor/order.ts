import type { Tensor } from "./Tensor.ts"

/**
 * Every expression that the given ones are made of, each once, inputs before what uses them. The order depends only on
 * the expressions (depth first, left to right), so numbering by it is reproducible. Iterative: graphs may be deep; shapes do not matter.
 * `inputsOf` may say otherwise what an expression is made of.
 */
export const inputsFirst = (
  roots: ReadonlyArray<Tensor>,
  inputsOf: (node: Tensor) => ReadonlyArray<Tensor> = (node) => node.inputs
): ReadonlyArray<Tensor> => {
  const done = new Set<Tensor>()
  const entered = new Set<Tensor>()
  const order: Array<Tensor> = []
  const pending: Array<Tensor> = roots.toReversed()
  for (let node = pending.at(-1); node !== undefined; node = pending.at(-1)) {
    if (done.has(node)) {
      pending.pop()
    } else if (entered.has(node)) {
      pending.pop()
      done.add(node)
      order.push(node)
    } else {
      entered.add(node)
      for (const input of inputsOf(node).toReversed()) if (!done.has(input)) pending.push(input)
    }
  }
  return order
}

/** How many times each expression is used, as an input of another or as a root, whatever its shape. */
export const useCounts = (roots: ReadonlyArray<Tensor>): ReadonlyMap<Tensor, number> => {
  const counts = new Map<Tensor, number>()
  const count = (tensor: Tensor) => counts.set(tensor, (counts.get(tensor) ?? 0) + 1)
  for (const node of inputsFirst(roots)) for (const input of node.inputs) count(input)
  for (const root of roots) count(root)
  return counts
}
