import type { Program } from "../program/Program.ts"
import { bytesMoved, costOf, flopOf, isSource } from "../tensor/cost.ts"
import { type MemoryPlan, planMemory } from "../tensor/memory.ts"
import { inputsFirst } from "../tensor/order.ts"
import { type Call, libraryPath, type Part, parts } from "../tensor/origin.ts"
import type { Program as Graph } from "../tensor/Program.ts"
import { printPrimitives, signatureOf } from "../tensor/print.ts"
import { rewrite } from "../tensor/rewrite/simplify.ts"
import { sizeOf } from "../tensor/Shape.ts"
import type { Op, Tensor } from "../tensor/Tensor.ts"
import { mapRecord } from "../tensor/Tree.ts"
import { updatesOf } from "../tensor/updates.ts"

/** What some primitives cost. Bytes are those of float32 numbers that they read and write (`bytesMoved`). */
export interface PrimitivesCost {
  readonly primitives: number
  readonly flop: number
  readonly bytes: number
}

/** One primitive of a program after rewriting. */
export interface ExplainedPrimitive {
  /** As in the printed program: `%12 = matmul(%3, w) : [100, 7]`. */
  readonly text: string
  /** What it takes and makes, without names: the same for all that cost the same. */
  readonly signature: string
  readonly primitive: Op
  readonly part: Part
  /** The lines that wrote it, from the program's step inwards; none where it is made of parameters or random numbers alone. */
  readonly calls: ReadonlyArray<Call>
  readonly flop: number
  readonly bytes: number
}

/** What one step of a program costs, and where that comes from. Data only. */
export interface Explanation {
  readonly name: string
  readonly batchSize: number | undefined
  /** Numbers in the state. */
  readonly stateSize: number
  readonly written: { readonly primitives: number; readonly flop: number }
  readonly rewritten: PrimitivesCost
  /** How often each rule of rewriting was used, the most used first. */
  readonly rules: ReadonlyArray<{ readonly rule: string; readonly fired: number }>
  readonly parts: ReadonlyArray<PrimitivesCost & { readonly part: Part }>
  /** By kind, those that move most first. */
  readonly kinds: ReadonlyArray<PrimitivesCost & { readonly primitive: Op }>
  /** In bytes. */
  readonly memory: Omit<MemoryPlan, "held"> & {
    /** What is held where results need most, the largest first. */
    readonly held: ReadonlyArray<{ readonly text: string; readonly bytes: number; readonly calls: ReadonlyArray<Call> }>
  }
  readonly program: ReadonlyArray<ExplainedPrimitive>
}

/**
 * What one step of a program costs: its primitives before and after rewriting and the rules that fired, arithmetic and memory moved by part
 * (forward, backward, update) and by kind of primitive, the memory that it needs at a time, and for each primitive the lines that wrote it. Of
 * one shard, where the program has several. Nothing is run, but the program's step is called again.
 *
 * @example
 * ```ts
 * import { linear, linearParameters, Optim, Program } from "fovea"
 * import { mean, square, subtract } from "fovea/tensor"
 *
 * const program = Program.make("least squares", {
 *   state: { line: Program.learner(linearParameters(1, 1), Optim.adam(1e-2)) },
 *   inputs: { x: [64, 1], y: [64, 1] },
 *   step: ({ line }, { x, y }) => {
 *     const { next, loss } = Program.descend(line, (p) => mean(square(subtract(linear(p, x), y))))
 *     return { next: { line: next }, outputs: { loss } }
 *   }
 * })
 * const { parts } = Program.explain(program)
 * console.log(parts.map(({ part }) => part)) // [ 'forward', 'backward', 'update' ]
 * ```
 */
export const explain = (program: Program): Explanation => {
  const written = program.written()
  const { graph, fired } = rewrittenGraph(written)
  const partOf = partsOf(graph)
  const changed = rootsOf(graph).filter((root) => root.op !== "placeholder")
  const { lines, nameOf } = printPrimitives(changed)
  const described = (node: Tensor): ExplainedPrimitive => ({
    text: lines.get(node) ?? nameOf(node),
    signature: signatureOf(node),
    primitive: node.op,
    part: partOf(node),
    calls: callsOf(node),
    flop: flopOf(node),
    bytes: bytesMoved(node)
  })
  const computed = inputsFirst(changed)
    .filter((node) => !isSource(node))
    .map(described)
  const { held, ...memory } = planMemory(graph)
  return {
    name: program.name,
    batchSize: program.batchSize,
    stateSize: Object.values(program.state).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    written: sizeOfGraph(rootsOf(written)),
    rewritten: sumOf(computed),
    rules: [...fired].map(([rule, fired]) => ({ rule, fired })).toSorted((a, b) => b.fired - a.fired),
    parts: parts.map((part) => ({ part, ...sumOf(computed.filter((each) => each.part === part)) })),
    kinds: [...new Set(computed.map(({ primitive }) => primitive))]
      .map((primitive) => ({ primitive, ...sumOf(computed.filter((each) => each.primitive === primitive)) }))
      .toSorted((a, b) => b.bytes - a.bytes),
    memory: {
      ...memory,
      held: held.map((node) => ({
        text: lines.get(node) ?? nameOf(node),
        bytes: 4 * sizeOf(node.shape),
        calls: callsOf(node)
      }))
    },
    program: computed
  }
}

const rootsOf = ({ next, outputs }: Graph): ReadonlyArray<Tensor> => [...Object.values(next), ...Object.values(outputs)]

/** The calls that wrote an expression; files of the library by their paths within it. */
const callsOf = ({ origin }: Tensor): ReadonlyArray<Call> =>
  (origin?.calls ?? []).map((call) => {
    const own = libraryPath(call.file)
    return own === undefined ? call : { ...call, file: `fovea/${own}` }
  })

/** A graph as it is written after rewriting, and how often each rule was used. */
export const rewrittenGraph = (
  graph: Graph
): { readonly graph: Graph; readonly fired: ReadonlyMap<string, number> } => {
  const { roots, fired } = rewrite(rootsOf(graph))
  const now = new Map(rootsOf(graph).map((root, i) => [root, roots[i] ?? root]))
  const rewritten = (root: Tensor): Tensor => now.get(root) ?? root
  const made = { ...graph, next: mapRecord(graph.next, rewritten), outputs: mapRecord(graph.outputs, rewritten) }
  return { graph: made, fired }
}

/** What each expression is for. What moves the state number by number is the update, whoever wrote it. */
const partsOf = (graph: Graph): ((node: Tensor) => Part) => {
  const moving = new Set(
    updatesOf(graph).flatMap(({ next, leaves }) => {
      const within = new Set(leaves)
      return inputsFirst(Object.values(next), (node) => (within.has(node) ? [] : node.inputs)).filter(
        (node) => !within.has(node)
      )
    })
  )
  return (node) => (moving.has(node) ? "update" : (node.origin?.part ?? "forward"))
}

const sumOf = (primitives: ReadonlyArray<{ readonly flop: number; readonly bytes: number }>): PrimitivesCost => ({
  primitives: primitives.length,
  flop: primitives.reduce((sum, { flop }) => sum + flop, 0),
  bytes: primitives.reduce((sum, { bytes }) => sum + bytes, 0)
})

const sizeOfGraph = (roots: ReadonlyArray<Tensor>) => {
  const { nodes, flop } = costOf(roots)
  return { primitives: nodes, flop }
}
