import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { evaluate } from "../../../../src/domain/tensor/evaluate/evaluate.ts"
import { multiplyMatrices } from "../../../../src/domain/tensor/evaluate/matmul.ts"
import { concatenate, slice } from "../../../../src/domain/tensor/movement.ts"
import { sizeOf } from "../../../../src/domain/tensor/Shape.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import { copyPart, joinRows } from "../../../../src/layers/backend/tfjs/copying.ts"
import { multiplySmall } from "../../../../src/layers/backend/tfjs/smallProducts.ts"

const counting = (length: number, factor = 1) => Float32Array.from({ length }, (_, i) => (i * factor) % 17)

/** Sizes on both sides of what is copied number by number. */
const axis: fc.Arbitrary<number> = fc.constantFrom(1, 2, 3, 5, 40)

describe("copies within wasm's memory", () => {
  it("cut out what the primitive means, for every rank", () => {
    const parts = fc
      .array(axis, { maxLength: 4 })
      .chain((shape) =>
        fc.tuple(
          fc.constant(shape),
          fc.tuple(
            ...shape.map((n) =>
              fc.nat(n - 1).chain((at) => fc.tuple(fc.constant(at), fc.integer({ min: 1, max: n - at })))
            )
          )
        )
      )
    fc.assert(
      fc.property(parts, ([shape, ranges]) => {
        const [begin, size] = [ranges.map(([at]) => at), ranges.map(([, n]) => n)]
        const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => i)
        const found = new Float32Array(sizeOf(size)).fill(Number.NaN)
        copyPart(values, shape, found, begin, size)
        const [expected = []] = evaluate([slice(placeholder("x", shape), begin, size)], () => Float64Array.from(values))
        assert.deepStrictEqual([...found], [...expected])
      })
    )
  })

  it("join what the primitive means", () => {
    fc.assert(
      fc.property(fc.array(axis, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 3 }), (widths, rows) => {
        const parts = widths.map((width, i) => ({ values: counting(rows * width, i + 1), width }))
        const found = new Float32Array(rows * widths.reduce((a, b) => a + b))
        joinRows(parts, found)
        const tensors = widths.map((width, i) => placeholder(`${i}`, [rows, width]))
        const [expected = []] = evaluate([concatenate(tensors, 1)], (source) =>
          Float64Array.from(source.op === "placeholder" ? (parts[Number(source.parameters.name)]?.values ?? []) : [])
        )
        assert.deepStrictEqual([...found], [...expected])
      })
    )
  })
})

describe("small products", () => {
  it("are what the primitive means, transposed or not, for one matrix or one for each", () => {
    const size = fc.integer({ min: 1, max: 9 })
    const cases = fc.record({
      batch: fc.integer({ min: 1, max: 3 }),
      rows: size,
      inner: size,
      columns: size,
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
      oneA: fc.boolean(),
      oneB: fc.boolean()
    })
    fc.assert(
      fc.property(cases, ({ batch, rows, inner, columns, transposeA, transposeB, oneA, oneB }) => {
        const [countA, countB] = [oneA ? 1 : batch, oneB ? 1 : batch]
        const a = counting(countA * rows * inner, 3)
        const b = counting(countB * inner * columns, 5)
        const found = new Float32Array(batch * rows * columns).fill(Number.NaN)
        multiplySmall(
          {
            values: a,
            matrix: oneA ? 0 : rows * inner,
            row: transposeA ? 1 : inner,
            column: transposeA ? rows : 1
          },
          {
            values: b,
            matrix: oneB ? 0 : inner * columns,
            row: transposeB ? 1 : columns,
            column: transposeB ? inner : 1
          },
          found,
          { batch, rows, inner, columns }
        )
        const expected = multiplyMatrices(
          {
            values: Float64Array.from(a),
            shape: [countA, ...(transposeA ? [inner, rows] : [rows, inner])],
            transposed: transposeA
          },
          {
            values: Float64Array.from(b),
            shape: [countB, ...(transposeB ? [columns, inner] : [inner, columns])],
            transposed: transposeB
          },
          [batch, rows, columns]
        )
        assert.deepStrictEqual([...found], [...expected])
      })
    )
  })
})
