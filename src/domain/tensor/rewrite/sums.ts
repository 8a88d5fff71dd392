import { addAll } from "../arithmetic.ts"
import { sum } from "../broadcast.ts"
import { matmul } from "../matmul.ts"
import { concatenate, pad, reshape } from "../movement.ts"
import { useCounts } from "../order.ts"
import { withInputs } from "../rules.ts"
import { sameShape } from "../Shape.ts"
import { zeros } from "../source.ts"
import type { Node, Tensor } from "../Tensor.ts"
import { type Graph, groupBy, type Rewritten } from "./Graph.ts"

/**
 * Joins the terms of long sums. The gradient of a weight shared by T steps is a sum of T products; joined, it is one:
 *
 *     X1^T G1 + .. + XT^T GT = [X1; ..; XT]^T [G1; ..; GT]    and a bias's:  sum G1 + .. + sum GT = sum [G1; ..; GT]
 *
 * The same holds of the products of a batch: the gradient of an image read T times is one product. And the gradient of a
 * tensor that was cut into parts, a sum of zero-padded pieces, is the pieces joined. `fired` says in how many sums.
 */
export const mergeSums = (graph: Graph): Rewritten => {
  const uses = useCounts(graph.roots)
  const { order } = graph
  const inner = new Set(order.flatMap((node) => (node.op === "add" ? innerSums(node, uses) : [])))
  const replaced = new Map<Tensor, Tensor>()
  const now = (tensor: Tensor): Tensor => replaced.get(tensor) ?? tensor
  let fired = 0
  for (const node of order) {
    const terms = node.op === "add" && !inner.has(node) ? termsOf(node, (term) => inner.has(term)) : []
    const merged = mergeTerms(terms, uses, graph, now)
    if (merged.length < terms.length) fired += 1
    replaced.set(node, merged.length < terms.length ? addAll(merged) : withInputs(node, node.inputs.map(now)))
  }
  return { roots: fired === 0 ? graph.roots : graph.roots.map(now), fired }
}

/** Operands of a sum that are sums themselves and used nowhere else. */
const innerSums = (node: Node<"add">, uses: ReadonlyMap<Tensor, number>): ReadonlyArray<Tensor> =>
  node.inputs.filter((input) => input.op === "add" && uses.get(input) === 1 && sameShape(input.shape, node.shape))

/** The terms of a sum from left to right. Iterative: sums may have thousands of them. */
export const termsOf = (node: Tensor, isInner: (node: Tensor) => boolean): ReadonlyArray<Tensor> => {
  const terms: Array<Tensor> = []
  const pending: Array<Tensor> = node.inputs.toReversed()
  for (let term = pending.pop(); term !== undefined; term = pending.pop()) {
    if (isInner(term)) pending.push(...term.inputs.toReversed())
    else terms.push(term)
  }
  return terms
}

const mergeTerms = (
  terms: ReadonlyArray<Tensor>,
  uses: ReadonlyMap<Tensor, number>,
  graph: Graph,
  now: (tensor: Tensor) => Tensor
): ReadonlyArray<Tensor> => {
  const products: Array<Node<"matmul">> = []
  const sums: Array<Tensor> = []
  const pieces: Array<Node<"pad">> = []
  const others: Array<Tensor> = []
  for (const term of terms) {
    if (isOneRow(term, graph)) sums.push(term)
    else if (uses.get(term) !== 1) others.push(term)
    else if (isWeightGradient(term)) products.push(term)
    else if (isBatchSum(term)) sums.push(term)
    else if (term.op === "pad") pieces.push(term)
    else others.push(term)
  }
  return [
    ...others.map(now),
    ...grouped(products, batchesOf).map((group) => joinProducts(group, graph.levelOf, now)),
    ...grouped(sums, (node) => JSON.stringify(node.shape)).flatMap((group) => joinSums(group, graph, now)),
    ...grouped(pieces, (node) => JSON.stringify(node.shape)).flatMap(
      (group) => joinPieces(group, now) ?? group.map(now)
    )
  ]
}

const isWeightGradient = (term: Tensor): term is Node<"matmul"> =>
  term.op === "matmul" && term.parameters.transposeA && !term.parameters.transposeB

/** Whether a term is the gradient of what all samples have in common: one row, where others are sums of rows. */
const isOneRow = (term: Tensor, { usersOf }: Graph): boolean => {
  const shape = [1, ...term.shape]
  if (term.op === "reshape") return sameShape(term.inputs[0].shape, shape)
  return isBatchSum(term) && usersOf(term).some((user) => user.op === "reshape" && sameShape(user.shape, shape))
}

const isBatchSum = (term: Tensor): term is Node<"sum"> =>
  term.op === "sum" && !term.parameters.keepAxes && term.parameters.axes.join() === "0"

/** Products can be joined whose results have one shape and whose operands have the same batches. */
const batchesOf = ({ shape, inputs: [a, b] }: Node<"matmul">): string =>
  JSON.stringify([shape, a.shape.slice(0, -2), b.shape.slice(0, -2)])

