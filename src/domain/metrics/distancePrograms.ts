import { negate } from "../tensor/arithmetic.ts"
import { makeProgram, type Program } from "../tensor/Program.ts"
import { max } from "../tensor/reduction.ts"
import { placeholder } from "../tensor/source.ts"
import { squaredDistances } from "../tensor/squaredDistances.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import type { TensorData } from "../tensor/TensorData.ts"
import { type NamedTensors, tensorData } from "../tensor/TensorData.ts"
import { rowsOf } from "./Rows.ts"

/** The sizes of a program over pairs of points and references. */
export interface DistanceSizes {
  /** m: rows that distances are measured to. */
  readonly references: number
  /** Points of a step. */
  readonly batch: number
  /** d: numbers in a row. */
  readonly dimension: number
}

/**
 * A program for the squared Euclidean distances of points to references (`squaredDistances`). State as `referenceState` makes it; input `points`, `[batch, d]`; output `squared`, `[batch, m]`.
 *
 * In float32 the error is a few units of `2^-24` times the squared norms (for MNIST's pixels, norms about 100: 3e-5), so
 * that equal rows may have a distance of 5e-3 in place of 0; what rounding made negative counts as 0. Rows that lie far
 * from the origin for their distances are best centred first.
 */
export const distancesProgram = (sizes: DistanceSizes): Program<"points", "squared"> =>
  pairProgram("squared distances", sizes, (squared) => ({ squared }))

/** As `distancesProgram`, with the least distance of each point alone: output `squared`, `[batch]`. */
export const nearestProgram = (sizes: DistanceSizes): Program<"points", "squared"> =>
  pairProgram("nearest references", sizes, (squared) => ({ squared: negate(max(negate(squared), [1])) }))

const pairProgram = (
  name: string,
  { references: m, batch, dimension }: DistanceSizes,
  outputsOf: (squared: Tensor) => { readonly squared: Tensor }
): Program<"points", "squared"> => {
  const references = placeholder("references", [m, dimension])
  const norms = placeholder("norms", [m])
  const points = placeholder("points", [batch, dimension])
  return makeProgram({
    name,
    state: { references, norms },
    inputs: { points },
    next: { references, norms },
    outputs: outputsOf(squaredDistances(points, references, norms))
  })
}

/** The state of these programs: references `[m, ..]` as rows, and their squared norms. */
export const referenceState = (references: TensorData): NamedTensors => {
  const { count, width } = rowsOf(references)
  const norms = new Float64Array(count)
  references.values.forEach((value, at) => {
    const row = Math.floor(at / width)
    norms[row] = (norms[row] ?? 0) + value * value
  })
  return {
    references: tensorData([count, width], references.values),
    norms: tensorData([count], norms)
  }
}
