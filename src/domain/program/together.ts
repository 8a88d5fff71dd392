import { own } from "../record/own.ts"
import { type Program as Graph, makeProgram, ProgramError } from "../tensor/Program.ts"
import { rewriteNodes } from "../tensor/rewrite/rewriteNodes.ts"
import { simplify } from "../tensor/rewrite/simplify.ts"
import { formatShape, sameShape } from "../tensor/Shape.ts"
import { noise, placeholder } from "../tensor/source.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { NamedTensors } from "../tensor/TensorData.ts"
import { joinPath, mapRecord } from "../tensor/Tree.ts"
import type { Program } from "./Program.ts"

type OutputsOf<P> = {
  readonly [Part in keyof P & string]: P[Part] extends Program<infer _, infer O> ? `${Part}.${O}` : never
}[keyof P & string]

/**
 * Several programs as one, whose step is a step of each: what is compared learns from the same batches, in one run with one log and
 * one checkpoint. They share the inputs of one name; state, outputs and streams of noise of each stand below its name.
 *
 *     const both = Program.together("with and without", { with: one, without: other })
 *     // metrics: "with.loss", "without.loss"
 *
 * Throws a `ProgramError` if there are no programs, an input has two shapes, or they differ in shards.
 */
export const together = <I extends string, const P extends Readonly<Record<string, Program<I>>>>(
  name: string,
  programs: P
): Program<I, OutputsOf<P>> => {
  const parts = Object.entries<Program<I>>(programs)
  const [first] = parts
  if (first === undefined) throw new ProgramError(`${name}: there are no programs to join`)
  const [, { batchSize, steps, shards }] = first
  const other = parts.find(([, each]) => each.shards?.count !== shards?.count || each.steps !== steps)
  if (other !== undefined) {
    throw new ProgramError(`${name}: "${first[0]}" and "${other[0]}" differ in shards, or in steps to a sample`)
  }
  const graphOf = (graphs: ReadonlyArray<readonly [part: string, graph: Graph<I>]>, rewriting: typeof simplify) => {
    const moved = graphs.map(([part, graph]) => below(part, graph))
    return makeProgram(
      {
        name,
        state: merged(moved.map(({ state }) => state)),
        inputs: sharedInputs(name, parts),
        next: merged(moved.map(({ next }) => next)),
        // The names are put together here, which the compiler cannot follow.
        outputs: merged(moved.map(({ outputs }) => outputs)) as Readonly<Record<OutputsOf<P>, Tensor>>,
        ...(shards === undefined ? {} : { shards })
      },
      rewriting
    )
  }
  return {
    ...graphOf(parts, simplify),
    specs: merged(parts.map(([part, { specs }]) => specsBelow(part, specs))),
    batchSize,
    steps,
    onShards: (count) =>
      together(
        name,
        mapRecord(programs, (program: Program<I>) => program.onShards(count))
      ),
    written: () =>
      graphOf(
        parts.map(([part, program]) => [part, program.written()]),
        (roots) => roots
      )
  }
}

/** What of a state of `together` belongs to one of its programs, under its own paths. */
export const partOf = (tensors: NamedTensors, part: string): NamedTensors =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([path, tensor]) =>
      path.startsWith(`${part}.`) ? [[path.slice(part.length + 1), tensor]] : []
    )
  )

const merged = <A>(records: ReadonlyArray<Readonly<Record<string, A>>>): Readonly<Record<string, A>> =>
  Object.fromEntries(records.flatMap((record) => Object.entries(record)))

const renamed = <A>(part: string, record: Readonly<Record<string, A>>): Readonly<Record<string, A>> =>
  Object.fromEntries(Object.entries(record).map(([path, value]) => [joinPath(part, path), value]))

/** A program's graph with paths, outputs and streams below a name. */
const below = (part: string, { state, next, outputs }: Graph) => {
  const roots = [...Object.values(next), ...Object.values(outputs)]
  const rewritten = rewriteNodes(roots, (node) => {
    if (node.op === "noise") {
      const { stream, distribution, shape, exampleAxis } = node.parameters
      return noise(`${part}/${stream}`, distribution, shape, exampleAxis)
    }
    const isState = node.op === "placeholder" && own(state, node.parameters.name) !== undefined
    return isState ? placeholder(joinPath(part, node.parameters.name), node.shape) : node
  })
  const after = new Map(roots.map((root, i) => [root, rewritten[i] ?? root]))
  const now = (tensor: Tensor): Tensor => after.get(tensor) ?? tensor
  return {
    state: renamed(
      part,
      mapRecord(state, ({ shape }, path) => placeholder(joinPath(part, path), shape))
    ),
    next: renamed(part, mapRecord(next, now)),
    outputs: renamed(part, mapRecord(outputs, now))
  }
}

const specsBelow = (part: string, specs: Program["specs"]): Program["specs"] =>
  renamed(
    part,
    mapRecord(specs, ({ initialisedLike: like, ...spec }) =>
      like === undefined ? spec : { ...spec, initialisedLike: joinPath(part, like) }
    )
  )

const sharedInputs = <I extends string>(
  name: string,
  parts: ReadonlyArray<readonly [part: string, program: Program<I>]>
): Readonly<Record<I, Tensor>> => {
  const found = new Map<string, readonly [part: string, input: Tensor]>()
  for (const [part, { inputs }] of parts) {
    for (const [input, tensor] of Object.entries<Tensor>(inputs)) {
      const [before, known] = found.get(input) ?? [part, tensor]
      if (!sameShape(known.shape, tensor.shape)) {
        throw new ProgramError(
          `${name}: the input "${input}" is ${formatShape(known.shape)} in "${before}" and ${formatShape(tensor.shape)} in "${part}"`
        )
      }
      found.set(input, [before, known])
    }
  }
  // Every name in I is an input of one of them.
  return Object.fromEntries([...found].map(([input, [, tensor]]) => [input, tensor])) as Readonly<Record<I, Tensor>>
}
