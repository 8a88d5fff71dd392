import { own } from "../record/own.ts"
import { inputsFirst } from "./order.ts"
import { isUnchanged, type NamedExpressions, type Program } from "./Program.ts"
import { type Shape, sameShape, sizeOf } from "./Shape.ts"
import type { Tensor } from "./Tensor.ts"

/**
 * Parts of the next state that are made number by number of what was there before, as an optimizer makes parameters and
 * moments: a pass over memory rather than a computation, which an engine may do in one go.
 */
export interface Update {
  /** The next values, by path in the state; all of one shape. */
  readonly next: NamedExpressions
  /** What they are made of: tensors of that shape, and single numbers. Between these and `next` all is elementwise. */
  readonly leaves: ReadonlyArray<Tensor>
}

/** Primitives whose result at a place is made of the operands' numbers at that place. */
export type ElementwiseOp = "add" | "subtract" | "multiply" | "divide" | "negate" | "sqrt"

const elementwiseOps: ReadonlySet<string> = new Set<ElementwiseOp>([
  "add",
  "subtract",
  "multiply",
  "divide",
  "negate",
  "sqrt"
])

/** Whether an operand is one number, whatever its rank. */
export const isSingle = ({ shape }: { readonly shape: Shape }): boolean => sizeOf(shape) === 1

/** Whether a node is computed place by place, from operands of its own shape and single numbers. */
const isElementwise = (node: Tensor): boolean =>
  elementwiseOps.has(node.op) && node.inputs.every((input) => sameShape(input.shape, node.shape) || isSingle(input))

/**
 * The updates within a program. Those that have a tensor in common (the moments and the parameter that one gradient moves)
 * are one, unless what one of them is made of waits for another. What is computed of single numbers alone is left out, and so
 * is a next state that does not depend on what it was.
 */
export const updatesOf = (program: Program): ReadonlyArray<Update> => {
  const roots = Object.entries(program.next).filter(([path]) => !isUnchanged(program, path))
  const candidates = roots.flatMap(([path, root]) => {
    if (isSingle(root) || !isElementwise(root) || roots.some(([other, same]) => same === root && other !== path))
      return []
    const leaves = leavesOf(root)
    const state = own(program.state, path)
    const name = state?.op === "placeholder" ? state.parameters.name : undefined
    return leaves.some((leaf) => leaf.op === "placeholder" && leaf.parameters.name === name)
      ? [{ path, root, leaves }]
      : []
  })
  const rounds = roundsOf(candidates)
  const groups: Array<{
    readonly next: NamedExpressions
    readonly leaves: ReadonlySet<Tensor>
    readonly round: number | undefined
  }> = []
  for (const { path, root, leaves } of candidates) {
    const round = rounds.get(root)
    const tensors = leaves.filter((leaf) => !isSingle(leaf))
    const joined = groups.filter((group) => group.round === round && tensors.some((leaf) => group.leaves.has(leaf)))
    const next = Object.fromEntries([...joined.flatMap((group) => Object.entries(group.next)), [path, root]])
    const all = new Set([...joined.flatMap((group) => [...group.leaves]), ...leaves])
    for (const group of joined) groups.splice(groups.indexOf(group), 1)
    groups.push({ next, leaves: all, round })
  }
  return groups.map(({ next, leaves }) => ({ next, leaves: [...leaves] }))
}

/**
 * In which round each of these roots can be made: in one after those of the roots that its leaves are computed of. Updates of
 * one round never wait for one another.
 */
const roundsOf = (
  candidates: ReadonlyArray<{ readonly root: Tensor; readonly leaves: ReadonlyArray<Tensor> }>
): ReadonlyMap<Tensor, number> => {
  const leavesOfRoot = new Map(candidates.map(({ root, leaves }) => [root, leaves]))
  const rounds = new Map<Tensor, number>()
  /** The first round before which a node can be computed. */
  const ready = new Map<Tensor, number>()
  const latest = (nodes: ReadonlyArray<Tensor>): number =>
    nodes.reduce((most, node) => Math.max(most, ready.get(node) ?? 0), 0)
  for (const node of inputsFirst(candidates.map(({ root }) => root))) {
    const leaves = leavesOfRoot.get(node)
    if (leaves !== undefined) rounds.set(node, latest(leaves))
    ready.set(node, leaves === undefined ? latest(node.inputs) : latest(leaves) + 1)
  }
  return rounds
}

/** Where an expression stops being elementwise: what it is made of, constants left out. */
const leavesOf = (root: Tensor): ReadonlyArray<Tensor> =>
  inputsFirst([root], (node) => (isInner(node, root) ? node.inputs : [])).filter(
    (node) => !isInner(node, root) && node.op !== "full"
  )

const isInner = (node: Tensor, root: Tensor): boolean => sameShape(node.shape, root.shape) && isElementwise(node)
