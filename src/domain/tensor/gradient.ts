import { addAll } from "./arithmetic.ts"
import { inputsFirst } from "./order.ts"
import { ShapeError } from "./Rule.ts"
import { inputCotangents } from "./rules.ts"
import { formatShape, sameShape, sizeOf } from "./Shape.ts"
import { fill, zeros } from "./source.ts"
import { isTensor, type Tensor } from "./Tensor.ts"
import { flattenTree, mapLeaves, type Tree } from "./Tree.ts"

/**
 * Reverse-mode differentiation: `d loss / d parameter` for each parameter, as expressions of the parameters' shapes, in
 * the shape of the given tree. Pure, so it can be applied to its own results (second derivatives). A parameter that the
 * loss does not depend on gets zeros. A parameter may be any expression, not only a placeholder.
 *
 * Throws a `ShapeError` if the loss has more than one element.
 */
export const gradient = <T extends Tree<Tensor>>(loss: Tensor, parameters: T): T => {
  if (sizeOf(loss.shape) !== 1) {
    throw new ShapeError("gradient", [loss.shape], "the loss must be a single number: take a mean or a sum first")
  }
  const targets = new Set(Object.values(flattenTree(parameters, isTensor)))
  const cotangents = backwards(loss, targets)
  return mapLeaves<Tensor, T>(parameters, isTensor, (parameter) => cotangents.get(parameter) ?? zeros(parameter.shape))
}

/** The cotangent of every target that the loss depends on, seeded with 1. */
const backwards = (loss: Tensor, targets: ReadonlySet<Tensor>): ReadonlyMap<Tensor, Tensor> => {
  const order = inputsFirst([loss])
  const relevant = new Set<Tensor>()
  for (const node of order) {
    if (targets.has(node) || node.inputs.some((input) => relevant.has(input))) relevant.add(node)
  }
  const contributions = new Map<Tensor, Array<Tensor>>([[loss, [fill(loss.shape, 1)]]])
  const totals = new Map<Tensor, Tensor>()
  for (const node of order.toReversed()) {
    const parts = contributions.get(node)
    if (parts === undefined || !relevant.has(node)) continue
    const cotangent = addAll(parts)
    if (targets.has(node)) totals.set(node, cotangent)
    inputCotangents(node, cotangent).forEach((part, i) => {
      const input = node.inputs[i]
      if (part === undefined || input === undefined || !relevant.has(input)) return
      if (!sameShape(part.shape, input.shape)) {
        throw new Error(
          `internal: ${node.op} gave ${formatShape(part.shape)} as cotangent of ${formatShape(input.shape)}`
        )
      }
      contributions.set(input, [...(contributions.get(input) ?? []), part])
    })
  }
  return totals
}
