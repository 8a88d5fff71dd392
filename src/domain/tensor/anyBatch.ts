import { own } from "../record/own.ts"
import { broadcast } from "./broadcast.ts"
import { pad, reshape, slice } from "./movement.ts"
import { inputsFirst } from "./order.ts"
import { isUnchanged, type Program, ProgramError } from "./Program.ts"
import { signatureOf } from "./print.ts"
import { withInputs } from "./rules.ts"
import type { Shape } from "./Shape.ts"
import { full, placeholder } from "./source.ts"
import type { Tensor } from "./Tensor.ts"
import { mapRecord } from "./Tree.ts"

/**
 * The size that stands for the batch in a program for any batch. Shape rules only add and multiply sizes, so every size of such a
 * program is `fixed + perBatch * batch` at this one point, and both numbers can be read off it (Kronecker substitution) as long as
 * they are less than half as large. A prime, so that it is no other size by accident.
 */
export const anyBatch = 262_139

/** A size that grows with the batch: `fixed + perBatch * batch`. */
export interface Growth {
  readonly fixed: number
  readonly perBatch: number
}

/** How a size of a program for any batch grows with it. */
export const growthOf = (size: number): Growth => growthAt(size, anyBatch)

const growthAt = (size: number, batch: number): Growth => {
  const perBatch = Math.floor(size / batch + 0.5)
  return { fixed: size - perBatch * batch, perBatch }
}

/** Whether a size of a program for any batch is not the same for all. */
export const grows = (size: number): boolean => growthOf(size).perBatch !== 0

/** A shape of a program for any batch, for one of them: `[batch, 28]` for 7 is `[7, 28]`. */
export const shapeAt = (shape: Shape, batch: number): Shape =>
  shape.map((size) => {
    const { fixed, perBatch } = growthOf(size)
    return fixed + perBatch * batch
  })

/** A shape of a program for any batch as it is in messages: `[batch, 2 batch + 1, 28]`. */
export const formatAnyShape = (shape: Shape): string => `[${shape.map(formatAnySize).join(", ")}]`

const formatAnySize = (size: number): string => {
  const { fixed, perBatch } = growthOf(size)
  if (perBatch === 0) return String(fixed)
  const scaled = perBatch === 1 ? "batch" : `${perBatch} batch`
  return fixed === 0 ? scaled : `${scaled} ${fixed < 0 ? "-" : "+"} ${Math.abs(fixed)}`
}

/** Only to see what of a program depends on the batch in another way: large as well, so that nothing is decided otherwise. */
const anotherBatch = 300_007

/**
 * One program for any batch, from a function that makes it for each: a pure one, whose state no step changes and which draws no
 * noise, so that the batch of a step is that of its inputs. It is made for two batches and must be the same but for sizes that
 * grow along a line. Throws a `ProgramError` naming the primitive or the input where it is not. With `isKnown` the second is left
 * out: for functions that have been tried before.
 */
export const programForAnyBatch = <Input extends string, Output extends string>(
  programOf: (batch: number) => Program<Input, Output>,
  isKnown = false
): Program<Input, Output> => {
  const program = programOf(anyBatch)
  if (!isKnown) requireSameProgram(program, programOf(anotherBatch))
  requireBorder(program)
  return { ...program, forAnyBatch: true }
}

const requireSameProgram = (program: Program, other: Program): void => {
  const refusal = (what: string, problem: string) =>
    new ProgramError(`${program.name}: ${what} cannot be made for every batch: ${problem}`)
  const [nodes, others] = [nodesOf(program), nodesOf(other)]
  const places = new Map(nodes.map((node, i) => [node, i]))
  const otherPlaces = new Map(others.map((node, i) => [node, i]))
  for (const [i, node] of nodes.entries()) {
    const twin = others[i]
    if (twin?.op !== node.op || twin.inputs.length !== node.inputs.length)
      throw refusal(describe(node), "it becomes another operation for other batches")
    if (node.inputs.some((input, k) => places.get(input) !== otherPlaces.get(twin.inputs[k] ?? twin)))
      throw refusal(describe(node), "it has other operands")
    const problem = parameterProblem(node, twin)
    // A number is best named by what is done with it.
    const user = node.inputs.length > 0 ? node : nodes.find(({ inputs }) => inputs.some((input) => input === node))
    if (problem !== undefined) throw refusal(describe(user ?? node), problem)
  }
  if (others.length !== nodes.length) throw refusal("it", "it becomes another graph for other batches")
}

/**
 * A program for any batch as one for `batch` examples. Where its inputs tell the batch (`batchOfInputs`), the two give the same.
 */
export const atBatch = <Input extends string, Output extends string>(
  program: Program<Input, Output>,
  batch: number
): Program<Input, Output> => {
  const made = new Map<Tensor, Tensor>()
  const now = (tensor: Tensor): Tensor => made.get(tensor) ?? tensor
  for (const node of inputsFirst([...Object.values<Tensor>(program.inputs), ...nodesOf(program)])) {
    made.set(node, nodeAt(node, node.inputs.map(now), batch))
  }
  const { forAnyBatch: _, ...fixed } = program
  const inRecord = <K extends string>(record: Readonly<Record<K, Tensor>>) => mapRecord(record, now)
  return { ...fixed, inputs: inRecord(program.inputs), outputs: inRecord(program.outputs) }
}

