import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { nearestReferences, neighbourDistances } from "../../../src/domain/metrics/nearestNeighbours.ts"
import { type Rows, rowsOf, subsample, takeRows } from "../../../src/domain/metrics/Rows.ts"
import { visitProducts } from "../../../src/domain/metrics/rowProducts.ts"
import { float64, normalSamples } from "./samples.ts"

const rows = (seed: number, name: string, n: number, d: number): Rows => rowsOf(normalSamples(seed, name, [n, d]))

const squaredDistance = (a: Rows, i: number, b: Rows, j: number): number => {
  let total = 0
  for (let k = 0; k < a.width; k++) {
    total += ((a.values[i * a.width + k] ?? 0) - (b.values[j * b.width + k] ?? 0)) ** 2
  }
  return total
}

// Beyond one block of 64 rows, and not a multiple of the tile of 2 x 4.
const counts = fc.integer({ min: 2, max: 140 })
const widths = fc.integer({ min: 1, max: 11 })

describe("products of rows", () => {
  it("are those of every pair, once", () => {
    fc.assert(
      fc.property(fc.nat(9999), counts, counts, widths, (seed, n, m, d) => {
        const [a, b] = [rows(seed, "a", n, d), rows(seed, "b", m, d)]
        const seen = new Float64Array(n * m).fill(Number.NaN)
        visitProducts(a, b, (values, { aFrom, aCount, bFrom, bCount }) => {
          for (let i = 0; i < aCount; i++) {
            for (let j = 0; j < bCount; j++) {
              const at = (aFrom + i) * m + bFrom + j
              assert.isNaN(seen[at])
              seen[at] = values[i * bCount + j] ?? 0
            }
          }
        })
        seen.forEach((product, at) => {
          const [x, y] = [takeRows(a, [Math.floor(at / m)]).values, takeRows(b, [at % m]).values]
          assert.strictEqual(
            product,
            x.reduce((sum, value, k) => sum + value * (y[k] ?? 0), 0)
          )
        })
      }),
      { numRuns: 30 }
    )
  })

  it("need rows of one width", () => {
    assert.throws(() => visitProducts(rows(0, "a", 2, 3), rows(0, "b", 2, 4), () => {}), RangeError)
  })
})

describe("nearest neighbours", () => {
  it("have the k-th smallest distance to the others", () => {
    fc.assert(
      fc.property(
        fc.nat(9999),
        fc.integer({ min: 7, max: 140 }),
        widths,
        fc.integer({ min: 1, max: 6 }),
        (seed, n, d, k) => {
          const points = rows(seed, "points", n, d)
          const found = neighbourDistances(points, k)
          for (let i = 0; i < n; i++) {
            const others = Array.from({ length: n }, (_, j) => j).filter((j) => j !== i)
            const sorted = others.map((j) => squaredDistance(points, i, points, j)).sort((x, y) => x - y)
            assert.closeTo(found[i] ?? Number.NaN, sorted[k - 1] ?? Number.NaN, 1e-9)
          }
        }
      ),
      { numRuns: 30 }
    )
  })

  it("are at distance 0 exactly for copies", () => {
    const points = rows(1, "points", 30, 784)
    const copied = takeRows(points, [...Array(30).keys(), ...Array(30).keys()])
    assert.isTrue(neighbourDistances(copied, 1).every((distance) => distance === 0))
    assert.isTrue(neighbourDistances(copied, 2).every((distance) => distance > 1))
  })

  it("among references are the first of the nearest", () => {
    fc.assert(
      fc.property(fc.nat(9999), counts, counts, widths, (seed, n, m, d) => {
        const [points, references] = [rows(seed, "points", n, d), rows(seed, "references", m, d)]
        const { indices, distances } = nearestReferences(points, references)
        for (let i = 0; i < n; i++) {
          const all = Array.from({ length: m }, (_, j) => Math.sqrt(squaredDistance(points, i, references, j)))
          assert.closeTo(distances[i] ?? Number.NaN, Math.min(...all), 1e-7)
          assert.closeTo(all[indices[i] ?? -1] ?? Number.NaN, Math.min(...all), 1e-7)
        }
      }),
      { numRuns: 30 }
    )
    const doubled = rowsOf(float64([3, 1], [5, 2, 2]))
    assert.deepStrictEqual([...nearestReferences(rowsOf(float64([1, 1], [2.5])), doubled).indices], [1])
  })

  it("exist for 1 <= k < n, and among at least one reference", () => {
    for (const k of [0, 5, 1.5]) assert.throws(() => neighbourDistances(rows(0, "x", 5, 2), k), RangeError)
    assert.throws(() => nearestReferences(rows(0, "x", 5, 2), { count: 0, width: 2, values: new Float64Array(0) }))
  })
})

describe("a subsample", () => {
  const key = { seed: 3, stream: "test/subsample", step: 0 }

  it("holds different samples of the set, the same for the same key", () => {
    const set = float64([50, 2, 1], [...Array(100).keys()])
    const chosen = subsample(set, 20, key)
    assert.deepStrictEqual(chosen.shape, [20, 2, 1])
    const firsts = [...chosen.values].filter((_, i) => i % 2 === 0)
    assert.strictEqual(new Set(firsts).size, 20)
    firsts.forEach((first, i) => {
      assert.strictEqual(first % 2, 0)
      assert.strictEqual(chosen.values[2 * i + 1], first + 1)
    })
    assert.deepStrictEqual(subsample(set, 20, key), chosen)
    assert.notDeepEqual(subsample(set, 20, { ...key, seed: 4 }), chosen)
  })

  it("of no fewer than all samples is the set itself", () => {
    const set = float64([3, 1], [1, 2, 3])
    assert.strictEqual(subsample(set, 3, key), set)
  })
})

describe("distances beside far samples", () => {
  it.each([
    [1e9, 1],
    [1e9, 31],
    [1e120, 31]
  ])("are those without them: about %d, %d of them", (far, copies) => {
    const near = normalSamples(3, "near", [30, 3])
    const beyond = new Array<number>(3 * copies).fill(far)
    const alone = neighbourDistances(rowsOf(near), 4)
    const beside = neighbourDistances(rowsOf(float64([30 + copies, 3], [...near.values, ...beyond])), 4)
    alone.forEach((squared, i) => {
      assert.closeTo((beside[i] ?? Number.NaN) / squared, 1, 1e-9)
    })
    const points = rowsOf(normalSamples(4, "points", [10, 3]))
    const references = rowsOf(float64([30 + copies, 3], [...beyond, ...near.values]))
    const { distances, indices } = nearestReferences(points, references)
    const expected = nearestReferences(points, rowsOf(near))
    assert.deepStrictEqual(
      [...indices],
      [...expected.indices].map((index) => index + copies)
    )
    distances.forEach((distance, i) => {
      assert.closeTo(distance / (expected.distances[i] ?? 0), 1, 1e-9)
    })
  })
})
