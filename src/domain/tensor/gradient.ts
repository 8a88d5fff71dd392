import { add, addAll } from "./arithmetic.ts"
import { inputsFirst } from "./order.ts"
import { ShapeError } from "./Rule.ts"
import { simplifyForGradient } from "./rewrite/simplify.ts"
import { inputCotangents, replaced, writtenAt } from "./rules.ts"
import { formatShape, sameShape, sizeOf } from "./Shape.ts"
import { full, placeholder, zeros } from "./source.ts"
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
  const leaves = Object.values(flattenTree(parameters, isTensor))
  const targets = new Set(leaves.map(identityOf))
  const cotangents = backwards(rewrittenLoss(loss, leaves), targets)
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

/**
 * The loss as the rewriter would have it, differentiated by what it is: what was joined forwards is joined backwards too, without
 * having to be found there again (W. Moses and V. Churavy 2020, Instead of rewriting foreign code for machine learning, automatically
 * synthesize fast gradients). The targets stay the expressions that they are, and so does what `stopGradient` hides.
 */
const rewrittenLoss = (loss: Tensor, targets: ReadonlyArray<Tensor>): Tensor => {
  const given = new Set(targets.filter(({ op }) => op !== "placeholder" && op !== "noise"))
  const isKept = (node: Tensor): boolean => given.has(node) || node.op === "stopGradient"
  const originals = new Map<string, Tensor>()
  const keep = (node: Tensor): Tensor => {
    const name = `kept ${originals.size} \u0000`
    originals.set(name, node)
    return placeholder(name, node.shape)
  }
  const order = inputsFirst([loss], (node) => (isKept(node) ? [] : node.inputs))
  const [simple = loss] = simplifyForGradient(
    replaced([loss], order, (node) => (isKept(node) ? keep(node) : undefined))
  )
  const back = (node: Tensor): Tensor | undefined =>
    node.op === "placeholder" ? originals.get(node.parameters.name) : undefined
  const [made = loss] = replaced([simple], inputsFirst([simple]), back)
  return made
}

/** What depends on one of the targets in a way that has a derivative. */
const dependentOn = (roots: ReadonlyArray<Tensor>, targets: ReadonlySet<Identity>): ReadonlySet<Tensor> => {
  const dependent = new Set<Tensor>()
  for (const node of inputsFirst(roots)) {
    const isTarget = targets.has(identityOf(node))
    if (isTarget || (node.op !== "stopGradient" && node.inputs.some((input) => dependent.has(input)))) {
      dependent.add(node)
    }
  }
  return dependent
}

/** The cotangent of every target that the loss depends on, seeded with 1. */
const backwards = (loss: Tensor, targets: ReadonlySet<Identity>): ReadonlyMap<Identity, Tensor> => {
  const order = inputsFirst([loss])
  const relevant = dependentOn([loss], targets)
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
