import { add, addAll } from "./arithmetic.ts"
import { inputsFirst } from "./order.ts"
import { ShapeError } from "./Rule.ts"
import { inputCotangents, writtenAt } from "./rules.ts"
import { formatShape, sameShape, sizeOf } from "./Shape.ts"
import { full, zeros } from "./source.ts"
import { isTensor, type Tensor } from "./Tensor.ts"
import { flattenTree, mapLeaves, type Tree } from "./Tree.ts"

/**
 * Reverse-mode differentiation: `d loss / d parameter` for each parameter, as expressions of the parameters' shapes, in
 * the shape of the given tree. Pure, so it can be applied to its own results (second derivatives). A parameter that the
 * loss does not depend on gets zeros. A parameter may be any expression, not only a placeholder.
 *
 * Throws a `ShapeError` if the loss has more than one element.
 *
 * @example
 * ```ts
 * import { evaluate, gradient, placeholder, square, sum } from "fovea/tensor"
 *
 * const x = placeholder("x", [3])
 * const [slope] = evaluate([gradient(sum(square(x)), x)], () => Float64Array.of(1, 2, 3))
 * console.log(slope) // Float64Array(3) [ 2, 4, 6 ]
 * ```
 */
export const gradient = <T extends Tree<Tensor>>(loss: Tensor, parameters: T): T => {
  if (sizeOf(loss.shape) !== 1) {
    throw new ShapeError("gradient", [loss.shape], "the loss must be a single number: take a mean or a sum first")
  }
  const targets = new Set(Object.values(flattenTree(parameters, isTensor)).map(identityOf))
  const cotangents = backwards(loss, targets)
  return mapLeaves<Tensor, T>(
    parameters,
    isTensor,
    (parameter) => cotangents.get(identityOf(parameter)) ?? zeros(parameter.shape)
  )
}

/** A loss, `[]`, and its gradient in the form and shapes of the parameters, as `gradient` makes it: `{ value, gradient }`. */
export const valueAndGradient = <T extends Tree<Tensor>>(
  loss: Tensor,
  parameters: T
): { readonly value: Tensor; readonly gradient: T } => ({ value: loss, gradient: gradient(loss, parameters) })

/** Placeholders of one name are the same tensor, and so are noise sources of one stream; other expressions are themselves. */
type Identity = Tensor | string

const identityOf = (tensor: Tensor): Identity => {
  if (tensor.op === "placeholder") return `placeholder ${tensor.parameters.name}`
  return tensor.op === "noise" ? `noise ${tensor.parameters.stream}` : tensor
}

/** The cotangent of every target that the loss depends on, seeded with 1. */
const backwards = (loss: Tensor, targets: ReadonlySet<Identity>): ReadonlyMap<Identity, Tensor> => {
  const order = inputsFirst([loss])
  const relevant = new Set<Tensor>()
  for (const node of order) {
    if (targets.has(identityOf(node)) || node.inputs.some((input) => relevant.has(input))) relevant.add(node)
  }
  const contributions = new Map<Tensor, Array<Tensor>>([[loss, [full(loss.shape, 1)]]])
  const totals = new Map<Identity, Tensor>()
  const asDerivativeOf = derivativesWritten(order)
  for (const node of order.toReversed()) {
    const parts = contributions.get(node)
    if (parts === undefined || !relevant.has(node)) continue
    const derivative = asDerivativeOf(node, parts)
    const cotangent = derivative(addAll(parts))
    const identity = identityOf(node)
    if (targets.has(identity)) {
      const known = totals.get(identity)
      totals.set(identity, known === undefined ? cotangent : derivative(add(known, cotangent)))
    }
    inputCotangents(node, cotangent).forEach((made, i) => {
      const input = node.inputs[i]
      if (made === undefined || input === undefined || !relevant.has(input)) return
      const part = derivative(made)
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

/** What is derived from a node was written where the node was, if that is known of it, and else where what is derived already was. */
const derivativesWritten = (order: ReadonlyArray<Tensor>) => {
  const known = new Set(order)
  return (of: Tensor, parts: ReadonlyArray<Tensor>): ((made: Tensor) => Tensor) => {
    const origins = [of, ...parts].flatMap(({ origin }) => (origin === undefined ? [] : [origin]))
    const origin = origins.find(({ calls }) => calls.length > 0)
    if (origin === undefined) return (made) => made
    const write = writtenAt({ part: "backward", calls: origin.calls }, (node) => known.has(node))
    return (made) => {
      const written = write(made)
      known.add(written)
      return written
    }
  }
}
