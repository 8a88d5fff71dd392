import type { Node, Tensor } from "../Tensor.ts"
import { type Graph, groupBy } from "./Graph.ts"
import { cutFrom } from "./laneOps.ts"

/** Products that can be made at once: of different left operands by one matrix, none of which needs another. */
export type Seed = ReadonlyArray<Node<"matmul">>

/**
 * Where work on lanes begins: the products `X_t W` of one matrix W that belong together and do not depend on each other, in the
 * order of the steps. They belong together if they are of one recurrence (a left operand is made from another, or what is made of one
 * meets what is made of another before it is used twice), or if their left operands are parts of one tensor. Two passes of
 * one network over different images are kept apart: joined, all activations of the first would wait for the second.
 */
export const seedsOf = (graph: Graph): ReadonlyArray<Seed> => {
  const products = graph.order.filter(isCandidate)
  const groups = groupBy(products, ({ inputs: [a, b], parameters }) =>
    [graph.numberOf(b), parameters.transposeB, ...a.shape].join()
  )
  return [...groups.values()].flatMap((group) => {
    if (group.length < 2) return []
    const layers = independent(graph, group)
    // Longer than wide: a chain through this matrix, of which there may be copies. Little is gained there, and looking takes long.
    return layers.flatMap((layer) =>
      layer.length < Math.max(2, layers.length) ? [] : families(graph, layer).filter((family) => family.length > 1)
    )
  })
}

const isCandidate = (node: Tensor): node is Node<"matmul"> =>
  node.op === "matmul" &&
  !node.parameters.transposeA &&
  node.inputs[0].shape.length === 2 &&
  node.inputs[1].shape.length === 2

/** Members by how many of the group they need one after another: those of one layer do not need each other. */
const independent = ({ inputNumbers, numberOf }: Graph, group: Seed): ReadonlyArray<Seed> => {
  const isMember = new Set(group.map(numberOf))
  const depths = new Int32Array(inputNumbers.length)
  inputNumbers.forEach((inputs, node) => {
    let depth = 0
    for (const input of inputs) depth = Math.max(depth, depths[input] ?? 0)
    depths[node] = isMember.has(node) ? depth + 1 : depth
  })
  return [...groupBy(group, (member) => depths[numberOf(member)]).values()]
}

/** The members that belong together, each family in the order of its steps. */
const families = (graph: Graph, members: Seed): ReadonlyArray<Seed> => {
  const together = new Together(members.length)
  const lefts = members.map(({ inputs: [left] }) => graph.numberOf(left))
  uniteWhatReaches(graph, lefts, lefts, together)
  const products = members.map(graph.numberOf)
  uniteWhatReaches(graph, products, meetingsOf(graph, members), together)
  const ofWhole = new Map<Tensor, number>()
  members.forEach(({ inputs: [left] }, j) => {
    const [whole] = cutFrom(left) ?? []
    if (whole === undefined) return
    together.unite(ofWhole.get(whole) ?? j, j)
    ofWhole.set(whole, ofWhole.get(whole) ?? j)
  })
  const indices = members.map((_, i) => i)
  return [...groupBy(indices, (i) => together.find(i)).values()].map((family) => inSteps(graph, members, family))
}

/** Which of several things belong together, by pairs that do. */
class Together {
  private readonly leaders: Array<number>
  constructor(count: number) {
    this.leaders = Array.from({ length: count }, (_, i) => i)
  }
  find(i: number): number {
    const leader = this.leaders[i] ?? i
    return leader === i ? i : this.find(leader)
  }
  unite(i: number, j: number): void {
    const [a, b] = [this.find(i), this.find(j)]
    this.leaders[Math.max(a, b)] = Math.min(a, b)
  }
}

/** Unites the sources that one target is made of, with that target where it is a source itself. */
const uniteWhatReaches = (
  { inputNumbers }: Graph,
  sources: ReadonlyArray<number>,
  targets: ReadonlyArray<number>,
  together: Together
): void => {
  // Nothing before the first source or behind the last target can be between the two.
  const [first, last] = [Math.min(...sources), Math.max(...targets)]
  const leads = new Set(targets)
  for (let node = last; node >= first; node--) {
    if (leads.has(node)) for (const input of inputNumbers[node] ?? []) leads.add(input)
  }
  const from = new Map(sources.map((source, i) => [source, i]))
  for (let node = first; node <= last; node++) {
    // All that reaches a node on the way to a target reaches that target.
    if (!leads.has(node)) continue
    for (const input of inputNumbers[node] ?? []) {
      const source = from.get(input)
      if (source === undefined) continue
      const known = from.get(node)
      if (known === undefined) from.set(node, source)
      else together.unite(known, source)
    }
  }
}

const several = -2

/**
 * For every product the first expression made of it that another of them goes into as well, where nothing is used twice before; the
 * product itself where there is none.
 */
const meetingsOf = (graph: Graph, members: Seed): ReadonlyArray<number> => {
  const { inputNumbers, numberOf, usersOf } = graph
  const ways = members.map((member) => wayOf(member, usersOf))
  const last = Math.max(...ways.map((way) => numberOf(way.at(-1) ?? way[0])))
  const from = new Map(members.map((member, i) => [numberOf(member), i]))
  for (let node = Math.min(...from.keys()); node <= last; node++) {
    for (const input of inputNumbers[node] ?? []) {
      const source = from.get(input)
      const known = from.get(node)
      if (source !== undefined) from.set(node, known === undefined || known === source ? source : several)
    }
  }
  return ways.map((way, i) => numberOf(way.find((node) => from.get(numberOf(node)) !== i) ?? way[0]))
}

/** A product, what alone is made of it, and so on. */
const wayOf = (product: Tensor, usersOf: Graph["usersOf"]): readonly [Tensor, ...Array<Tensor>] => {
  const way: [Tensor, ...Array<Tensor>] = [product]
  for (let users = usersOf(product); users.length === 1; users = usersOf(users[0] ?? product)) {
    const [user] = users
    if (user !== undefined) way.push(user)
  }
  return way
}

/** By how far down the left operands are, then by where they are cut from, then as they were met. */
const inSteps = ({ levelOf }: Graph, members: Seed, family: ReadonlyArray<number>): Seed => {
  const keyed = family.map((i) => {
    const member = members[i]
    const left = member?.inputs[0]
    return { member, level: left === undefined ? 0 : levelOf(left), start: cutFrom(left)?.[1] ?? 0 }
  })
  return keyed.toSorted((a, b) => a.level - b.level || a.start - b.start).flatMap(({ member }) => member ?? [])
}
