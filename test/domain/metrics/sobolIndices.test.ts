import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { type PickFreeze, type SobolIndices, sobolIndices } from "../../../src/domain/metrics/sobolIndices.ts"
import { uniform } from "../../../src/domain/random/noise.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { normals } from "../../support/randomNumbers.ts"
import { assertFails, float64 } from "./samples.ts"

type Row = ReadonlyArray<number>
type Raster = (inputs: Row) => Row

const rowsOf = (values: ArrayLike<number>, n: number, width: number): ReadonlyArray<Row> =>
  Array.from({ length: n }, (_, j) => Array.from({ length: width }, (_, i) => values[j * width + i] ?? 0))

const evaluated = (rows: ReadonlyArray<Row>, f: Raster): TensorData => {
  const images = rows.map(f)
  return float64([rows.length, images[0]?.length ?? 0], images.flat())
}

const design = (a: ReadonlyArray<Row>, b: ReadonlyArray<Row>, f: Raster): PickFreeze => ({
  a: evaluated(a, f),
  b: evaluated(b, f),
  mixed: (a[0] ?? []).map((_, i) =>
    evaluated(
      a.map((row, j) => row.with(i, b[j]?.[i] ?? 0)),
      f
    )
  )
})

const normalDesign = (n: number, inputs: number, f: Raster, seed = 1): PickFreeze =>
  design(rowsOf(normals(seed, "A", [n * inputs]), n, inputs), rowsOf(normals(seed, "B", [n * inputs]), n, inputs), f)

const shares = (images: PickFreeze): SobolIndices => Result.getOrThrow(sobolIndices(images))

const assertShares = (found: SobolIndices, first: Row, total: Row): void => {
  for (const [what, list, expected] of [
    ["first", found.first, first],
    ["total", found.total, total]
  ] as const) {
    assert.strictEqual(list.length, expected.length)
    list.forEach(({ value, standardError }, i) => {
      const wanted = expected[i] ?? Number.NaN
      assert.isAtMost(Math.abs(value - wanted), 4 * standardError + 1e-12, `${what} index of input ${i + 1}: ${value}`)
      assert.isBelow(standardError, 0.05, `${what} index of input ${i + 1}: error`)
    })
  }
}

describe("variance shares", () => {
  it("by hand", () => {
    const [a, b] = [float64([2, 1], [0, 1]), float64([2, 1], [2, 3])]
    const found = shares({ a, b, mixed: [b] })
    // Mean 3/2, unbiased variance 5/3; (1/2 2 + 3/2 2) / 2 = 2 and (4 + 4) / 2 / 2 = 2.
    assert.closeTo(found.variance, 5 / 3, 1e-12)
    assert.closeTo(found.first[0]?.value ?? Number.NaN, 6 / 5, 1e-12)
    assert.closeTo(found.total[0]?.value ?? Number.NaN, 6 / 5, 1e-12)
  })

  it("of a sum of inputs are their weights squared, first and total alike", () => {
    const found = shares(normalDesign(8000, 3, ([x = 0, y = 0, z = 0]) => [3 * x + 2 * y + z + 100]))
    assertShares(found, [9 / 14, 4 / 14, 1 / 14], [9 / 14, 4 / 14, 1 / 14])
    assert.closeTo(found.variance, 14, 0.5)
  })

  it("of a product are in its interaction alone", () => {
    assertShares(shares(normalDesign(8000, 2, ([x = 0, y = 0]) => [x * y])), [0, 0], [1, 1])
  })

  it("of Ishigami's function are those in closed form", () => {
    const [a, b] = [7, 0.1]
    const n = 10_000
    const inputs = (name: string) =>
      rowsOf(
        uniform({ seed: 2, stream: `test/${name}`, step: 0 }, 3 * n).map((u) => Math.PI * (2 * u - 1)),
        n,
        3
      )
    const ishigami: Raster = ([x = 0, y = 0, z = 0]) => [Math.sin(x) + a * Math.sin(y) ** 2 + b * z ** 4 * Math.sin(x)]
    const pi4 = Math.PI ** 4
    const v1 = (1 + (b * pi4) / 5) ** 2 / 2
    const v2 = a ** 2 / 8
    const v13 = b ** 2 * pi4 ** 2 * (1 / 18 - 1 / 50)
    const v = v1 + v2 + v13
    const found = shares(design(inputs("A"), inputs("B"), ishigami))
    assertShares(found, [v1 / v, v2 / v, 0], [(v1 + v13) / v, v2 / v, v13 / v])
  })

  it("of an image weight its pixels by their variance", () => {
    // Pixel 1 is 3 x, pixel 2 is y: of the variance 9 + 1, nine tenths are due to x.
    const found = shares(normalDesign(8000, 2, ([x = 0, y = 0]) => [3 * x, y, 5]))
    assertShares(found, [0.9, 0.1], [0.9, 0.1])
    assert.closeTo(found.variance, 10 / 3, 0.2)
  })

  it("are exactly zero for an input without effect, and do not depend on offset and unit", () => {
    fc.assert(
      fc.property(
        fc.nat(9999),
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.double({ min: 0.1, max: 9, noNaN: true }),
        (seed, offset, unit) => {
          const f: Raster = ([x = 0, y = 0]) => [x, x * y, y]
          const plain = shares(normalDesign(20, 3, f, seed))
          assert.deepStrictEqual(plain.first[2], { value: 0, standardError: 0 })
          assert.deepStrictEqual(plain.total[2], { value: 0, standardError: 0 })
          const changed = shares(normalDesign(20, 3, (row) => f(row).map((value) => offset + unit * value), seed))
          plain.total.forEach(({ value }, i) => {
            assert.closeTo(changed.total[i]?.value ?? Number.NaN, value, 1e-9)
            assert.closeTo(changed.first[i]?.value ?? Number.NaN, plain.first[i]?.value ?? Number.NaN, 1e-9)
          })
        }
      ),
      { numRuns: 30 }
    )
  })

  it("have standard errors that shrink with the root of the rows", () => {
    const f: Raster = ([x = 0, y = 0]) => [x + y]
    const [few, many] = [shares(normalDesign(1000, 2, f)), shares(normalDesign(16_000, 2, f))]
    const ratio = (few.first[0]?.standardError ?? 0) / (many.first[0]?.standardError ?? 1)
    assert.closeTo(ratio, 4, 0.6)
  })

  it("need images that vary, rows that pair and an input", () => {
    const found = normalDesign(5, 2, ([x = 0]) => [x])
    assertFails(sobolIndices(normalDesign(5, 2, () => [1, 2])), /all images are the same/)
    assertFails(sobolIndices({ ...found, mixed: [] }), /at least one input/)
    const [one] = normalDesign(4, 2, ([x = 0]) => [x]).mixed
    const mixed = one === undefined ? [] : [one]
    assertFails(sobolIndices({ ...found, mixed }), /input 1 of B: expected 5 samples as in A, found 4/)
  })
})