// In the order of the steps, whatever the order of the sum: reverse-mode differentiation meets the last step first. The parts of
// different weights are the same expressions then, and are joined once. Of a step's operands the earlier one tells when it was.
const joinProducts = (
  group: ReadonlyArray<Node<"matmul">>,
  levelOf: (tensor: Tensor) => number,
  now: (tensor: Tensor) => Tensor
): Tensor => {
  const step = ({ inputs: [a, b] }: Node<"matmul">): number => Math.min(levelOf(a), levelOf(b))
  const steps = group.toReversed().sort((a, b) => step(a) - step(b))
  return steps.length === 1
    ? now(group[0] ?? zeros([]))
    : matmul(
        concatenate(
          steps.map((node) => now(node.inputs[0])),
          -2
        ),
        concatenate(
          steps.map((node) => now(node.inputs[1])),
          -2
        ),
        { transposeA: true }
      )
}

// One row more costs nothing where rows are joined anyway, and leaves the rows that a weight's gradient joins as well.
const joinSums = (
  group: ReadonlyArray<Tensor>,
  graph: Graph,
  now: (tensor: Tensor) => Tensor
): ReadonlyArray<Tensor> => {
  const parts = group.map((term) =>
    isBatchSum(term) && !isOneRow(term, graph) ? now(term.inputs[0]) : reshape(now(term), [1, ...term.shape])
  )
  const long = parts.filter(({ shape }) => shape[0] !== 1)
  return long.length < 2 ? group.map(now) : [sum(concatenate(parts.toReversed(), 0), [0])]
}

/** Pieces of one shape, padded along the same axis without overlap, as one tensor; `undefined` if they are not such. */
const joinPieces = (
  pieces: ReadonlyArray<Node<"pad">>,
  now: (tensor: Tensor) => Tensor
): ReadonlyArray<Tensor> | undefined => {
  const [first] = pieces
  if (first === undefined || pieces.length < 2) return undefined
  const axes = new Set(pieces.flatMap(paddedAxes))
  const [axis] = axes
  if (axes.size > 1) return joinStrips(pieces, [...axes], now)
  if (axis === undefined) return undefined
  const startOf = (piece: Node<"pad">): number => piece.parameters.before[axis] ?? 0
  const gap = (size: number): ReadonlyArray<Tensor> => (size === 0 ? [] : [zeros(first.shape.with(axis, size))])
  const parts: Array<Tensor> = []
  let end = 0
  for (const piece of pieces.toSorted((a, b) => startOf(a) - startOf(b))) {
    if (startOf(piece) < end) return undefined
    parts.push(...gap(startOf(piece) - end), now(piece.inputs[0]))
    end = startOf(piece) + (piece.inputs[0].shape[axis] ?? 0)
  }
  return [concatenate([...parts, ...gap((first.shape[axis] ?? 0) - end)], axis)]
}

/** Pieces padded along several axes: those that follow one another along one of them, without gaps, as one piece each. */
const joinStrips = (
  pieces: ReadonlyArray<Node<"pad">>,
  axes: ReadonlyArray<number>,
  now: (tensor: Tensor) => Tensor
): ReadonlyArray<Tensor> | undefined => {
  const joinedAlong = (axis: number): ReadonlyArray<Tensor> => {
    const place = ({ parameters: { before, after } }: Node<"pad">): string =>
      JSON.stringify([before.toSpliced(axis, 1), after.toSpliced(axis, 1)])
    return grouped(pieces, place).flatMap((strip) => {
      const sorted = strip.toSorted((a, b) => (a.parameters.before[axis] ?? 0) - (b.parameters.before[axis] ?? 0))
      const [first] = sorted
      const last = sorted.at(-1)
      const follow = sorted.every((piece, i) => i === 0 || piece.parameters.before[axis] === endOf(sorted[i - 1], axis))
      if (first === undefined || last === undefined || sorted.length < 2 || !follow) return strip.map(now)
      const joined = concatenate(
        sorted.map((piece) => now(piece.inputs[0])),
        axis
      )
      const after = first.parameters.after.with(axis, last.parameters.after[axis] ?? 0)
      return [pad(joined, first.parameters.before, after)]
    })
  }
  const [fewest] = axes.map(joinedAlong).toSorted((a, b) => a.length - b.length)
  return fewest !== undefined && fewest.length < pieces.length ? fewest : undefined
}

const endOf = (piece: Node<"pad"> | undefined, axis: number): number =>
  (piece?.parameters.before[axis] ?? 0) + (piece?.inputs[0].shape[axis] ?? 0)

const paddedAxes = (piece: Node<"pad">): ReadonlyArray<number> =>
  piece.shape.flatMap((size: number, axis: number) => (size !== piece.inputs[0].shape[axis] ? [axis] : []))

const grouped = <A>(items: ReadonlyArray<A>, key: (item: A) => string): ReadonlyArray<ReadonlyArray<A>> => [
  ...groupBy(items, key).values()
]
