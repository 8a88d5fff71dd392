import type { Node, Op, Tensor } from "../Tensor.ts"

/**
 * One step towards a cheaper expression of the same value, in place of one primitive. The rules hold for all numbers, NaN and
 * infinities included (so `0 x` stays); results may differ by rounding where constants are gathered, and a zero may change its
 * sign. Inputs are simplified already, so looking one or two levels down is enough.
 */
export interface NodeRule {
  readonly op: Op
  /** What it replaces by what: its name. */
  readonly formula: string
  /** The cheaper expression, or `undefined` if the rule is not for this one. */
  readonly apply: (node: Tensor) => Tensor | undefined
}

/** A rule for the nodes of one primitive. */
export const ruleFor = <K extends Op>(
  op: K,
  formula: string,
  apply: (node: Node<K>) => Tensor | undefined
): NodeRule => ({
  op,
  formula,
  apply: (node) => (isOf(op, node) ? apply(node) : undefined)
})

const isOf = <K extends Op>(op: K, node: { readonly op: Op }): node is Node<K> => node.op === op
