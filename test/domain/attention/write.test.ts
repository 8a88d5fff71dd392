import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { read } from "../../../src/domain/attention/read.ts"
import { write } from "../../../src/domain/attention/write.ts"
import { multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { transpose } from "../../../src/domain/tensor/movement.ts"
import { constant, placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { normals } from "../../support/randomNumbers.ts"
import { matricesOf, plainWrite } from "./plainAttention.ts"
import { frame, moderateWindow, seeds, windowNumbersOf, windowPlaceholders, windowsOf } from "./windows.ts"

const randomTensor = (seed: number, name: string, shape: ReadonlyArray<number>): Tensor =>
  constant(tensorData(shape, normals(seed, name, shape)))

const windowsOfBatch = (batch: number) => fc.array(moderateWindow(9), { minLength: batch, maxLength: batch })

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((total, value, i) => total + value * (b[i] ?? 0), 0)

describe("write", () => {
  it("is (1 / gamma) FY^T w FX in plain loops, for every sample and channel", () => {
    fc.assert(
      fc.property(windowsOfBatch(2), frame, seeds, (windows, { height, width, filters }, seed) => {
        const channels = 1 + (seed % 3)
        const patch = randomTensor(seed, "patch", [2, channels, filters, filters])
        const drawn = write(patch, windowsOf(windows), { height, width })
        assert.deepStrictEqual(drawn.shape, [2, channels, height, width])
        const patches = matricesOf(evaluateOne(patch), filters, filters)
        const expected = windows.flatMap((window, b) =>
          patches.slice(b * channels, (b + 1) * channels).map((w) => plainWrite(w, window, height, width))
        )
        assertClose(evaluateOne(drawn), expected.flat(2), 1e-10)
      })
    )
  })

  it("is the adjoint of read up to gamma^2: <read(x), w> = gamma^2 <x, write(w)>", () => {
    fc.assert(
      fc.property(moderateWindow(), frame, seeds, (window, { height, width, filters }, seed) => {
        const x = randomTensor(seed, "x", [1, 2, height, width])
        const w = randomTensor(seed, "w", [1, 2, filters, filters])
        const windows = windowsOf([window])
        const left = dot(evaluateOne(read(x, windows, filters)), evaluateOne(w))
        const right = dot(evaluateOne(x), evaluateOne(write(w, windows, { height, width })))
        assertClose([left], [window.intensity ** 2 * right], 1e-11)
      })
    )
  })

  it("undoes read: with sharp filters on whole pixels, what is written is read back as it was", () => {
    const corner = fc.record({
      filters: fc.integer({ min: 1, max: 4 }),
      stride: fc.integer({ min: 1, max: 3 }),
      left: fc.nat(3),
      top: fc.nat(3),
      intensity: fc.double({ min: 0.1, max: 10, noNaN: true })
    })
    fc.assert(
      fc.property(corner, seeds, ({ filters, stride, left, top, intensity }, seed) => {
        const half = ((filters - 1) * stride) / 2
        const size = { height: top + 1 + 2 * half + 2, width: left + 1 + 2 * half }
        const windows = windowsOf([
          { centreX: left + 1 + half, centreY: top + 1 + half, stride, variance: 1e-4, intensity }
        ])
        const patch = randomTensor(seed, "patch", [1, 2, filters, filters])
        const canvas = write(patch, windows, size)
        assertClose(evaluateOne(read(canvas, windows, filters)), evaluateOne(patch), 1e-12)
        // And it stands on the pixels of the window, nowhere else.
        const drawn = matricesOf(evaluateOne(canvas), size.height, size.width)
        const patches = matricesOf(evaluateOne(patch), filters, filters)
        const expected = drawn.map((image, c) =>
          image.map((row, b) =>
            row.map((_, a) => {
              const [i, j] = [(b - top) / stride, (a - left) / stride]
              return (patches[c]?.[i]?.[j] ?? 0) / intensity
            })
          )
        )
        assertClose(drawn.flat(2), expected.flat(2), 1e-12)
      })
    )
  })

  it("turns what is drawn when patch and window are turned about the diagonal", () => {
    fc.assert(
      fc.property(moderateWindow(), frame, seeds, (window, { height, width, filters }, seed) => {
        const patch = randomTensor(seed, "patch", [1, 2, filters, filters])
        const swapped = { ...window, centreX: window.centreY, centreY: window.centreX }
        const turned = transpose(write(patch, windowsOf([window]), { height, width }), [0, 1, 3, 2])
        const drawn = write(transpose(patch, [0, 1, 3, 2]), windowsOf([swapped]), { height: width, width: height })
        assertClose(evaluateOne(drawn), evaluateOne(turned), 1e-12)
      })
    )
  })

  it("draws a sample as if it were alone: others of the batch do not influence it", () => {
    fc.assert(
      fc.property(windowsOfBatch(2), moderateWindow(), frame, seeds, (windows, other, frame, seed) => {
        const { height, width, filters } = frame
        const patch = normals(seed, "patch", [2, 1, filters, filters])
        const changed = Float64Array.from(patch, (value, i) => (i < filters * filters ? value + 1 : value))
        const of = (values: Float64Array, batch: typeof windows) =>
          evaluateOne(write(constant(tensorData([2, 1, filters, filters], values)), windowsOf(batch), frame))
        const [before, after] = [of(patch, windows), of(changed, [other, ...windows.slice(1)])]
        assert.deepStrictEqual(after.subarray(height * width), before.subarray(height * width))
      })
    )
  })

  it("has the gradient of its formula, for the patch and every number of the window", () => {
    fc.assert(
      fc.property(windowsOfBatch(2), frame, seeds, (windows, { height, width, filters }, seed) => {
        const given = { patch: placeholder("patch", [2, 2, filters, filters]), ...windowPlaceholders(2) }
        const drawn = write(given.patch, given, { height, width })
        const weights = randomTensor(seed, "weights", drawn.shape)
        const numbers = { patch: normals(seed, "patch", given.patch.shape), ...windowNumbersOf(windows) }
        assertGradient(sum(multiply(drawn, weights)), given, numbers, { seed })
      }),
      { numRuns: 20 }
    )
  })
})
