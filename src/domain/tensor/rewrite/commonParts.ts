import { add } from "../arithmetic.ts"
import { matmul } from "../matmul.ts"
import { concatenate, sliceAxis } from "../movement.ts"
import { withInputs } from "../rules.ts"
import type { Node, Tensor } from "../Tensor.ts"
import { estimate } from "./estimate.ts"
import { type Graph, groupBy, type Rewritten } from "./Graph.ts"

/**
 * What several products of one matrix have in common is multiplied once:
 *
 *     [x | y_t] W + b  =  y_t W_y + (x W_x + b),   W = [W_x; W_y]
 *
 * so that what a recurrence is given unchanged at every step, such as an image, is not projected at every step.
 */
export const hoistCommonParts = (graph: Graph): Rewritten => {
  const groups = groupBy(graph.order.filter(isCandidate), ({ inputs: [, matrix] }) => matrix)
  const shared = new Map<Tensor, number>()
  for (const [, group] of groups) {
    const width = commonWidth(group)
    if (width > 0 && pays(group, width)) for (const product of group) shared.set(product, width)
  }
  if (shared.size === 0) return { roots: graph.roots, fired: 0 }
  const made = new Map<Tensor, Tensor>()
  const now = (node: Tensor): Tensor => made.get(node) ?? node
  for (const node of graph.order) {
    const biased = node.op === "add" ? biasedProduct(graph, node, shared) : undefined
    const product = biased?.product ?? node
    const width = shared.get(product)
    made.set(
      node,
      width === undefined || product.op !== "matmul"
        ? withInputs(node, node.inputs.map(now))
        : apart(product, width, biased?.bias, now)
    )
  }
  return { roots: graph.roots.map(now), fired: shared.size }
}

type Join = Node<"matmul"> & { readonly inputs: readonly [Node<"concatenate">, Tensor] }

const isCandidate = (node: Tensor): node is Join =>
  node.op === "matmul" &&
  !node.parameters.transposeA &&
  !node.parameters.transposeB &&
  node.inputs[0].op === "concatenate" &&
  node.inputs[0].parameters.axis === 1 &&
  node.inputs[0].shape.length === 2 &&
  node.inputs[1].shape.length === 2

/** How many columns at the beginning the left operands of all products have in common; some must be left. */
const commonWidth = (group: ReadonlyArray<Join>): number => {
  const [first, ...others] = group.map(({ inputs: [left] }) => left.inputs)
  if (first === undefined || others.length === 0) return 0
  const differs = first.findIndex((part, i) => others.some((parts) => parts[i] !== part))
  return first
    .slice(0, differs === -1 ? first.length - 1 : differs)
    .reduce((total, { shape }) => total + (shape[1] ?? 1), 0)
}

/** Whether multiplying the common columns once saves more than adding their product to all others costs. */
const pays = (group: ReadonlyArray<Join>, width: number): boolean => {
  const [first] = group
  if (first === undefined) return false
  const [left, matrix] = first.inputs
  const product = matmul(sliceAxis(left, 1, 0, width), sliceAxis(matrix, 0, 0, width))
  const saved = (group.length - 1) * estimate(product)
  return saved > estimate(sliceAxis(matrix, 0, 0, width)) + group.length * estimate(add(product, product))
}

/** A product of the chosen ones with what is added to its rows, where it is used for nothing else. */
const biasedProduct = (
  graph: Graph,
  node: Node<"add">,
  shared: ReadonlyMap<Tensor, number>
): { readonly product: Tensor; readonly bias: Tensor } | undefined => {
  const [a, b] = node.inputs
  const [product, bias] = shared.has(a) ? [a, b] : [b, a]
  return shared.has(product) && bias.shape.length === 1 && graph.usersOf(product).length === 1
    ? { product, bias }
    : undefined
}

const apart = (
  product: Node<"matmul">,
  width: number,
  bias: Tensor | undefined,
  now: (node: Tensor) => Tensor
): Tensor => {
  const [left, matrix] = product.inputs
  const parts = left.op === "concatenate" ? left.inputs : [left]
  const widthUpTo = (i: number): number => parts.slice(0, i).reduce((total, { shape }) => total + (shape[1] ?? 1), 0)
  const split = parts.findIndex((_, i) => widthUpTo(i + 1) > width)
  const join = (tensors: ReadonlyArray<Tensor>): Tensor => concatenate(tensors.map(now), 1)
  const rows = matrix.shape[0] ?? 1
  const common = matmul(join(parts.slice(0, split)), sliceAxis(now(matrix), 0, 0, width))
  const others = matmul(join(parts.slice(split)), sliceAxis(now(matrix), 0, width, rows - width))
  return add(others, bias === undefined ? common : add(common, now(bias)))
}
