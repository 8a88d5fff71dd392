import { add } from "../arithmetic.ts"
import { matmul } from "../matmul.ts"
import { concatenate, sliceAxis } from "../movement.ts"
import { inputsFirst } from "../order.ts"
import { withInputs } from "../rules.ts"
import type { Node, Tensor } from "../Tensor.ts"
import { estimate } from "./estimate.ts"
import { type Graph, groupBy, type Rewritten } from "./Graph.ts"

/** A product and what is added to each of its rows, if it is added to nothing else. */
interface Term {
  readonly product: Node<"matmul">
  /** The matrices side by side that its right operand is joined of, itself if it is not. */
  readonly matrices: ReadonlyArray<Tensor>
  /** The product with its bias, and the parts of the bias that belong to the matrices. */
  readonly biased: { readonly sum: Tensor; readonly biases: ReadonlyArray<Tensor> } | undefined
}

/** The matrices that one left operand is multiplied by, with their biases where they all have one. */
interface Columns {
  readonly matrices: ReadonlyArray<Tensor>
  readonly biases: ReadonlyArray<Tensor> | undefined
}

/**
 * Products of one left operand become one product of the matrices side by side, with their biases:
 *
 *     x W_1 + b_1, x W_2 + b_2  =  the parts of  x [W_1 | W_2] + [b_1 | b_2]
 *
 * A narrow product takes an engine nearly as long as a wide one. Made once, the joined matrix serves every step of a recurrence, and
 * its gradient is summed over the steps before it is taken apart. A left operand that is multiplied by some of the matrices only
 * takes the others too, where that is less work than a matrix of its own.
 */
export const joinLeftProducts = (graph: Graph): Rewritten => {
  const terms = graph.order.filter(isCandidate).map((product) => termOf(graph, product))
  const groups = [...groupBy(terms, ({ product }) => product.inputs[0]).values()].filter((group) =>
    canBeJoined(graph, group)
  )
  const columns = groups.map((group) => columnsOf(graph, group))
  const gains = gainsOf(graph, groups, columns)
  const chosen = groups.flatMap((terms, i): ReadonlyArray<Joined> => {
    const own = columns[i]
    if (own === undefined) return []
    const taken = widest(terms, own, columns, groups)
    if (taken.matrices.length < 2 || terms.every(({ matrices }) => matrices.length === taken.matrices.length)) return []
    return taken === own && (gains.get(keyOf(graph, own)) ?? 0) <= 0 ? [] : [{ terms, columns: taken }]
  })
  const joined = joinedTogether(graph, chosen)
  return { roots: joined.length === 0 ? graph.roots : rebuilt(graph, joined), fired: joined.length }
}

/** Products of one left operand, and the columns that they are to be parts of. */
interface Joined {
  readonly terms: ReadonlyArray<Term>
  readonly columns: Columns
}

/** The groups, but for those that would wait for the products of others which wait for theirs. */
const joinedTogether = (graph: Graph, groups: ReadonlyArray<Joined>): ReadonlyArray<Joined> => {
  const kept: Array<Joined> = []
  // Halves, and halves of those: few groups wait for one another, if any do.
  const keep = (some: ReadonlyArray<Joined>): void => {
    if (some.length === 0) return
    if (isAcyclic(graph, [...kept, ...some])) {
      kept.push(...some)
    } else if (some.length > 1) {
      const half = some.length >> 1
      keep(some.slice(0, half))
      keep(some.slice(half))
    }
  }
  keep(groups)
  return kept
}

const isCandidate = (node: Tensor): node is Node<"matmul"> =>
  node.op === "matmul" &&
  !node.parameters.transposeA &&
  !node.parameters.transposeB &&
  node.inputs[0].shape.length === 2 &&
  node.inputs[1].shape.length === 2 &&
  // A literal joined is a literal, of which it cannot be seen any more what it was joined of.
  node.inputs[1].op !== "constant"

const sidesOf = (matrix: Tensor, axis: number): ReadonlyArray<Tensor> =>
  matrix.op === "concatenate" && matrix.parameters.axis === axis ? matrix.inputs : [matrix]

