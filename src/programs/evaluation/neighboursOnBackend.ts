import * as Effect from "effect/Effect"
import { featureAxes, invalidSamples } from "../../domain/metrics/invalidSamples.ts"
import type { MeasureError } from "../../domain/metrics/MeasureError.ts"
import { usualNeighbours } from "../../domain/metrics/neighbourhoods.ts"
import type { Neighbourhoods } from "../../domain/metrics/neighbourhoodTally.ts"
import { kthSmallest, neighbourhoodTally } from "../../domain/metrics/neighbourhoodTally.ts"
import { inCommonUnit, type Rows, roundCentre, rowsOf } from "../../domain/metrics/Rows.ts"
import type { NamedTensors, TensorData } from "../../domain/tensor/TensorData.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { visitDistances } from "./pairDistances.ts"

/** Real features whose neighbourhoods are known. */
export interface RealNeighbours {
  /** `[n, d]`. */
  readonly features: TensorData
  /** `[d]`, in `unit`: distances from far out are taken about it. */
  readonly centre: Float64Array
  /** `[n]`: squared distance to the k-th nearest other, in the square of `unit`. */
  readonly radii: Float64Array
  /** What distances are multiples of, so that their squares do not leave float64. */
  readonly unit: number
  readonly k: number
}

/**
 * The neighbourhoods of real features `[n, d]`: about a second for 10,000 x 64. Fails with a `MeasureError` unless there are more than k
 * of them, all finite.
 */
export const realNeighbours = Effect.fn("realNeighbours")(function* (
  features: TensorData,
  k = usualNeighbours
): Effect.fn.Return<RealNeighbours, BackendError | MeasureError, TensorBackend> {
  yield* requireFeatures({ real: features }, k)
  const { unit, sets } = inCommonUnit(rowsOf(features))
  const centre = roundCentre(sets[0])
  return { features, centre, radii: yield* radiiOf(sets[0], centre, k), unit, k }
})

/**
 * As `neighbourhoods` of features `[n, features]`, by matrix products on the backend and in its accuracy: counts differ where a distance is that of
 * a k-th neighbour to float32's accuracy. About two seconds for 10,000 and 10,000 of 64 features. Fails with a `MeasureError` for fewer than
 * k + 1 features, features of another kind than the real ones, and numbers that are not finite.
 */
export const neighboursOnBackend = Effect.fn("neighboursOnBackend")(function* (
  real: RealNeighbours,
  generated: TensorData
): Effect.fn.Return<Neighbourhoods, BackendError | MeasureError, TensorBackend> {
  yield* requireFeatures({ real: real.features, generated }, real.k)
  const { unit, sets } = inCommonUnit(rowsOf(real.features), rowsOf(generated))
  const [x, y] = sets
  const centre = real.centre.map((value) => value * (real.unit / unit))
  const radii = real.radii.map((squared) => squared * (real.unit / unit) ** 2)
  const tally = neighbourhoodTally(radii, yield* radiiOf(y, centre, real.k), real.k)
  yield* visitDistances(y, x, centre, tally.add)
  return tally.counted
})

const requireFeatures = (features: NamedTensors, k: number): Effect.Effect<void, MeasureError> => {
  const fault = invalidSamples({ measure: `neighbourhoods with k = ${k}`, axes: featureAxes, atLeast: k + 1 }, features)
  return fault === undefined ? Effect.void : Effect.fail(fault)
}

const radiiOf = Effect.fnUntraced(function* (features: Rows, centre: Float64Array, k: number) {
  const radii = new Float64Array(features.count)
  yield* visitDistances(features, features, centre, (row, squared) => {
    radii[row] = kthSmallest(squared, k, row)
  })
  return radii
})
