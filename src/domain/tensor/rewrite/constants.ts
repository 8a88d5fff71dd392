import { evaluateNode } from "../evaluate/evaluate.ts"
import { sizeOf } from "../Shape.ts"
import { constant, full } from "../source.ts"
import type { Tensor } from "../Tensor.ts"

/** No literal larger than this many numbers is made: a program should stay small enough to print and to send. */
const largestLiteral = 65_536

/** The number that a tensor is everywhere, if it is a `full`. */
export const uniformValue = (tensor: Tensor): number | undefined =>
  tensor.op === "full" ? tensor.parameters.value : undefined

/**
 * An expression made of constants only, computed now (in float64); `undefined` if it is not one or would become too
 * large. A result that is the same everywhere becomes a `full`.
 */
export const foldConstants = (node: Tensor): Tensor | undefined => {
  if (node.op === "placeholder" || node.op === "noise" || node.inputs.length === 0) return undefined
  const inputs = node.inputs.map(constantValues)
  if (sizeOf(node.shape) > largestLiteral || !inputs.every((values) => values !== undefined)) return undefined
  const values = evaluateNode(node, inputs)
  const [first = Number.NaN] = values
  return values.every((value) => Object.is(value, first))
    ? full(node.shape, first)
    : constant({ shape: node.shape, values })
}

const constantValues = (tensor: Tensor): Float64Array | undefined =>
  (tensor.op === "full" || tensor.op === "constant") && sizeOf(tensor.shape) <= largestLiteral
    ? evaluateNode(tensor, [])
    : undefined