const termOf = (graph: Graph, product: Node<"matmul">): Term => {
  const matrices = sidesOf(product.inputs[1], 1)
  const users = graph.usersOf(product)
  const [sum] = users
  const isRoot = graph.roots.includes(product)
  if (sum?.op !== "add" || users.length > 1 || isRoot) return { product, matrices, biased: undefined }
  const bias = sum.inputs[0] === product ? sum.inputs[1] : sum.inputs[0]
  const biases = bias === product || bias.shape.length !== 1 ? [] : sidesOf(bias, 0)
  const fits = biases.length === matrices.length && biases.every(({ shape }, i) => shape[0] === matrices[i]?.shape[1])
  return { product, matrices, biased: fits ? { sum, biases } : undefined }
}

/** Whether none of the products is needed for another's matrix or bias, which are made beforehand then. */
const canBeJoined = ({ usersOf, levelOf }: Graph, group: ReadonlyArray<Term>): boolean => {
  const needed = new Set(group.flatMap(({ product, biased }) => [product.inputs[1], ...(biased?.biases ?? [])]))
  const highest = [...needed].reduce((most, node) => Math.max(most, levelOf(node)), 0)
  const seen = new Set<Tensor>()
  const pending: Array<Tensor> = group.map(({ product }) => product)
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (needed.has(node)) return false
    if (seen.has(node) || levelOf(node) >= highest) continue
    seen.add(node)
    pending.push(...usersOf(node))
  }
  return true
}

/** All matrices of a group, each once: the wide ones first, then as they come in the graph. */
const columnsOf = ({ numberOf }: Graph, group: ReadonlyArray<Term>): Columns => {
  const biasOf = new Map<Tensor, Tensor | undefined>()
  for (const { matrices, biased } of group) {
    matrices.forEach((matrix, i) => {
      const bias = biased?.biases[i]
      // One matrix with two biases, or with one and without: the biases are added afterwards.
      biasOf.set(matrix, biasOf.has(matrix) && biasOf.get(matrix) !== bias ? undefined : bias)
    })
  }
  const width = (matrix: Tensor): number => matrix.shape[1] ?? 1
  const matrices = [...biasOf.keys()].sort((a, b) => width(b) - width(a) || numberOf(a) - numberOf(b))
  const biases = matrices.flatMap((matrix) => biasOf.get(matrix) ?? [])
  return { matrices, biases: biases.length === matrices.length ? biases : undefined }
}

/** The columns of another group that hold all of this one's, where more columns are less work than a matrix of its own. */
const widest = (
  group: ReadonlyArray<Term>,
  own: Columns,
  columns: ReadonlyArray<Columns>,
  groups: ReadonlyArray<ReadonlyArray<Term>>
): Columns => {
  const [first] = group
  const ownMatrices = new Set(own.matrices)
  const others = columns.filter(
    (other, i) =>
      other.matrices.length > own.matrices.length &&
      (other.biases === undefined) === (own.biases === undefined) &&
      (groups[i]?.length ?? 0) > 1 &&
      own.matrices.every((matrix) => other.matrices.includes(matrix)) &&
      (own.biases ?? []).every((bias) => other.biases?.includes(bias))
  )
  const [wider] = others.toSorted((a, b) => b.matrices.length - a.matrices.length)
  if (wider === undefined || first === undefined || ownMatrices.size === 0) return own
  const extra = estimate(productWith(first, wider)) - estimate(productWith(first, own))
  return extra < leastSaved ? wider : own
}

/** What a joined matrix of one's own costs at least, in nanoseconds: joins of matrices and biases, and their gradients' parts. */
const leastSaved = 10_000

const productWith = ({ product }: Term, { matrices }: Columns): Tensor =>
  matmul(product.inputs[0], concatenate(matrices, 1))

const keyOf = ({ numberOf }: Graph, { matrices }: Columns): string => matrices.map(numberOf).join()

