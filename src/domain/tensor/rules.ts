import { arithmeticRules } from "./arithmetic.ts"
import { broadcastRules } from "./broadcast.ts"
import { comparisonRules } from "./comparison.ts"
import { convolutionRules } from "./convolution.ts"
import { elementwiseRules } from "./elementwise.ts"
import { matmulRules } from "./matmul.ts"
import { movementRules } from "./movement.ts"
import { inputsFirst } from "./order.ts"
import type { Origin } from "./origin.ts"
import { shardRules } from "./pmean.ts"
import { build, type Rules } from "./Rule.ts"
import { reductionRules } from "./reduction.ts"
import { sourceRules } from "./source.ts"
import type { Node, Op, Primitives, Tensor } from "./Tensor.ts"

/** Every primitive's rule; a primitive without one does not compile. */
const rules: Rules<Op> = {
  ...sourceRules,
  ...movementRules,
  ...broadcastRules,
  ...arithmeticRules,
  ...comparisonRules,
  ...elementwiseRules,
  ...reductionRules,
  ...matmulRules,
  ...convolutionRules,
  ...shardRules
}

/** The names of all primitives. */
export const primitiveNames: ReadonlyArray<string> = Object.keys(rules)

/** The cotangents of a node's inputs, by its primitive's rule. */
export const inputCotangents = <K extends Op>(node: Node<K>, cotangent: Tensor): ReadonlyArray<Tensor | undefined> =>
  rules[node.op].gradient(node, cotangent)

/**
 * The node with other inputs, its shape derived and checked anew; the node itself if they are the same.
 * Every rewriting goes through here, so one that breaks shapes throws a `ShapeError`.
 */
export const withInputs = (node: Tensor, inputs: ReadonlyArray<Tensor>): Tensor =>
  inputs.every((input, i) => input === node.inputs[i]) ? node : rebuild(node, inputs)

const rebuild = <K extends Op>(node: Node<K>, inputs: Primitives[K]["inputs"]): Tensor =>
  // A node of some primitive is a tensor, which the compiler does not see while K is open.
  build(rules[node.op], node.op, node.parameters, inputs, node.origin) as Tensor

/** The roots with some of the nodes in `order` replaced. */
export const replaced = (
  roots: ReadonlyArray<Tensor>,
  order: ReadonlyArray<Tensor>,
  by: (node: Tensor) => Tensor | undefined
): ReadonlyArray<Tensor> => {
  const made = new Map<Tensor, Tensor>()
  const now = (node: Tensor): Tensor => made.get(node) ?? node
  for (const node of order) made.set(node, by(node) ?? withInputs(node, node.inputs.map(now)))
  return roots.map(now)
}

/** Gives another origin to whatever is new in expressions: to all that they are made of, up to what `isKnown`. */
export const writtenAt = (origin: Origin, isKnown: (node: Tensor) => boolean): ((root: Tensor) => Tensor) => {
  const made = new Map<Tensor, Tensor>()
  const now = (node: Tensor): Tensor => made.get(node) ?? node
  return (root) => {
    for (const node of inputsFirst([root], (node) => (isKnown(node) || made.has(node) ? [] : node.inputs))) {
      if (!isKnown(node) && !made.has(node)) made.set(node, { ...withInputs(node, node.inputs.map(now)), origin })
    }
    return now(root)
  }
}
