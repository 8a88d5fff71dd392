import * as Effect from "effect/Effect"
import type { Neighbourhoods } from "../../domain/evaluation/neighbourhoods.ts"
import { usualNeighbours } from "../../domain/evaluation/neighbourhoods.ts"
import { kthSmallest, neighbourhoodTally } from "../../domain/evaluation/neighbourhoodTally.ts"
import { sizeOf } from "../../domain/tensor/Shape.ts"
import { type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { visitDistances } from "./pairDistances.ts"

/** Real features whose neighbourhoods are known. */
export interface RealNeighbours {
  /** `[n, d]`, less `centre`. */
  readonly features: TensorData
  /** `[d]`: the mean of the features. Distances far from the origin would lose float32's digits. */
  readonly centre: Float64Array
  /** `[n]`: squared distance to the k-th nearest other. */
  readonly radii: Float64Array
  readonly k: number
}

/** The neighbourhoods of real features `[n, d]`, of which there are more than k: about a second for 10,000 x 64. */
export const realNeighbours = Effect.fn("realNeighbours")(function* (
  features: TensorData,
  k = usualNeighbours
): Effect.fn.Return<RealNeighbours, BackendError, TensorBackend> {
  const centre = meanOf(features)
  const centred = lessCentre(features, centre)
  return { features: centred, centre, radii: yield* radiiOf(centred, k), k }
})

/**
 * As `neighbourhoods`, by matrix products on the backend and in its accuracy: counts differ where a distance is that of
 * a k-th neighbour to float32's accuracy. About two seconds for 10,000 and 10,000 of 64 features.
 */
export const neighboursOnBackend = Effect.fn("neighboursOnBackend")(function* (
  real: RealNeighbours,
  generated: TensorData
): Effect.fn.Return<Neighbourhoods, BackendError, TensorBackend> {
  const centred = lessCentre(generated, real.centre)
  const tally = neighbourhoodTally(real.radii, yield* radiiOf(centred, real.k), real.k)
  yield* visitDistances(centred, real.features, tally.add)
  return tally.counted
})

const radiiOf = Effect.fnUntraced(function* (features: TensorData, k: number) {
  const radii = new Float64Array(features.shape[0] ?? 0)
  yield* visitDistances(features, features, (row, squared) => {
    radii[row] = kthSmallest(squared, k, row)
  })
  return radii
})

const meanOf = ({ shape: [count = 0, ...rest], values }: TensorData): Float64Array => {
  const width = sizeOf(rest)
  const mean = new Float64Array(width)
  values.forEach((value, at) => {
    mean[at % width] = (mean[at % width] ?? 0) + value / count
  })
  return mean
}

const lessCentre = ({ shape, values }: TensorData, centre: Float64Array): TensorData =>
  tensorData(
    shape,
    Float32Array.from(values, (value, at) => value - (centre[at % centre.length] ?? 0))
  )
