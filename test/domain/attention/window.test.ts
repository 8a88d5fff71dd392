import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  type AttentionWindow,
  acrossChannels,
  blurred,
  overlapping,
  type WindowFrame,
  windowFrom,
  windowTable
} from "../../../src/domain/attention/window.ts"
import { write } from "../../../src/domain/attention/write.ts"
import { linear } from "../../../src/domain/nn/linear.ts"
import { multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { constant, placeholder } from "../../../src/domain/tensor/source.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { normals, normalsFor } from "../../support/randomNumbers.ts"
import { plainWindow } from "./plainAttention.ts"
import { moderateWindow, seeds, windowsOf } from "./windows.ts"

/** Placeholders of a linear map from `units` numbers to a window, and of the hidden state. */
const mapPlaceholders = (batch: number, units: number) => ({
  hidden: placeholder("hidden", [batch, units]),
  weight: placeholder("weight", [units, 5]),
  bias: placeholder("bias", [5])
})

const windowAt = (numbers: ReadonlyArray<number>, frame: WindowFrame): AttentionWindow =>
  windowFrom(constant(tensorData([1, 5], Float64Array.from(numbers))), frame)

const tableOf = (window: AttentionWindow): ReadonlyArray<number> => Array.from(evaluateOne(windowTable(window)))

describe("windowFrom", () => {
  // gX, gY, d, sigma, gamma, worked out by hand from section 2.1.
  const mnist = { height: 28, width: 28, filters: 5 }
  it.each([
    { numbers: [0, 0, 0, 0, 0], frame: mnist, table: [14.5, 14.5, 6.75, 1, 1] },
    { numbers: [1, -1, 0, 0, 0], frame: mnist, table: [29, 0, 6.75, 1, 1] },
    { numbers: [-0.5, 0.5, Math.log(9), Math.log(2), Math.log(3)], frame: mnist, table: [7.25, 21.75, 13.5, 3, 3] },
    { numbers: [0, 0, 0, 0, 0], frame: { height: 28, width: 28, filters: 4 }, table: [14.5, 14.5, 9, 1, 1] },
    { numbers: [0, 1, 0, 0, 0], frame: { height: 9, width: 31, filters: 11 }, table: [16, 10, 3, 1, 1] },
    { numbers: [1, 0, 0, 0, 0], frame: { height: 31, width: 9, filters: 11 }, table: [10, 16, 3, 1, 1] },
    // A single filter has no neighbour: d~ counts in widths of the image.
    { numbers: [0, 0, 0, Math.log(0.5), 0], frame: { height: 9, width: 9, filters: 1 }, table: [5, 5, 4, 1, 1] },
    { numbers: [0, 0, 0, 0, 0], frame: { height: 1, width: 1, filters: 3 }, table: [1, 1, 0, 1, 1] }
  ])("places $numbers as worked out by hand on $frame.height x $frame.width", ({ numbers, frame, table }) => {
    assertClose(tableOf(windowAt(numbers, frame)), table, 1e-14)
  })

  it("begins with filters from the first pixel to the last", () => {
    const [centre = 0, , stride = 0] = tableOf(windowAt([0, 0, 0, 0, 0], mnist))
    assert.deepStrictEqual([centre - 2 * stride, centre + 2 * stride], [1, 28])
  })

  it("holds the logarithms within +-20", () => {
    const frame = { height: 5, width: 5, filters: 2 }
    const [, , dLarge, sigmaLarge, gammaLarge] = tableOf(windowAt([0, 0, 1000, 1000, 1000], frame))
    const [, , dSmall, sigmaSmall, gammaSmall] = tableOf(windowAt([0, 0, -1000, -1000, -1000], frame))
    const ratio = (actual: number | undefined, expected: number) =>
      assert.closeTo((actual ?? 0) / expected, 1, 1e-12, `${actual}`)
    ratio(dLarge, 4 * Math.exp(20))
    ratio(sigmaLarge, Math.exp(10))
    ratio(gammaLarge, Math.exp(20))
    ratio(dSmall, 4 * Math.exp(-20))
    ratio(sigmaSmall, Math.exp(-10))
    ratio(gammaSmall, Math.exp(-20))
  })

  it("is section 2.1 applied to the linear map of every sample's state", () => {
    fc.assert(
      fc.property(
        seeds,
        fc.record({ height: fc.nat(8), width: fc.nat(8), filters: fc.integer({ min: 2, max: 5 }) }),
        (seed, { height, width, filters }) => {
          const frame = { height: height + 1, width: width + 1, filters }
          const [batch, units] = [3, 4]
          const given = mapPlaceholders(batch, units)
          const numbers = normalsFor(seed, given)
          const table = evaluateOne(windowTable(windowFrom(linear(given, given.hidden), frame)), numbers)
          const expected = Array.from({ length: batch }, (_, b) => {
            const five = Array.from({ length: 5 }, (_, j) => {
              let total = numbers["bias"]?.[j] ?? Number.NaN
              for (let u = 0; u < units; u++) {
                total += (numbers["hidden"]?.[b * units + u] ?? 0) * (numbers["weight"]?.[u * 5 + j] ?? 0)
              }
              return total
            })
            const { centreX, centreY, stride, variance, intensity } = plainWindow(five, frame)
            return [centreX, centreY, stride, Math.sqrt(variance), intensity]
          })
          assertClose(table, expected.flat(), 1e-12)
        }
      )
    )
  })

  it("has the gradient of its formulas", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const given = mapPlaceholders(2, 3)
        const table = windowTable(windowFrom(linear(given, given.hidden), { height: 6, width: 4, filters: 3 }))
        const weights = constant(tensorData([2, 5], normals(seed, "weights", [2, 5])))
        assertGradient(sum(multiply(table, weights)), given, normalsFor(seed, given, 0.5), { seed })
      }),
      { numRuns: 10 }
    )
  })
})

