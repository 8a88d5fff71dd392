import { add, addAll } from "../arithmetic.ts"
import { matmul } from "../matmul.ts"
import { concatenate, sliceAxis } from "../movement.ts"
import { withInputs } from "../rules.ts"
import { sameShape, sizeOf } from "../Shape.ts"
import type { Node, Tensor } from "../Tensor.ts"
import { type Graph, groupBy, type Rewritten } from "./Graph.ts"
import { termsOf } from "./sums.ts"

/**
 * Products within one sum that have an operand in common become one:
 *
 *     x V + x W = x (V + W)        x W + y W = (x + y) W        [x | y] [V; W] + y U = x V + y (W + U)
 *
 * and what is added to every row of such a sum, as biases are, is added up first, to what is there first of it. Sums of matrices and
 * of biases are made once for all steps of a recurrence.
 */
export const takeFactors = (graph: Graph): Rewritten => {
  const rootSet = new Set(graph.roots)
  const isInner = (node: Tensor): boolean => {
    const [user, ...others] = graph.usersOf(node)
    return (
      node.op === "add" &&
      node.shape.length === 2 &&
      !rootSet.has(node) &&
      user?.op === "add" &&
      others.length === 0 &&
      user.inputs[0] !== user.inputs[1]
    )
  }
  const made = new Map<Tensor, Tensor>()
  const now = (node: Tensor): Tensor => made.get(node) ?? node
  let fired = 0
  for (const node of graph.order) {
    const sum = node.op === "add" && !isInner(node) ? factored(graph, node, termsOf(node, isInner)) : undefined
    if (sum === undefined) {
      made.set(node, withInputs(node, node.inputs.map(now)))
    } else {
      fired += 1
      made.set(node, sum(now))
    }
  }
  return { roots: fired === 0 ? graph.roots : graph.roots.map(now), fired }
}

/** Parts of a sum, which are made of the graph's expressions when they are asked for by what those have become. */
interface Product {
  readonly left: Tensor
  readonly rights: ReadonlyArray<Right>
  readonly level: number
}

/** A matrix, or some of its rows. */
interface Right {
  readonly matrix: Tensor
  readonly rows: readonly [start: number, size: number] | undefined
}

/** The sum with its factors taken out, as a function of what its parts have become; `undefined` if there are none. */
const factored = (
  graph: Graph,
  node: Tensor,
  terms: ReadonlyArray<Tensor>
): ((now: (part: Tensor) => Tensor) => Tensor) | undefined => {
  const rank = node.shape.length
  if (rank !== 2 || terms.length < 2) return undefined
  const products = terms.filter((term) => isProduct(term, graph))
  const small = terms.filter((term) => term.shape.length < 2)
  const others = terms.filter((term) => !products.some((product) => product === term) && term.shape.length >= 2)
  const pieces = products.flatMap((product) => piecesOf(product, products, graph))
  const byLeft = [...groupBy(pieces, ({ left }) => left).values()].map(joined)
  const byRight = [...groupBy(byLeft, (product) => rightKey(graph, product)).values()]
  const isFactored = byLeft.length < pieces.length || byRight.some((group) => group.length > 1 && sameRows(group))
  if (!isFactored) return undefined
  return (now) => {
    const made = byRight.flatMap((group) => {
      const [first] = group
      if (first === undefined) return []
      const level = Math.min(...group.map(({ level }) => level))
      const make = (left: Tensor, { rights }: Product): Tensor =>
        matmul(left, addAll(rights.map((right) => rowsOf(right, now))))
      return group.length > 1 && sameRows(group)
        ? [{ tensor: make(addAll(group.map(({ left }) => now(left))), first), level }]
        : group.map((product) => ({ tensor: make(now(product.left), product), level: product.level }))
    })
    const all = [...made, ...others.map((term) => ({ tensor: now(term), level: graph.levelOf(term) }))]
    const bySize = all.toSorted((a, b) => sizeOf(a.tensor.shape) - sizeOf(b.tensor.shape) || a.level - b.level)
    const constants = small.map(now)
    const tensors = bySize.map(({ tensor }) => tensor)
    const [earliest, ...later] = tensors
    const start =
      earliest === undefined ? addAll(constants) : constants.length === 0 ? earliest : add(earliest, addAll(constants))
    return later.reduce((total, term) => add(term, total), start)
  }
}

const isProduct = (term: Tensor, graph: Graph): term is Node<"matmul"> =>
  term.op === "matmul" &&
  !term.parameters.transposeA &&
  !term.parameters.transposeB &&
  term.inputs[0].shape.length === 2 &&
  term.inputs[1].shape.length === 2 &&
  graph.usersOf(term).length === 1 &&
  !graph.roots.includes(term)

/** A product, or the products that it is a sum of, where one of them has its left operand in common with another term. */
const piecesOf = (
  product: Node<"matmul">,
  products: ReadonlyArray<Node<"matmul">>,
  { levelOf }: Graph
): ReadonlyArray<Product> => {
  const [left, matrix] = product.inputs
  const whole = [{ left, rights: [{ matrix, rows: undefined }], level: levelOf(left) + 1 }]
  if (left.op !== "concatenate" || left.parameters.axis !== 1) return whole
  const lefts = new Set(products.map(({ inputs }) => inputs[0]))
  const parts = left.inputs.map((part) => {
    // Rows that are all the same are multiplied once.
    const slim = part.op === "broadcast" && part.inputs[0].shape.length === 2 ? part.inputs[0] : part
    return lefts.has(part) ? part : lefts.has(slim) ? slim : undefined
  })
  if (parts.every((part) => part === undefined)) return whole
  // What has nothing in common stays joined.
  const runs: Array<{ inputs: Array<Tensor>; left: Tensor | undefined; start: number; size: number }> = []
  let start = 0
  left.inputs.forEach((input, i) => {
    const size = input.shape[1] ?? 1
    const last = runs.at(-1)
    if (last !== undefined && last.left === undefined && parts[i] === undefined) {
      last.inputs.push(input)
      last.size += size
    } else {
      runs.push({ inputs: [input], left: parts[i], start, size })
    }
    start += size
  })
  return runs.map((run) => {
    const [only = left, ...more] = run.inputs
    const part = run.left ?? (more.length === 0 ? only : concatenate(run.inputs, 1))
    return { left: part, rights: [{ matrix, rows: [run.start, run.size] }], level: levelOf(run.left ?? only) + 1 }
  })
}

const joined = (group: ReadonlyArray<Product>): Product => ({
  left: group[0]?.left ?? concatenate([], 0),
  rights: group.flatMap(({ rights }) => rights),
  level: Math.min(...group.map(({ level }) => level))
})

/** Equal for products of the same rows of the same matrices. */
const rightKey = ({ numberOf }: Graph, { rights }: Product): string =>
  rights.map(({ matrix, rows }) => `${numberOf(matrix)}:${rows?.join("+") ?? "all"}`).join()

const sameRows = (group: ReadonlyArray<Product>): boolean =>
  group.every(({ left }) => sameShape(left.shape, group[0]?.left.shape ?? []))

const rowsOf = ({ matrix, rows }: Right, now: (node: Tensor) => Tensor): Tensor =>
  rows === undefined ? now(matrix) : sliceAxis(now(matrix), 0, ...rows)
