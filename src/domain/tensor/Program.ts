import { own } from "../record/own.ts"
import { inputsFirst } from "./order.ts"
import { simplify } from "./rewrite/simplify.ts"
import { formatShape, sameShape } from "./Shape.ts"
import type { Sharding } from "./Sharding.ts"
import { shardingFault, withoutMeans } from "./shardedGraph.ts"
import { isTensor, type Node, type Tensor } from "./Tensor.ts"
import { flattenTree, mapRecord, type Tree } from "./Tree.ts"

/** Expressions by name. */
export type NamedExpressions = Readonly<Record<string, Tensor>>

/**
 * One step of a computation with state, as data: `(state, inputs, noise) -> (next state, outputs)`. What a
 * `TensorBackend` compiles. State whose next value is itself never changes (the parameters of a sampling program).
 */
export interface Program<Input extends string = string, Output extends string = string> {
  readonly name: string
  /** Placeholders, by their path in the state's tree. */
  readonly state: NamedExpressions
  /** Placeholders that are given anew at every step. */
  readonly inputs: Readonly<Record<Input, Tensor>>
  /** The state after the step: the same paths and shapes. */
  readonly next: NamedExpressions
  readonly outputs: Readonly<Record<Output, Tensor>>
  /** How it is shared out; left out, it runs as one. */
  readonly shards?: Sharding
  /** The same before rewriting, each expression with the lines that wrote it; left out where nobody knows them. */
  readonly written?: () => Program<Input, Output>
  /** Whether its sizes are those for any batch, which the inputs of a step choose (see `programForAnyBatch`). */
  readonly forAnyBatch?: true
}

/** A program that contradicts itself: a mistake of the code that builds it. */
export class ProgramError extends Error {
  override readonly name = "ProgramError"
}

/**
 * Joins a step's parts into a program, simplifies and checks it. `state` and `inputs` hold the placeholders that `next`
 * and `outputs` are made of. Throws a `ProgramError` if two placeholders share a name or something else than a
 * placeholder is given for one, if the next state has other paths or shapes than the state, if a placeholder is used that
 * is neither state nor input, if one noise stream is drawn with two shapes or distributions, or if there is nothing to compute.
 *
 * With more than one shard, `inputs` have the shapes of one shard, and what differs between shards must have become one
 * by `pmean` before it reaches `next` or `outputs`; in a program of one, `pmean` is dropped.
 *
 * `rewriting` is what simplifies the expressions; one that leaves them alone gives the program as it is written.
 */
export const makeProgram = <Input extends string, Output extends string>(
  description: {
    readonly name: string
    readonly state: Tree<Tensor>
    readonly inputs: Readonly<Record<Input, Tensor>>
    readonly next: Tree<Tensor>
    readonly outputs: Readonly<Record<Output, Tensor>>
    readonly shards?: Sharding
  },
  rewriting: (roots: ReadonlyArray<Tensor>) => ReadonlyArray<Tensor> = simplify
): Program<Input, Output> => {
  const { name, inputs } = description
  const shards = description.shards?.count === 1 ? undefined : description.shards
  const state = flattenTree(description.state, isTensor)
  const next = flattenTree(description.next, isTensor)
  requireSameState(name, state, next)
  requirePlaceholders(name, { ...prefixKeys("state", state), ...prefixKeys("input", inputs) })
  const { outputs } = description
  const roots = [...Object.values(next), ...Object.values<Tensor>(outputs)]
  const simple = rewriting(shards === undefined ? withoutMeans(roots) : roots)
  requireKnownSources(name, simple, [...Object.values(state), ...Object.values<Tensor>(inputs)])
  const simplified = new Map(roots.map((root, i) => [root, simple[i] ?? root]))
  const now = (tensor: Tensor): Tensor => simplified.get(tensor) ?? tensor
  const program: Program<Input, Output> = {
    name,
    state,
    inputs,
    next: mapRecord(next, now),
    outputs: mapRecord(outputs, now),
    ...(shards === undefined ? {} : { shards })
  }
  const fault =
    shards === undefined
      ? undefined
      : shardingFault(shards, inputs, { ...prefixKeys("next", program.next), ...prefixKeys("output", program.outputs) })
  if (fault !== undefined) throw new ProgramError(`${name}: ${fault}`)
  if (Object.keys(outputs).length === 0 && Object.keys(state).every((path) => isUnchanged(program, path))) {
    throw new ProgramError(`${name}: computes nothing: it has no outputs and leaves its state as it is`)
  }
  return program
}

