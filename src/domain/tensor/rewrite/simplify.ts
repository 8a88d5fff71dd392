import { inputsFirst } from "../order.ts"
import { withInputs, writtenAt } from "../rules.ts"
import type { Tensor } from "../Tensor.ts"
import { differentiableRules, nodeRules, type Simplified, simplifyBy } from "./algebra.ts"
import { foldConstants } from "./constants.ts"
import { graphOf } from "./Graph.ts"
import { graphRules } from "./graphRules.ts"

/**
 * Expressions of the same values at less cost: equal subexpressions become one, constants are folded, what cancels is
 * dropped (`nodeRules`), and the rules of `graphRules` join what can be made at once, until none of them finds anything. What no
 * root needs is gone by itself. The roots keep their order and shapes. `stopGradient` marks are removed, so differentiate first.
 */
export const simplify = (roots: ReadonlyArray<Tensor>): ReadonlyArray<Tensor> => rewrite(roots).roots

/** The same, but `stopGradient` and means over shards stay where they are: what can still be differentiated. */
export const simplifyForGradient = (roots: ReadonlyArray<Tensor>): ReadonlyArray<Tensor> =>
  rewriteBy(roots, simplifyBy(differentiableRules)).roots

/** What rewriting made of expressions, and how often each of its rules was used, by the rule's name. */
export interface Rewriting {
  readonly roots: ReadonlyArray<Tensor>
  readonly fired: ReadonlyMap<string, number>
}

/** `simplify` with a count of the rules: those of single primitives by their formula, those of graphs by their name. */
export const rewrite = (roots: ReadonlyArray<Tensor>): Rewriting => rewriteBy(roots, simplifyBy(nodeRules))

// One rule can make room for another, and each takes work away: two rounds are usual, the last of which finds nothing.
const mostRounds = 8

const rewriteBy = (roots: ReadonlyArray<Tensor>, simplifyOne: SimplifyNode): Rewriting => {
  const fired = new Map<string, number>()
  const count: CountRule = (rule, times = 1) => {
    if (times > 0) fired.set(rule, (fired.get(rule) ?? 0) + times)
  }
  let graph = graphOf(share(roots, simplifyOne, count))
  for (let round = 0; round < mostRounds; round++) {
    let found = 0
    for (const { name, apply } of graphRules) {
      const next = apply(graph)
      count(name, next.fired)
      found += next.fired
      if (next.fired > 0) graph = graphOf(share(next.roots, simplifyOne, count))
    }
    if (found === 0) break
  }
  return { roots: graph.roots, fired }
}

type SimplifyNode = (node: Tensor) => Simplified | undefined

/** Counts that a rule was used, once or several times. */
type CountRule = (rule: string, times?: number) => void

/** Simplifies node by node, inputs first, and makes equal expressions identical. */
const share = (roots: ReadonlyArray<Tensor>, simplifyOne: SimplifyNode, count: CountRule): ReadonlyArray<Tensor> => {
  const numbers = new Map<Tensor, number>()
  const byKey = new Map<string, Tensor>()
  const replaced = new Map<Tensor, Tensor>()

  const keyOf = (node: Tensor): string => {
    const inputs = node.inputs.map((input) => numbers.get(input) ?? -1)
    if (node.op === "constant") {
      const { shape, values } = node.parameters.data
      return `literal ${shape.join()} ${Array.from(values, numberKey).join()}`
    }
    if (node.op === "add" || node.op === "multiply" || node.op === "maximum") inputs.sort((a, b) => a - b)
    return `${node.op} ${inputs.join()} ${JSON.stringify(node.parameters, (_, value) => (typeof value === "number" ? numberKey(value) : value))}`
  }

  /** What replaces a node was written where the node was, if that is known. */
  const asWritten = ({ origin }: Tensor, simpler: Tensor): Tensor =>
    origin === undefined ? simpler : writtenAt(origin, (node) => numbers.has(node))(simpler)

  // `node` may be new, with inputs that are new as well: a rewriting makes a few at a time, so this is never deep.
  const canonical = (node: Tensor): Tensor => {
    if (numbers.has(node)) return node
    const current = withInputs(node, node.inputs.map(canonical))
    const folded = foldConstants(current)
    if (folded !== undefined) {
      count("fold constants")
      return canonical(asWritten(current, folded))
    }
    const simpler = simplifyOne(current)
    if (simpler !== undefined) {
      count(simpler.rule.formula)
      return canonical(asWritten(current, simpler.to))
    }
    const key = keyOf(current)
    const known = byKey.get(key)
    if (known !== undefined) {
      if (known.inputs.length > 0) count("share equal expressions")
      return known
    }
    byKey.set(key, current)
    numbers.set(current, numbers.size)
    return current
  }

  const now = (tensor: Tensor): Tensor => replaced.get(tensor) ?? tensor
  for (const node of inputsFirst(roots)) replaced.set(node, canonical(withInputs(node, node.inputs.map(now))))
  return roots.map(now)
}

// JSON writes NaN and the infinities as null, and -0 as 0.
const numberKey = (value: number): string => (Object.is(value, -0) ? "-0" : String(value))
