import { inputsFirst } from "../order.ts"
import { formatShape, sizeOf } from "../Shape.ts"
import type { Node, Tensor } from "../Tensor.ts"
import { type Computed, kernels } from "./kernels.ts"

/** Where the numbers of placeholders and noise come from. Must return `sizeOf(node.shape)` numbers. */
export type Supply = (source: Node<"placeholder"> | Node<"noise">) => Float64Array

/**
 * Computes expressions in float64, each subexpression once. The result of root `i` is element `i`; treat it as read-only,
 * since results may share memory with each other and with what `supply` returned.
 * Throws a `RangeError` if `supply` returns another number of values than the source's shape holds.
 */
export const evaluate = (roots: ReadonlyArray<Tensor>, supply: Supply): ReadonlyArray<Float64Array> => {
  const values = new Map<Tensor, Float64Array>()
  const numbersOf = (tensor: Tensor): Float64Array => values.get(tensor) ?? new Float64Array(0)
  for (const node of inputsFirst(roots)) {
    values.set(
      node,
      node.op === "placeholder" || node.op === "noise"
        ? supplied(node, supply)
        : evaluateNode(node, node.inputs.map(numbersOf))
    )
  }
  return roots.map(numbersOf)
}

const supplied = (source: Node<"placeholder"> | Node<"noise">, supply: Supply): Float64Array => {
  const values = supply(source)
  if (values.length !== sizeOf(source.shape)) {
    const name = source.op === "noise" ? `noise "${source.parameters.stream}"` : source.parameters.name
    throw new RangeError(`${name} has shape ${formatShape(source.shape)}, but ${values.length} numbers were given`)
  }
  return values
}

/** One node's numbers from those of its inputs. */
export const evaluateNode = <K extends Computed>(node: Node<K>, inputs: ReadonlyArray<Float64Array>): Float64Array =>
  kernels[node.op](node, inputs)