const prefixKeys = (prefix: string, record: NamedExpressions): NamedExpressions =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [`${prefix} "${key}"`, value]))

const requirePlaceholders = (program: string, sources: NamedExpressions): void => {
  const owners = new Map<string, string>()
  for (const [owner, tensor] of Object.entries(sources)) {
    if (tensor.op !== "placeholder") {
      throw new ProgramError(`${program}: ${owner} must be a placeholder, not the result of ${tensor.op}`)
    }
    const known = owners.get(tensor.parameters.name)
    if (known !== undefined) {
      throw new ProgramError(`${program}: ${known} and ${owner} are both the placeholder "${tensor.parameters.name}"`)
    }
    owners.set(tensor.parameters.name, owner)
  }
}

const requireSameState = (program: string, state: NamedExpressions, next: NamedExpressions): void => {
  for (const [path, { shape }] of Object.entries(state)) {
    const after = own(next, path)
    if (after === undefined) throw new ProgramError(`${program}: the next state lacks "${path}"`)
    if (!sameShape(after.shape, shape)) {
      throw new ProgramError(
        `${program}: state "${path}" has shape ${formatShape(shape)}, but its next value ${formatShape(after.shape)}`
      )
    }
  }
  const unknown = Object.keys(next).find((path) => own(state, path) === undefined)
  if (unknown !== undefined)
    throw new ProgramError(`${program}: the next state has "${unknown}", which the state has not`)
}

const requireKnownSources = (
  program: string,
  roots: ReadonlyArray<Tensor>,
  placeholders: ReadonlyArray<Tensor>
): void => {
  const known = new Map(placeholders.map((tensor) => [placeholderName(tensor), tensor.shape]))
  const streams = new Map<string, string>()
  for (const node of inputsFirst(roots)) {
    if (node.op === "placeholder") {
      const shape = known.get(node.parameters.name)
      if (shape === undefined || !sameShape(shape, node.shape)) {
        throw new ProgramError(
          `${program}: uses the placeholder "${node.parameters.name}" ${formatShape(node.shape)}, which is neither its state nor an input`
        )
      }
    } else if (node.op === "noise") {
      const { stream } = node.parameters
      const drawn = drawnAs(node)
      if ((streams.get(stream) ?? drawn) !== drawn) {
        throw new ProgramError(
          `${program}: noise stream "${stream}" is drawn in two ways: ${streams.get(stream)} and ${drawn}`
        )
      }
      streams.set(stream, drawn)
    }
  }
}

/** How a noise source is drawn, in words that differ where it does: `normal [64, 8]`. */
const drawnAs = ({ parameters: { distribution, shape, exampleAxis, examples } }: Node<"noise">): string => {
  const kind = distribution.kind === "bernoulli" ? `bernoulli(${distribution.probability})` : distribution.kind
  const axis = exampleAxis === undefined ? "" : ` with examples along axis ${exampleAxis}`
  return `${kind} ${formatShape(shape)}${axis}${examples === undefined ? "" : ` for ${examples} examples`}`
}

const placeholderName = (tensor: Tensor): string => (tensor.op === "placeholder" ? tensor.parameters.name : "")

/** Whether a step leaves this part of the state as it is. */
export const isUnchanged = (program: Program, path: string): boolean => {
  const [now, next] = [own(program.state, path), own(program.next, path)]
  return now?.op === "placeholder" && next?.op === "placeholder" && next.parameters.name === now.parameters.name
}
