import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  convolution,
  convolutionParameters,
  stride2SamePadding,
  transposedConvolution,
  transposedConvolutionParameters
} from "../../../src/domain/nn/convolution.ts"
import { parameterPlaceholders } from "../../../src/domain/nn/parameter.ts"
import { multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { conv2d, convTranspose2d } from "../../../src/domain/tensor/convolution.ts"
import { tanh } from "../../../src/domain/tensor/elementwise.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed, evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient, byName } from "../../support/gradientCheck.ts"
import { normalsFor } from "../../support/randomNumbers.ts"

const small = (max: number, min = 1) => fc.integer({ min, max })

/** A convolution that halves, the transposed one that doubles back, and their operands. */
const halvings = fc
  .record({
    count: small(2),
    channels: small(3),
    outputs: small(3),
    size: small(6, 2),
    rows: small(7),
    columns: small(7),
    seed: fc.nat(1_000_000)
  })
  .map(({ count, channels, outputs, size, rows, columns, seed }) => ({
    x: placeholder("x", [count, channels, rows, columns]),
    y: placeholder("y", [count, outputs, Math.ceil(rows / 2), Math.ceil(columns / 2)]),
    down: parameterPlaceholders(convolutionParameters(channels, outputs, size, { kind: "glorot", scale: 1 }), "down"),
    up: parameterPlaceholders(
      transposedConvolutionParameters(outputs, channels, size, { kind: "glorot", scale: 1 }),
      "up"
    ),
    options: { ...stride2SamePadding(size, [rows, columns]), size: [rows, columns] as const },
    seed
  }))

describe("halving", () => {
  it("makes a convolution halve rows and columns, rounding up, and a transposed one lead back", () => {
    fc.assert(
      fc.property(halvings, ({ x, y, down, up, options }) => {
        assert.deepStrictEqual(convolution(down, x, options).shape, y.shape)
        assert.deepStrictEqual(transposedConvolution(up, y, options).shape, x.shape)
      })
    )
  })

  it("of kernels of four rows is by two pixels with one zero around, as is usual for DCGANs", () => {
    assert.deepStrictEqual(stride2SamePadding(4, [28, 2]), { strides: 2, padding: { before: [1, 1], after: [1, 1] } })
  })
})

describe("transposedConvolution", () => {
  it("is the adjoint of the convolution with the same kernel, and its bias besides", () => {
    fc.assert(
      fc.property(halvings, ({ x, y, down, up, options, seed }) => {
        const numbers = normalsFor(seed, byName([x, y, down.kernel, down.bias, up.bias]))
        const shared = { kernel: down.kernel, bias: up.bias }
        const [there = [], back = [], biasThere = [], biasBack = []] = evaluateNamed(
          [
            sum(multiply(convolution(down, x, options), y)),
            sum(multiply(x, transposedConvolution(shared, y, options))),
            sum(multiply(down.bias, y)),
            sum(multiply(x, up.bias))
          ],
          numbers
        )
        assertClose([(there[0] ?? 0) - (biasThere[0] ?? 0)], [(back[0] ?? 0) - (biasBack[0] ?? 0)], 1e-12)
      })
    )
  })

  it("sets a kernel down, scaled, for each entry: in plain loops", () => {
    fc.assert(
      fc.property(halvings, ({ y, up, options, seed }) => {
        const numbers = normalsFor(seed, byName([y, up.kernel, up.bias]))
        const drawn = transposedConvolution(up, y, options)
        const [count = 1, channels = 1, rows = 1, columns = 1] = drawn.shape
        const [, outputs = 1, fewRows = 1, fewColumns = 1] = y.shape
        const [, , size = 1] = up.kernel.shape
        const before = Math.ceil((size - 2) / 2)
        const expected = new Float64Array(count * channels * rows * columns)
        for (let i = 0; i < expected.length; i++) {
          expected[i] = numbers["up.bias"]?.[Math.floor(i / (rows * columns)) % channels] ?? Number.NaN
        }
        const kernel = (o: number, c: number, p: number, q: number) =>
          numbers["up.kernel"]?.[((o * channels + c) * size + p) * size + q] ?? Number.NaN
        for (let n = 0; n < count; n++)
          for (let o = 0; o < outputs; o++)
            for (let i = 0; i < fewRows; i++)
              for (let j = 0; j < fewColumns; j++)
                for (let c = 0; c < channels; c++)
                  for (let p = 0; p < size; p++)
                    for (let q = 0; q < size; q++) {
                      const [row, column] = [2 * i + p - before, 2 * j + q - before]
                      if (row < 0 || row >= rows || column < 0 || column >= columns) continue
                      const at = ((n * channels + c) * rows + row) * columns + column
                      const from = ((n * outputs + o) * fewRows + i) * fewColumns + j
                      expected[at] = (expected[at] ?? 0) + (numbers["y"]?.[from] ?? 0) * kernel(o, c, p, q)
                    }
        assertClose(evaluateOne(drawn, numbers), expected, 1e-12)
      }),
      { numRuns: 50 }
    )
  })

  it("has the derivatives that finite differences find, of its maps, kernel and bias", () => {
    fc.assert(
      fc.property(halvings, ({ y, up, options, seed }) => {
        const tensors = byName([y, up.kernel, up.bias])
        const loss = sum(tanh(transposedConvolution(up, y, options)))
        assertGradient(loss, tensors, normalsFor(seed, tensors, 0.5), { seed })
      }),
      { numRuns: 20 }
    )
  })

  it("without its bias is what the convolution's gradient is made of", () => {
    fc.assert(
      fc.property(halvings, ({ x, y, down, options, seed }) => {
        const numbers = normalsFor(seed, byName([x, y, down.kernel]))
        const slope = gradient(sum(multiply(conv2d(x, down.kernel, options), y)), x)
        const [found = [], expected = []] = evaluateNamed([slope, convTranspose2d(y, down.kernel, options)], numbers)
        assertClose(found, expected, 1e-12)
      }),
      { numRuns: 20 }
    )
  })
})