describe("acrossChannels", () => {
  it("keeps one number a sample, with axes for channels, rows and columns", () => {
    const gammas = [0.25, 1, 3]
    const { intensity } = windowsOf(
      gammas.map((gamma) => ({ centreX: 1, centreY: 1, stride: 1, variance: 1, intensity: gamma }))
    )
    assert.deepStrictEqual(acrossChannels(intensity).shape, [3, 1, 1, 1])
    assertClose(evaluateOne(acrossChannels(intensity)), gammas, 1e-14)
  })
})

describe("overlapping", () => {
  it("widens the filters by a share of the stride, and leaves the rest of the window", () => {
    fc.assert(
      fc.property(moderateWindow(), fc.double({ min: 0, max: 2, noNaN: true }), (window, overlap) => {
        const { centreX, centreY, stride, variance, intensity } = window
        const sigma = Math.sqrt(variance + (overlap * stride) ** 2)
        assertClose(
          tableOf(overlapping(windowsOf([window]), overlap)),
          [centreX, centreY, stride, sigma, intensity],
          1e-12
        )
      })
    )
  })

  it("writes no dots at half a stride, however narrow the filters and far apart", () => {
    const size = 41
    const ones = constant(tensorData([1, 1, 9, 9], new Float64Array(81).fill(1)))
    fc.assert(
      fc.property(
        fc.double({ min: 2, max: 4, noNaN: true }),
        fc.double({ min: -15, max: 0, noNaN: true }),
        (stride, log) => {
          const window = windowsOf([{ centreX: 21, centreY: 21, stride, variance: Math.exp(log), intensity: 1 }])
          // The middle of a patch of ones, away from its edges: a plain where filters overlap.
          const rippleOf = (given: AttentionWindow): number => {
            const canvas = evaluateOne(write(ones, given, { height: size, width: size }))
            const middle = [18, 19, 20, 21, 22].map((column) => canvas[20 * size + column] ?? 0)
            return Math.max(...middle) / Math.min(...middle) - 1
          }
          assert.isBelow(rippleOf(overlapping(window, 0.5)), 0.04)
          if (log < -2) assert.isAbove(rippleOf(window), 1)
        }
      ),
      { numRuns: 50 }
    )
  })
})

describe("overlapping and blurred", () => {
  it("by 0 are the window itself, so that a model without them has no other program for it", () => {
    const window = windowsOf([{ centreX: 2, centreY: 3, stride: 1, variance: 1, intensity: 1 }])
    assert.strictEqual(blurred(overlapping(window, 0), 0), window)
  })
})

describe("blurred", () => {
  it("adds the variance of the blur to that of the filters, and leaves the rest of the window", () => {
    fc.assert(
      fc.property(moderateWindow(), fc.double({ min: 0, max: 3, noNaN: true }), (window, blur) => {
        const { centreX, centreY, stride, variance, intensity } = window
        assertClose(
          tableOf(blurred(windowsOf([window]), blur)),
          [centreX, centreY, stride, Math.hypot(Math.sqrt(variance), blur), intensity],
          1e-12
        )
      })
    )
  })

  it("writes no single pixel in the middle of an image, however narrow the filter: its neighbours get at least what a Gaussian of that sigma gives them", () => {
    const size = 11
    const one = constant(tensorData([1, 1, 1, 1], Float64Array.of(1)))
    fc.assert(
      fc.property(
        fc.double({ min: -15, max: -2, noNaN: true }),
        fc.double({ min: 0.7, max: 3, noNaN: true }),
        (log, sigma) => {
          const window = windowsOf([{ centreX: 6, centreY: 6, stride: 1, variance: Math.exp(log), intensity: 1 }])
          const neighbourOf = (given: AttentionWindow): number => {
            const canvas = evaluateOne(write(one, given, { height: size, width: size }))
            return (canvas[5 * size + 6] ?? 0) / (canvas[5 * size + 5] ?? 0)
          }
          assert.isAtLeast(neighbourOf(blurred(window, sigma)), Math.exp(-1 / (2 * sigma ** 2)) * (1 - 1e-12))
          assert.isBelow(neighbourOf(window), 0.03)
        }
      ),
      { numRuns: 50 }
    )
  })
})

describe("windowTable", () => {
  it("shows gX, gY, d, sigma (not the variance) and gamma of every sample", () => {
    const windows = [
      { centreX: 3, centreY: 4, stride: 1.5, variance: 4, intensity: 0.5 },
      { centreX: -7, centreY: 40, stride: 0.25, variance: 0.09, intensity: 2 }
    ]
    assert.deepStrictEqual(windowTable(windowsOf(windows)).shape, [2, 5])
    assertClose(tableOf(windowsOf(windows)), [3, 4, 1.5, 2, 0.5, -7, 40, 0.25, 0.3, 2], 1e-14)
  })
})
