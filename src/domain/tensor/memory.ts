import { isSource, isView } from "./cost.ts"
import { inputsFirst } from "./order.ts"
import { isUnchanged, type Program } from "./Program.ts"
import { sameShape, sizeOf } from "./Shape.ts"
import type { Op, Tensor } from "./Tensor.ts"
import { updatesOf } from "./updates.ts"

/** The memory that one step of a program needs, in bytes of float32 numbers: of one shard, where it has several. */
export interface MemoryPlan {
  readonly state: number
  /** What of the next state is another than before: it is made beside the state, which is there until the step has succeeded. */
  readonly next: number
  readonly inputs: number
  /** Noise and constants. */
  readonly sources: number
  /** The most that results have at a time. */
  readonly peak: number
  /** The results that are held then, the largest first. */
  readonly held: ReadonlyArray<Tensor>
}

/** All that a plan comes to, in bytes, on shards that have their state in common: a lower bound of what an engine takes. */
export const totalBytes = ({ state, next, inputs, sources, peak }: MemoryPlan, shards = 1): number =>
  state + next + shards * (inputs + sources + peak)

const bytesOf = ({ shape }: Tensor): number => 4 * sizeOf(shape)
const sumOfBytes = (tensors: Iterable<Tensor>): number => {
  let total = 0
  for (const tensor of tensors) total += bytesOf(tensor)
  return total
}

/**
 * The memory that a step needs by the live ranges of its results, in the order in which engines compute them: a result is
 * there from where it is made to where it is last used, and outputs stay. Other views of a result take none, an elementwise
 * result takes the place of an operand that nothing else needs, and updates of the state (`updatesOf`) are made in the next
 * state's own memory.
 */
export const planMemory = (program: Program): MemoryPlan => {
  const changed = Object.entries(program.next).flatMap(([path, root]) => (isUnchanged(program, path) ? [] : [root]))
  const updated = new Map(
    updatesOf(program).flatMap(({ next, leaves }) => Object.values(next).map((root) => [root, leaves] as const))
  )
  const roots = [...changed, ...Object.values(program.outputs)]
  const inputsOf = (node: Tensor): ReadonlyArray<Tensor> => updated.get(node) ?? node.inputs
  const order = inputsFirst(roots, inputsOf)
  const ownerOf = owners(order)
  const lastUses = lastUsesOf(order, roots, inputsOf, ownerOf)
  const isResult = (node: Tensor) => ownerOf(node) === node && !isSource(node) && !updated.has(node)

  /** The results that are there when the node `until` of the order has been computed, and the most bytes before that, and when. */
  const heldAfter = (until: number) => {
    const held = new Set<Tensor>()
    let [now, peak, fullest] = [0, 0, 0]
    for (const [i, node] of order.entries()) {
      const dying = new Set(
        inputsOf(node)
          .map(ownerOf)
          .filter((owner) => held.has(owner) && lastUses.get(owner) === i)
      )
      if (isResult(node)) {
        const replaced = inPlace.has(node.op) ? [...dying].find(({ shape }) => sameShape(shape, node.shape)) : undefined
        if (replaced === undefined) now += bytesOf(node)
        else dying.delete(replaced)
        if (replaced !== undefined) held.delete(replaced)
        held.add(node)
      }
      if (now > peak) [peak, fullest] = [now, i]
      if (i === until) break
      for (const owner of dying) {
        held.delete(owner)
        now -= bytesOf(owner)
      }
    }
    return { held, peak, fullest }
  }

  const { peak, fullest } = heldAfter(order.length)
  return {
    state: sumOfBytes(Object.values(program.state)),
    next: sumOfBytes(changed.filter((root) => updated.has(root))),
    inputs: sumOfBytes(Object.values(program.inputs)),
    sources: sumOfBytes(order.filter((node) => isSource(node) && node.op !== "placeholder")),
    peak,
    held: [...heldAfter(fullest).held].toSorted((a, b) => bytesOf(b) - bytesOf(a))
  }
}

/** Primitives whose result at a place is made of operands' numbers at that place. */
const inPlace: ReadonlySet<Op> = new Set<Op>([
  ...(["add", "subtract", "multiply", "divide", "negate", "greater", "where", "maximum", "clamp"] as const),
  ...(["exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "softplus", "relu"] as const)
])

/** Whose memory an expression's numbers lie in: its own, or that of what it is a view of. */
const owners = (order: ReadonlyArray<Tensor>): ((node: Tensor) => Tensor) => {
  const owner = new Map<Tensor, Tensor>()
  const ownerOf = (node: Tensor): Tensor => owner.get(node) ?? node
  for (const node of order) {
    const [viewed] = node.inputs
    if (isView(node) && viewed !== undefined) owner.set(node, ownerOf(viewed))
  }
  return ownerOf
}

/** At which node of the order each memory is used for the last time; none for what is kept to the end. */
const lastUsesOf = (
  order: ReadonlyArray<Tensor>,
  roots: ReadonlyArray<Tensor>,
  inputsOf: (node: Tensor) => ReadonlyArray<Tensor>,
  ownerOf: (node: Tensor) => Tensor
): ReadonlyMap<Tensor, number> => {
  const lastUses = new Map<Tensor, number>()
  order.forEach((node, i) => {
    for (const input of inputsOf(node)) lastUses.set(ownerOf(input), i)
  })
  for (const root of roots) lastUses.delete(ownerOf(root))
  return lastUses
}
