import { inputsFirst } from "./order.ts"
import { sizeOf } from "./Shape.ts"
import type { Node, Op, Tensor } from "./Tensor.ts"

/** What some nodes cost: how many they are, and their floating-point operations. */
export interface Cost {
  readonly nodes: number
  readonly flop: number
}

/** What one step of a program costs, in all and by primitive. Sources (placeholders, noise, constants) are not counted. */
export interface ProgramCost extends Cost {
  /** Of the primitives that occur, those with the most operations first. */
  readonly byPrimitive: ReadonlyArray<Cost & { readonly primitive: Op }>
}

type Flop<K extends Op> = (node: Node<K>) => number

const none = (): number => 0
const onePerElement = (node: Tensor): number => sizeOf(node.shape)
/** n numbers are reduced to one by n - 1 operations. */
const reduction = (node: Node<"sum"> | Node<"max">): number => sizeOf(node.inputs[0].shape) - sizeOf(node.shape)

/**
 * Floating-point operations by primitive. A function of one number, such as `exp`, counts as one operation whatever it
 * takes, and moving numbers counts as none; so the total says how large a program is, not how long it takes.
 */
const flop: { readonly [K in Op]: Flop<K> } = {
  full: none,
  constant: none,
  placeholder: none,
  noise: none,
  reshape: none,
  transpose: none,
  slice: none,
  pad: none,
  concatenate: none,
  broadcast: none,
  sum: reduction,
  add: onePerElement,
  subtract: onePerElement,
  multiply: onePerElement,
  divide: onePerElement,
  negate: onePerElement,
  greater: onePerElement,
  where: onePerElement,
  maximum: onePerElement,
  // held from below, and from above
  clamp: (node) => 2 * sizeOf(node.shape),
  exp: onePerElement,
  log: onePerElement,
  sqrt: onePerElement,
  sin: onePerElement,
  cos: onePerElement,
  tanh: onePerElement,
  sigmoid: onePerElement,
  softplus: onePerElement,
  relu: onePerElement,
  stopGradient: none,
  // of numbers that other shards make: not this program's
  pmean: none,
  max: reduction,
  // greatest (k - 1), difference (k), exponential (k), sum (k - 1), quotient (k) of each row of k
  softmax: ({ shape }) => 5 * sizeOf(shape) - 2 * sizeOf(shape.slice(0, -1)),
  // one multiplication and one addition for each of the k terms of an element, as is customary
  matmul: ({ shape, inputs, parameters }) =>
    2 * sizeOf(shape) * (inputs[0].shape.at(parameters.transposeA ? -2 : -1) ?? 1),
  // likewise, for each entry of the kernel that belongs to an entry of y, padding included
  conv2d: ({ shape, inputs }) => 2 * sizeOf(shape) * sizeOf(inputs[1].shape.slice(1)),
  convTranspose2d: ({ inputs }) => 2 * sizeOf(inputs[0].shape) * sizeOf(inputs[1].shape.slice(1))
}

/** Floating-point operations of one primitive. */
export const flopOf = <K extends Op>(node: Node<K>): number => flop[node.op](node)

/**
 * Bytes of float32 numbers that a primitive reads and writes. Another view of the same numbers moves none, and what a placeholder or
 * a constant holds is counted where it is read.
 */
export const bytesMoved = (node: Tensor): number =>
  isSource(node) || isView(node) ? 0 : [node, ...node.inputs].reduce((total, { shape }) => total + 4 * sizeOf(shape), 0)

/** Whether a node's numbers are those of its input, in the same order. */
export const isView = ({ op }: Tensor): boolean => op === "reshape" || op === "stopGradient" || op === "pmean"

/** The cost of computing expressions, each subexpression once. */
export const costOf = (roots: ReadonlyArray<Tensor>): ProgramCost => {
  const byPrimitive = new Map<Op, Cost>()
  for (const node of inputsFirst(roots)) {
    if (isSource(node)) continue
    const { nodes, flop } = byPrimitive.get(node.op) ?? { nodes: 0, flop: 0 }
    byPrimitive.set(node.op, { nodes: nodes + 1, flop: flop + flopOf(node) })
  }
  const costs = [...byPrimitive].map(([primitive, cost]) => ({ primitive, ...cost }))
  return {
    nodes: costs.reduce((total, { nodes }) => total + nodes, 0),
    flop: costs.reduce((total, { flop }) => total + flop, 0),
    byPrimitive: costs.toSorted((a, b) => b.flop - a.flop || b.nodes - a.nodes)
  }
}

/** The cost of one step of a program: its next state and its outputs. */
export const programCost = ({
  next,
  outputs
}: {
  readonly next: Readonly<Record<string, Tensor>>
  readonly outputs: Readonly<Record<string, Tensor>>
}): ProgramCost => costOf([...Object.values(next), ...Object.values(outputs)])

/** Whether a node computes nothing. */
export const isSource = ({ op }: Tensor): boolean =>
  op === "full" || op === "constant" || op === "placeholder" || op === "noise"