/** How much less time all products of the same columns take joined, gradients included, in nanoseconds. */
const gainsOf = (
  graph: Graph,
  groups: ReadonlyArray<ReadonlyArray<Term>>,
  columns: ReadonlyArray<Columns>
): ReadonlyMap<string, number> => {
  const gains = new Map<string, number>()
  groups.forEach((group, i) => {
    const own = columns[i]
    const [first] = group
    if (own === undefined || first === undefined) return
    const key = keyOf(graph, own)
    const known = gains.get(key) ?? -estimate(concatenate(own.matrices, 1))
    const apart = group.reduce((total, { product }) => total + estimate(product), 0)
    const whole = productWith(first, own)
    // What is cut apart anyway is cut from the whole as well.
    const isCut = ({ product, biased }: Term): boolean =>
      graph.usersOf(biased?.sum ?? product).every(({ op }) => op === "slice")
    const parts = group.reduce(
      (total, term) =>
        isCut(term)
          ? total
          : total + estimate(sliceAxis(whole, 1, 0, Math.min(term.product.shape[1] ?? 1, whole.shape[1] ?? 1))),
      0
    )
    const [left] = first.product.inputs
    // Backwards the operand's gradients are products too, which are added up unless they are one.
    const backwards = estimate(add(left, left)) * (group.length - 1) + (apart - estimate(whole))
    gains.set(key, known + apart + backwards - estimate(whole) - parts)
  })
  return gains
}

const rebuilt = (graph: Graph, groups: ReadonlyArray<Joined>): ReadonlyArray<Tensor> => {
  const parts = partsIn(groups)
  const made = new Map<Tensor, Tensor>()
  const now = (node: Tensor): Tensor => made.get(node) ?? node
  for (const node of inputsFirst(graph.roots, inputsWith(parts))) {
    const found = parts.get(node)
    made.set(
      node,
      found === undefined ? withInputs(node, node.inputs.map(now)) : partOf(node, found.term, found.columns, now)
    )
  }
  return graph.roots.map(now)
}

/** What becomes a part of a joined product: products, and their sums with a bias. */
type Parts = ReadonlyMap<Tensor, { readonly columns: Columns; readonly term: Term }>

const partsIn = (groups: ReadonlyArray<Joined>): Parts =>
  new Map(
    groups.flatMap(({ terms, columns }) =>
      terms.flatMap((term) => {
        const { product, biased } = term
        const nodes: ReadonlyArray<Tensor> =
          columns.biases === undefined || biased === undefined ? [product] : [product, biased.sum]
        return nodes.map((node) => [node, { columns, term }] as const)
      })
    )
  )

const inputsWith =
  (parts: Parts) =>
  (node: Tensor): ReadonlyArray<Tensor> => {
    const found = parts.get(node)
    return found === undefined
      ? node.inputs
      : [...node.inputs, ...found.columns.matrices, ...(found.columns.biases ?? [])]
  }

/** Whether the inputs of everything come before it, once these groups are joined. */
const isAcyclic = (graph: Graph, groups: ReadonlyArray<Joined>): boolean => {
  const inputsOf = inputsWith(partsIn(groups))
  const order = inputsFirst(graph.roots, inputsOf)
  const places = new Map(order.map((node, i) => [node, i]))
  return order.every((node, i) => inputsOf(node).every((input) => (places.get(input) ?? i) < i))
}

/** The part of the joined product that is a term's, with its bias if the node has it. */
const partOf = (node: Tensor, term: Term, columns: Columns, now: (node: Tensor) => Tensor): Tensor => {
  const [left] = term.product.inputs
  const product = matmul(now(left), concatenate(columns.matrices.map(now), 1))
  const withBias = columns.biases !== undefined && node.op === "add"
  const whole = withBias ? add(product, concatenate((columns.biases ?? []).map(now), 0)) : product
  const parts = term.matrices.map((matrix) => {
    const before = columns.matrices.slice(0, columns.matrices.indexOf(matrix))
    const start = before.reduce((total, { shape }) => total + (shape[1] ?? 1), 0)
    return sliceAxis(whole, 1, start, matrix.shape[1] ?? 1)
  })
  return concatenate(parts, 1)
}
