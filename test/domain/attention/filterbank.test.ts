import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { filterbank } from "../../../src/domain/attention/filterbank.ts"
import type { WindowFrame } from "../../../src/domain/attention/window.ts"
import { add, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { constant } from "../../../src/domain/tensor/source.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { normals } from "../../support/randomNumbers.ts"
import { entry, type Matrix, matricesOf, type PlainWindow, plainFilters } from "./plainAttention.ts"
import { frame, moderateWindow, seeds, windowNumbersOf, windowPlaceholders, windowsOf } from "./windows.ts"

/** FX and FY of every window, as computed by the library. */
const filtersOf = (windows: ReadonlyArray<PlainWindow>, frame: WindowFrame) => {
  const { horizontal, vertical } = filterbank(windowsOf(windows), frame)
  const [x = [], y = []] = evaluateNamed([horizontal, vertical], {})
  return {
    horizontal: matricesOf(x, frame.filters, frame.width),
    vertical: matricesOf(y, frame.filters, frame.height)
  }
}

/** The mean pixel (counted from 1) under each row. */
const centresOf = (rows: Matrix | undefined): ReadonlyArray<number> =>
  (rows ?? []).map((row) => row.reduce((total, weight, a) => total + weight * (a + 1), 0))

/** Windows whose filters lie well inside an image of 60 pixels: 7 sigma or more from its border. */
const inside: fc.Arbitrary<PlainWindow> = fc.record({
  centreX: fc.double({ min: 23, max: 38, noNaN: true }),
  centreY: fc.double({ min: 23, max: 38, noNaN: true }),
  stride: fc.double({ min: 0.5, max: 6, noNaN: true }),
  variance: fc.double({ min: 1, max: 2, noNaN: true }),
  intensity: fc.constant(1)
})
const large = { height: 60, width: 60 }

describe("filterbank", () => {
  it("has the shapes [batch, 1, N, A] and [batch, 1, N, B]", () => {
    const { horizontal, vertical } = filterbank(windowPlaceholders(2), { height: 3, width: 7, filters: 4 })
    assert.deepStrictEqual(
      [horizontal.shape, vertical.shape],
      [
        [2, 1, 4, 7],
        [2, 1, 4, 3]
      ]
    )
  })

  it("counts from the image's middle, so that a window there has mirrored filters to the last digits", () => {
    fc.assert(
      fc.property(frame, fc.double({ min: 1e-3, max: 1, noNaN: true }), ({ height, width, filters }, variance) => {
        const [centreX, centreY] = [(width + 1) / 2, (height + 1) / 2]
        const window = { centreX, centreY, stride: 0.3, variance, intensity: 1 }
        const { horizontal, vertical } = filtersOf([window], { height, width, filters })
        for (const rows of [...horizontal, ...vertical]) {
          const mirrored = rows.toReversed().map((row) => row.toReversed())
          assertClose(rows.flat(), mirrored.flat(), 4 * Number.EPSILON)
        }
      })
    )
  })

  it("has rows of weights: none negative, each summing to 1", () => {
    const wild = fc.record({
      centreX: fc.double({ min: -2e4, max: 2e4, noNaN: true }),
      centreY: fc.double({ min: -2e4, max: 2e4, noNaN: true }),
      stride: fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
      variance: fc.double({ min: 2e-9, max: 5e8, noNaN: true }),
      intensity: fc.constant(1)
    })
    fc.assert(
      fc.property(fc.oneof(moderateWindow(), wild), frame, (window, frame) => {
        const { horizontal, vertical } = filtersOf([window], frame)
        for (const row of [...horizontal, ...vertical].flat()) {
          assert.isTrue(row.every((weight) => weight >= 0))
          assert.closeTo(
            row.reduce((total, weight) => total + weight, 0),
            1,
            1e-12
          )
        }
      })
    )
  })

  it("is exp(-(a - mu)^2 / 2 s2) / Z, on both axes, for every sample", () => {
    fc.assert(
      fc.property(fc.array(moderateWindow(9), { minLength: 1, maxLength: 3 }), frame, (windows, frame) => {
        const { horizontal, vertical } = filtersOf(windows, frame)
        windows.forEach((window, b) => {
          const x = plainFilters(window.centreX, window, frame.filters, frame.width)
          const y = plainFilters(window.centreY, window, frame.filters, frame.height)
          assertClose(horizontal[b]?.flat() ?? [], x.flat(), 1e-10, "FX")
          assertClose(vertical[b]?.flat() ?? [], y.flat(), 1e-10, "FY")
        })
      })
    )
  })

  it("centres its filters a stride apart, symmetric about the window's centre", () => {
    fc.assert(
      fc.property(inside, fc.integer({ min: 1, max: 5 }), (window, filters) => {
        const { horizontal, vertical } = filtersOf([window], { ...large, filters })
        for (const [centres, middle] of [
          [centresOf(horizontal[0]), window.centreX],
          [centresOf(vertical[0]), window.centreY]
        ] as const) {
          assert.strictEqual(centres.length, filters)
          centres.forEach((centre, i) => {
            if (i > 0) assert.closeTo(centre - (centres[i - 1] ?? 0), window.stride, 1e-6)
            assert.closeTo((centre + (centres[filters - 1 - i] ?? 0)) / 2, middle, 1e-6)
          })
        }
      })
    )
  })

  it("moves by whole pixels with the window", () => {
    const shift = fc.integer({ min: -8, max: 8 })
    fc.assert(
      fc.property(inside, shift, shift, fc.integer({ min: 1, max: 3 }), (window, right, down, filters) => {
        const moved = { ...window, centreX: window.centreX + right, centreY: window.centreY + down }
        const [here, there] = [filtersOf([window], { ...large, filters }), filtersOf([moved], { ...large, filters })]
        for (let i = 0; i < filters; i++) {
          for (let a = 8; a < 52; a++) {
            const [fromX, toX] = [entry(here.horizontal[0] ?? [], i, a), entry(there.horizontal[0] ?? [], i, a + right)]
            const [fromY, toY] = [entry(here.vertical[0] ?? [], i, a), entry(there.vertical[0] ?? [], i, a + down)]
            assert.closeTo(toX, fromX, 1e-8)
            assert.closeTo(toY, fromY, 1e-8)
          }
        }
      }),
      { numRuns: 30 }
    )
  })

  it("exchanges FX and FY when the axes of image and window are exchanged", () => {
    fc.assert(
      fc.property(moderateWindow(), frame, (window, { height, width, filters }) => {
        const swapped = { ...window, centreX: window.centreY, centreY: window.centreX }
        const one = filtersOf([window], { height, width, filters })
        const other = filtersOf([swapped], { height: width, width: height, filters })
        assert.deepStrictEqual([other.horizontal, other.vertical], [one.vertical, one.horizontal])
      })
    )
  })

  it("becomes a choice of pixels when the filters are sharp", () => {
    const window = { centreX: 3, centreY: 2, stride: 1, variance: 1e-4, intensity: 1 }
    const { horizontal, vertical } = filtersOf([window], { height: 3, width: 5, filters: 3 })
    assertClose(horizontal.flat(2), [0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0], 1e-12)
    assertClose(vertical.flat(2), [1, 0, 0, 0, 1, 0, 0, 0, 1], 1e-12)
  })

  it("becomes the mean when the filters are wide", () => {
    const window = { centreX: 3, centreY: 2, stride: 1, variance: 1e12, intensity: 1 }
    const { horizontal } = filtersOf([window], { height: 3, width: 5, filters: 2 })
    assertClose(horizontal.flat(2), new Array(10).fill(0.2), 1e-9)
  })

  it("has the gradient of its formula", () => {
    fc.assert(
      fc.property(fc.array(moderateWindow(6), { minLength: 2, maxLength: 2 }), frame, seeds, (windows, frame, seed) => {
        const given = windowPlaceholders(2)
        const { horizontal, vertical } = filterbank(given, frame)
        const weights = (name: string, shape: ReadonlyArray<number>) =>
          constant(tensorData(shape, normals(seed, name, shape)))
        const loss = add(
          sum(multiply(horizontal, weights("x", horizontal.shape))),
          sum(multiply(vertical, weights("y", vertical.shape)))
        )
        assertGradient(loss, given, windowNumbersOf(windows), { seed })
      }),
      { numRuns: 20 }
    )
  })
})
