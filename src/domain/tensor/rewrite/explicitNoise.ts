import { anyBatch, formatAnyShape, grows } from "../anyBatch.ts"
import { transpose } from "../movement.ts"
import { inputsFirst } from "../order.ts"
import { ProgramError } from "../Program.ts"
import type { Shape } from "../Shape.ts"
import { full, placeholder } from "../source.ts"
import type { Distribution, Node, Tensor } from "../Tensor.ts"
import { rewriteNodes } from "./rewriteNodes.ts"

/** Random numbers that an exported model is given from outside instead of drawing them. */
export interface LatentInput {
  /** The noise stream's name without the prefix that all streams of the player share, such as `z`. */
  readonly name: string
  /** The noise stream's own name. */
  readonly stream: string
  readonly distribution: Distribution
  /** The axis of the noise that counts the batch; the input has it first. */
  readonly batchAxis: number
  /** Sizes of the input's other axes. */
  readonly sizes: Shape
}

/**
 * The inputs that take the place of noise in expressions for any batch, of streams with the prefix `prefix`. Masks of dropout are
 * left out if `dropout` is "mean": see `withExplicitNoise`. Throws a `ProgramError` if the size of a noise source does
 * not grow with the batch along exactly one axis, by one for each example.
 */
export const latentInputs = (
  roots: ReadonlyArray<Tensor>,
  prefix: string,
  dropout: DropoutMasks
): ReadonlyArray<LatentInput> =>
  inputsFirst(roots).flatMap((node) => {
    if (node.op !== "noise" || isMean(node, dropout)) return []
    const { stream, distribution } = node.parameters
    const growing = node.shape.flatMap((size, axis) => (grows(size) ? [axis] : []))
    const [batchAxis] = growing
    if (batchAxis === undefined || growing.length > 1 || node.shape[batchAxis] !== anyBatch) {
      throw new ProgramError(`noise stream "${stream}" ${formatAnyShape(node.shape)}: one axis must be the batch`)
    }
    return [
      { name: nameOf(stream, prefix), stream, distribution, batchAxis, sizes: node.shape.toSpliced(batchAxis, 1) }
    ]
  })

/** What becomes of dropout's masks: they are `inputs` like other noise, or their `mean`, as one uses a trained network. */
export type DropoutMasks = "inputs" | "mean"

/**
 * The expressions with their noise given from outside: a placeholder `[batch, ..]` under the input's name, its axes put
 * into the order of the noise. With `dropout` "mean" every Bernoulli mask is its probability instead, which makes
 * `dropout` (scaled by 1/keep) the identity.
 */
export const withExplicitNoise = (
  roots: ReadonlyArray<Tensor>,
  inputs: ReadonlyArray<LatentInput>,
  { prefix, dropout, batch }: { readonly prefix: string; readonly dropout: DropoutMasks; readonly batch: number }
): ReadonlyArray<Tensor> =>
  rewriteNodes(roots, (node) => {
    if (node.op !== "noise") return node
    const { distribution, stream } = node.parameters
    if (distribution.kind === "bernoulli" && dropout === "mean") return full(node.shape, distribution.probability)
    const input = inputs.find(({ name }) => name === nameOf(stream, prefix))
    if (input === undefined) throw new ProgramError(`noise stream "${stream}" is not drawn for every batch`)
    const { batchAxis } = input
    // Axis `batchAxis` of the noise is axis 0 of the input; the others keep their order.
    const order = node.shape.map((_, axis) => (axis === batchAxis ? 0 : axis < batchAxis ? axis + 1 : axis))
    const given = latentPlaceholder(input, batch)
    return batchAxis === 0 ? given : transpose(given, order)
  })

/** The placeholder `[batch, ..]` of an input. */
export const latentPlaceholder = ({ name, sizes }: LatentInput, batch: number): Tensor =>
  placeholder(name, [batch, ...sizes])

const nameOf = (stream: string, prefix: string): string =>
  stream.startsWith(`${prefix}/`) ? stream.slice(prefix.length + 1) : stream

const isMean = ({ parameters }: Node<"noise">, dropout: DropoutMasks): boolean =>
  dropout === "mean" && parameters.distribution.kind === "bernoulli"
