import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { neighbourhoods } from "../../../src/domain/metrics/neighbourhoods.ts"
import { kthSmallest, neighbourhoodTally } from "../../../src/domain/metrics/neighbourhoodTally.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { generated } from "./samples.ts"

/** Whole numbers, whose distances are exact: ties and copies are met often. */
const grid = (seed: number, count: number, width: number): TensorData =>
  generated([count, width], (i) => Math.floor(Math.abs(Math.sin(seed * 7.3 + i * 12.9898) * 43758.5453)) % 4)

const squaredTo = (points: TensorData, row: number, others: TensorData): ReadonlyArray<number> => {
  const [, width = 0] = points.shape
  return Array.from({ length: others.shape[0] ?? 0 }, (_, j) => {
    let total = 0
    for (let k = 0; k < width; k++) {
      total += ((points.values[row * width + k] ?? 0) - (others.values[j * width + k] ?? 0)) ** 2
    }
    return total
  })
}

const radii = (samples: TensorData, k: number): Float64Array =>
  Float64Array.from({ length: samples.shape[0] ?? 0 }, (_, row) =>
    kthSmallest(squaredTo(samples, row, samples), k, row)
  )

describe("the k-th smallest", () => {
  it("is that of the sorted others", () => {
    const lists = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 12 })
    fc.assert(
      fc.property(lists, fc.nat(11), fc.nat(11), (values, left, order) => {
        const except = left % values.length
        const k = 1 + (order % (values.length - 1))
        const sorted = values.toSpliced(except, 1).toSorted((a, b) => a - b)
        assert.strictEqual(kthSmallest(values, k, except), sorted[k - 1])
        assert.strictEqual(kthSmallest(values, k, -1), values.toSorted((a, b) => a - b)[k - 1])
      })
    )
  })

  it("is none among fewer than k", () => {
    assert.throws(() => kthSmallest([1, 2], 2, 0), RangeError)
    assert.throws(() => kthSmallest([1, 2], 0, -1), RangeError)
  })
})

describe("a tally of distances", () => {
  it("counts what the function of all samples counts, ties and copies included", () => {
    const count = fc.integer({ min: 6, max: 20 })
    fc.assert(
      fc.property(fc.nat(999), count, count, fc.integer({ min: 1, max: 5 }), (seed, n, m, k) => {
        const [real, fake] = [grid(seed, n, 3), grid(seed + 1, m, 3)]
        const tally = neighbourhoodTally(radii(real, k), radii(fake, k), k)
        for (let j = 0; j < m; j++) tally.add(j, squaredTo(fake, j, real))
        assert.deepStrictEqual(tally.counted, Result.getOrThrow(neighbourhoods(real, fake, k)))
      })
    )
  })
})
