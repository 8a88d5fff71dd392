import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { distancesProgram, nearestProgram, referenceState } from "../../../src/domain/metrics/distancePrograms.ts"
import { nearestReferences } from "../../../src/domain/metrics/nearestNeighbours.ts"
import { rowsOf } from "../../../src/domain/metrics/Rows.ts"
import type { Program } from "../../../src/domain/tensor/Program.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { evaluateNamed } from "../../support/evaluateNamed.ts"
import { normalSamples } from "./samples.ts"

const run = (program: Program<"points", "squared">, points: TensorData, references: TensorData): Float64Array => {
  const state = referenceState(references)
  const [squared] = evaluateNamed([program.outputs.squared], {
    points: points.values,
    references: state["references"]?.values ?? [],
    norms: state["norms"]?.values ?? []
  })
  return squared ?? new Float64Array(0)
}

const size = fc.integer({ min: 1, max: 7 })

describe("programs of distances", () => {
  it("compute those of direct loops, and the least of each point's", () => {
    fc.assert(
      fc.property(fc.nat(9999), size, size, size, (seed, batch, m, dimension) => {
        const points = normalSamples(seed, "points", [batch, dimension], 1)
        const references = normalSamples(seed, "references", [m, dimension])
        const sizes = { references: m, batch, dimension }
        const squared = run(distancesProgram(sizes), points, references)
        const nearest = run(nearestProgram(sizes), points, references)
        for (let i = 0; i < batch; i++) {
          for (let j = 0; j < m; j++) {
            let plain = 0
            for (let k = 0; k < dimension; k++) {
              plain += ((points.values[i * dimension + k] ?? 0) - (references.values[j * dimension + k] ?? 0)) ** 2
            }
            assert.closeTo(squared[i * m + j] ?? Number.NaN, plain, 1e-12 * (1 + plain))
          }
          assert.strictEqual(nearest[i], Math.min(...squared.subarray(i * m, (i + 1) * m)))
        }
        const expected = nearestReferences(rowsOf(points), rowsOf(references)).distances
        nearest.forEach((value, i) => {
          assert.closeTo(Math.sqrt(value), expected[i] ?? Number.NaN, 1e-6)
        })
      }),
      { numRuns: 50 }
    )
  })

  it("have no negative distance, however rounding falls", () => {
    const points = normalSamples(3, "points", [40, 9], 1e4, 1e-4)
    const squared = run(distancesProgram({ references: 40, batch: 40, dimension: 9 }), points, points)
    assert.isTrue(squared.every((value) => value >= 0))
    // Without the bound some would be.
    assert.isTrue(squared.some((value) => value === 0))
  })
})
