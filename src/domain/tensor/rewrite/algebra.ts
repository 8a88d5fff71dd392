import type { Op, Tensor } from "../Tensor.ts"
import { arithmeticRewrites } from "./arithmeticRewrites.ts"
import { groupBy } from "./Graph.ts"
import { markRewrites, movementRewrites } from "./movementRewrites.ts"
import type { NodeRule } from "./NodeRule.ts"

/** The rules that keep what `gradient` looks at: those of one primitive are tried in this order. */
export const differentiableRules: ReadonlyArray<NodeRule> = [...arithmeticRewrites, ...movementRewrites]

/** All rules of single primitives. */
export const nodeRules: ReadonlyArray<NodeRule> = [...differentiableRules, ...markRewrites]

/** A cheaper expression, and the rule that gave it. */
export interface Simplified {
  readonly to: Tensor
  readonly rule: NodeRule
}

/** The first rule's that has something to say about a node; `undefined` if none has. */
export const simplifyBy = (rules: ReadonlyArray<NodeRule>): ((node: Tensor) => Simplified | undefined) => {
  const byOp: ReadonlyMap<Op, ReadonlyArray<NodeRule>> = groupBy(rules, ({ op }) => op)
  return (node) => {
    for (const rule of byOp.get(node.op) ?? []) {
      const to = rule.apply(node)
      if (to !== undefined) return { to, rule }
    }
    return undefined
  }
}
