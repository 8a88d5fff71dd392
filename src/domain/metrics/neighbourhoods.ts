import * as Result from "effect/Result"
import type { TensorData } from "../tensor/TensorData.ts"
import { featureAxes, invalidSamples } from "./invalidSamples.ts"
import type { MeasureError } from "./MeasureError.ts"
import { neighbourDistances, visitSquaredDistances } from "./nearestNeighbours.ts"
import { inCommonUnit, roundCentre, rowsOf } from "./Rows.ts"
import type { VisitBlock } from "./rowProducts.ts"

/**
 * How two sets of samples lie within each other's neighbourhoods. The neighbourhood of a sample is the closed ball that
 * reaches to its k-th nearest neighbour in its own set. Precision, recall, density and coverage follow from these
 * counts.
 */
export interface Neighbourhoods {
  /** The k of "k-th nearest". */
  readonly k: number
  /** `[generated]`: in how many real samples' neighbourhoods each generated sample lies. */
  readonly generatedInReal: Uint32Array
  /** `[real]`: in how many generated samples' neighbourhoods each real sample lies. */
  readonly realInGenerated: Uint32Array
  /** `[real]`: how many generated samples lie in each real sample's neighbourhood. */
  readonly generatedAround: Uint32Array
}

/** The k of the measures here: what Naeem et al. 2020 recommend. (Kynkaanniemi et al. 2019 took 3.) */
export const usualNeighbours = 5

/**
 * The neighbourhoods of real and generated features, both `[n, d]`. Distances are Euclidean, in float64, and do not depend on where the
 * features lie nor on their scale.
 *
 * Fails with a `MeasureError` if either set has fewer than k + 1 samples, or if they are not features of one kind. The
 * estimates built on it depend on the sizes of the sets: compare models at equal ones, and use at least some thousand
 * samples. Brute force: `(real^2 / 2 + real * generated + generated^2 / 2) d` products; 10,000 of each with d = 64 take
 * about 15 s on one core (`subsample` is the way out), in a few megabytes of memory.
 */
export const neighbourhoods = (
  real: TensorData,
  generated: TensorData,
  k = usualNeighbours
): Result.Result<Neighbourhoods, MeasureError> => {
  const needs = { measure: `neighbourhoods with k = ${k}`, axes: featureAxes, atLeast: k + 1 }
  const fault = invalidSamples(needs, { real, generated })
  if (fault !== undefined) return Result.fail(fault)
  const [r, g] = inCommonUnit(rowsOf(real), rowsOf(generated)).sets
  const centre = roundCentre(r, g)
  const [realRadii, generatedRadii] = [neighbourDistances(r, k, centre), neighbourDistances(g, k, centre)]
  const generatedInReal = new Uint32Array(g.count)
  const realInGenerated = new Uint32Array(r.count)
  const generatedAround = new Uint32Array(r.count)
  const visit: VisitBlock = (distances, { aFrom, aCount, bFrom, bCount }) => {
    for (let i = aFrom, at = 0; i < aFrom + aCount; i++) {
      const radius = realRadii[i] ?? 0
      for (let j = bFrom; j < bFrom + bCount; j++, at++) {
        const distance = distances[at] ?? 0
        if (distance <= radius) {
          generatedInReal[j] = (generatedInReal[j] ?? 0) + 1
          generatedAround[i] = (generatedAround[i] ?? 0) + 1
        }
        if (distance <= (generatedRadii[j] ?? 0)) realInGenerated[i] = (realInGenerated[i] ?? 0) + 1
      }
    }
  }
  visitSquaredDistances(r, g, visit, { centre })
  return Result.succeed({ k, generatedInReal, realInGenerated, generatedAround })
}

/** The share of samples that are counted at least once, in [0, 1]. */
export const shareCounted = (counts: Uint32Array): number => counts.filter((count) => count > 0).length / counts.length