const nodeAt = (node: Tensor, inputs: ReadonlyArray<Tensor>, batch: number): Tensor => {
  const at = (sizes: Shape): Shape => shapeAt(sizes, batch)
  const [x = node] = inputs
  switch (node.op) {
    case "full":
      return full(at(node.shape), node.parameters.value)
    case "placeholder":
      return placeholder(node.parameters.name, at(node.shape))
    case "reshape":
      return reshape(x, at(node.shape))
    case "broadcast":
      return broadcast(x, at(node.shape))
    case "slice":
      return slice(x, at(node.parameters.starts), at(node.parameters.sizes))
    case "pad":
      return pad(x, at(node.parameters.before), at(node.parameters.after))
    default:
      return withInputs(node, inputs)
  }
}

/** The batch that some inputs of a program for any batch have; undefined where they have none, or not all the same. */
export const batchOfInputs = (
  { inputs }: Program,
  given: Readonly<Record<string, { readonly shape: Shape }>>
): number | undefined => {
  const batches = new Set(
    Object.entries<Tensor>(inputs).flatMap(([name, { shape }]) =>
      shape.flatMap((size, axis) => (grows(size) ? [own(given, name)?.shape[axis]] : []))
    )
  )
  const [batch] = batches
  return batches.size === 1 && batch !== undefined && Number.isSafeInteger(batch) && batch > 0 ? batch : undefined
}

const nodesOf = (program: Program): ReadonlyArray<Tensor> => inputsFirst(Object.values<Tensor>(program.outputs))

const describe = (node: Tensor): string => signatureOf(node, formatAnyShape)

const sizeNames: ReadonlySet<string> = new Set(["sizes", "starts", "before", "after"])

/** Why the same node of two batches is not one node for all: numbers that are no sizes differ, or sizes that do not grow along a line. */
const parameterProblem = (node: Tensor, twin: Tensor): string | undefined => {
  const isConvolution = node.op === "conv2d" || node.op === "convTranspose2d"
  const theirs = new Map(entriesOf({ ...twin.parameters, shape: twin.shape }))
  for (const [name, value] of entriesOf({ ...node.parameters, shape: node.shape })) {
    const [here, there] = [numbersIn(value), numbersIn(theirs.get(name))]
    const isSizes = name === "shape" || (sizeNames.has(name) && !isConvolution)
    const wrong = here.findIndex((number, i) => {
      const same = there[i] ?? Number.NaN
      return isSizes ? !isOneLine(number, same) : !Object.is(number, same)
    })
    if (here.length === there.length && wrong < 0) continue
    return isSizes
      ? `its size ${here[wrong]} at ${anyBatch} examples is ${there[wrong]} at ${anotherBatch}, which is no line`
      : "it has numbers of its own for each batch"
  }
  return undefined
}

const isOneLine = (here: number, there: number): boolean => {
  const [growth, other] = [growthOf(here), growthAt(there, anotherBatch)]
  return growth.fixed === other.fixed && growth.perBatch === other.perBatch && growth.perBatch < anyBatch / 2
}

/** Every number in a primitive's parameter, in order. */
const numbersIn = (value: unknown): ReadonlyArray<number> => {
  if (typeof value === "number") return [value]
  if (value instanceof Float32Array || value instanceof Float64Array) return Array.from(value)
  return typeof value === "object" && value !== null ? entriesOf(value).flatMap(([, part]) => numbersIn(part)) : []
}

const entriesOf = (value: object): ReadonlyArray<readonly [string, unknown]> => Object.entries(value)

/** Inputs and outputs have fixed sizes and the batch, and some input tells the batch; state has fixed sizes. */
const requireBorder = (program: Program): void => {
  const { name, state, inputs, outputs } = program
  const moved = Object.keys(state).find((path) => !isUnchanged(program, path))
  if (moved !== undefined)
    throw new ProgramError(`${name}: a step changes its state "${moved}", which no program for any batch does`)
  const drawn = nodesOf(program).find((node) => node.op === "noise")
  if (drawn !== undefined)
    throw new ProgramError(`${name}: it draws noise, ${describe(drawn)}, which a program for any batch is given`)
  const wrong = (kind: string, [key, { shape }]: readonly [string, Tensor], may: string): never => {
    throw new ProgramError(`${name}: ${kind} "${key}" is ${formatAnyShape(shape)}: no axis may be other than ${may}`)
  }
  for (const entry of Object.entries(state)) if (entry[1].shape.some(grows)) wrong("state", entry, "fixed")
  const isPlain = ({ shape }: Tensor) => shape.every((size) => !grows(size) || size === anyBatch)
  for (const entry of Object.entries<Tensor>(inputs))
    if (!isPlain(entry[1])) wrong("input", entry, "fixed, or the batch")
  for (const entry of Object.entries<Tensor>(outputs))
    if (!isPlain(entry[1])) wrong("output", entry, "fixed, or the batch")
  if (!Object.values<Tensor>(inputs).some(({ shape }) => shape.includes(anyBatch))) {
    throw new ProgramError(`${name}: none of its inputs has the batch as an axis, so a call cannot choose it`)
  }
}
