import { leafAt, type NamedSpecs } from "../optim/Optimizer.ts"
import { divide, multiply, square } from "../tensor/arithmetic.ts"
import { sum } from "../tensor/broadcast.ts"
import { maximum } from "../tensor/comparison.ts"
import { sqrt, stopGradient } from "../tensor/elementwise.ts"
import { matmul } from "../tensor/matmul.ts"
import { reshape, size, transpose } from "../tensor/movement.ts"
import type { NamedExpressions } from "../tensor/Program.ts"
import { sizeOf } from "../tensor/Shape.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"
import { flattenTree, mapRecord, type Tree } from "../tensor/Tree.ts"
import { isParameterSpec, type ParameterSpec, updatedParameters } from "./parameter.ts"

/** What linear maps, convolutions and embeddings call their matrices. */
const weights = new Set(["weight", "kernel", "table"])

/**
 * The vectors `u` of every weight among parameters (what is named `weight`, `kernel` or `table`), by its path: a part of a program's
 * state that no optimizer moves. One of a weight `[m, ..]` is `[m]` and begins as independent draws from N(0, 1).
 *
 *     state: { G, D, u: spectralVectors(D.specs.parameters) }
 */
export const spectralVectors = (parameters: Tree<ParameterSpec>): NamedSpecs =>
  Object.fromEntries(
    Object.entries(flattenTree<ParameterSpec>(parameters, isParameterSpec)).flatMap(([path, { shape }]) => {
      if (!weights.has(path.split(".").at(-1) ?? "")) return []
      const initialiser = { kind: "normal", standardDeviation: 1 } as const
      return [[path, { shape: shape.slice(0, 1), initialiser, trained: false as const }]]
    })
  )

/** Parameters whose weights are divided by their greatest singular values, as far as these are known. */
export interface SpectralNorm<P extends Tree<Tensor>> {
  /** The parameters, `W / sigma` in the place of each weight `W` that has a vector. */
  readonly parameters: P
  /** The estimates sigma, `[]`, by the weights' paths. */
  readonly sigmas: NamedExpressions
  /** The vectors of the next step, by the weights' paths. */
  readonly vectors: NamedExpressions
}

/**
 * Spectral normalisation (Miyato 2018, algorithm 1): a network of such weights and activations of slope at most 1 has a Lipschitz
 * constant of at most 1. One step of the power iteration estimates the greatest singular value of each weight `W`, `[m, ..]` as a matrix
 * `[m, n]`, from its vector `u`, `[m]`:
 *
 *     v = W^T u / |W^T u|    u' = W v / |W v|    sigma = u'^T W v    W / sigma
 *
 * sigma is at most the greatest singular value and tends to it while the weight stays, since u' goes on from u. Gradients take u' and v
 * for constants (eq. 12). Throws a `RangeError` for a vector whose path no parameter has.
 *
 *     const normalised = (p: typeof D.parameters) => spectralNorm(p, u).parameters
 *     const d = descend(D, (p) => loss(discriminate(normalised(p), images)))
 *     return { next: { D: d.next, u: spectralNorm(D.parameters, u).vectors }, .. }
 */
export const spectralNorm = <P extends Tree<Tensor>>(parameters: P, vectors: NamedExpressions): SpectralNorm<P> => {
  const tensors = flattenTree<Tensor>(parameters, isTensor)
  const steps = mapRecord(vectors, (u, path) => powerStep(leafAt(tensors, path), u))
  const normalised = mapRecord(steps, ({ sigma }, path) => divide(leafAt(tensors, path), sigma))
  return {
    parameters: updatedParameters(parameters, normalised),
    sigmas: mapRecord(steps, ({ sigma }) => sigma),
    vectors: mapRecord(steps, ({ next }) => next)
  }
}

const powerStep = (weight: Tensor, u: Tensor): { readonly sigma: Tensor; readonly next: Tensor } => {
  const rows = size(weight, 0)
  const matrix = reshape(weight, [rows, sizeOf(weight.shape) / rows])
  const v = stopGradient(unit(matmul(reshape(u, [1, rows]), matrix)))
  const next = stopGradient(unit(matmul(v, transpose(matrix))))
  return { sigma: maximum(sum(multiply(matmul(next, matrix), v)), least), next: reshape(next, [rows]) }
}

/** What norms are at least, so that a weight of zeros stays one. */
const least = 1e-12

const unit = (x: Tensor): Tensor => divide(x, maximum(sqrt(sum(square(x))), least))
