import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { read } from "../../../src/domain/attention/read.ts"
import { multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { transpose } from "../../../src/domain/tensor/movement.ts"
import { constant, full, placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { normals } from "../../support/randomNumbers.ts"
import { matricesOf, type PlainWindow, plainRead } from "./plainAttention.ts"
import { frame, moderateWindow, seeds, windowNumbersOf, windowPlaceholders, windowsOf } from "./windows.ts"

const noiseImage = (seed: number, shape: ReadonlyArray<number>): Tensor =>
  constant(tensorData(shape, normals(seed, "image", shape)))

/** Glimpses of an image, as numbers. */
const glimpses = (image: Tensor, windows: ReadonlyArray<PlainWindow>, filters: number): Float64Array =>
  evaluateOne(read(image, windowsOf(windows), filters))

const windowsOfBatch = (batch: number) => fc.array(moderateWindow(9), { minLength: batch, maxLength: batch })

describe("read", () => {
  it("is gamma [FY x FX^T] in plain loops, for every sample and channel", () => {
    fc.assert(
      fc.property(windowsOfBatch(2), frame, seeds, (windows, { height, width, filters }, seed) => {
        const channels = 1 + (seed % 3)
        const image = noiseImage(seed, [2, channels, height, width])
        assert.deepStrictEqual(read(image, windowsOf(windows), filters).shape, [2, channels, filters, filters])
        const images = matricesOf(evaluateOne(image), height, width)
        const expected = windows.flatMap((window, b) =>
          images.slice(b * channels, (b + 1) * channels).map((image) => plainRead(image, window, filters))
        )
        assertClose(glimpses(image, windows, filters), expected.flat(2), 1e-10)
      })
    )
  })

  it("makes of a constant image that constant times gamma", () => {
    const value = fc.double({ min: -10, max: 10, noNaN: true })
    fc.assert(
      fc.property(moderateWindow(), frame, value, (window, { height, width, filters }, value) => {
        const seen = glimpses(full([1, 1, height, width], value), [window], filters)
        assertClose(seen, new Array(filters * filters).fill(window.intensity * value), 1e-11)
      })
    )
  })

  it("is linear in the image", () => {
    fc.assert(
      fc.property(moderateWindow(), frame, seeds, (window, { height, width, filters }, seed) => {
        const shape = [1, 1, height, width]
        const [x, y] = [normals(seed, "x", shape), normals(seed, "y", shape)]
        const of = (values: Float64Array) => glimpses(constant(tensorData(shape, values)), [window], filters)
        const [readX, readY] = [of(x), of(y)]
        assertClose(
          of(x.map((value, i) => 2 * value - 3 * (y[i] ?? 0))),
          readX.map((value, i) => 2 * value - 3 * (readY[i] ?? 0)),
          1e-11
        )
      })
    )
  })

  it("turns the glimpse when image and window are turned about the diagonal", () => {
    fc.assert(
      fc.property(moderateWindow(), frame, seeds, (window, { height, width, filters }, seed) => {
        const image = noiseImage(seed, [1, 2, height, width])
        const swapped = { ...window, centreX: window.centreY, centreY: window.centreX }
        const turned = evaluateOne(transpose(read(image, windowsOf([window]), filters), [0, 1, 3, 2]))
        assertClose(glimpses(transpose(image, [0, 1, 3, 2]), [swapped], filters), turned, 1e-12)
      })
    )
  })

  it("reads several channels each as if it were alone", () => {
    fc.assert(
      fc.property(moderateWindow(), frame, seeds, (window, { height, width, filters }, seed) => {
        const image = normals(seed, "image", [3, height, width])
        const together = glimpses(constant(tensorData([1, 3, height, width], image)), [window], filters)
        const size = height * width
        const alone = [0, 1, 2].flatMap((c) => {
          const channel = constant(tensorData([1, 1, height, width], image.subarray(c * size, (c + 1) * size)))
          return Array.from(glimpses(channel, [window], filters))
        })
        assert.deepStrictEqual(Array.from(together), alone)
      })
    )
  })

  it("reads a sample as if it were alone: others of the batch do not influence it", () => {
    fc.assert(
      fc.property(windowsOfBatch(3), moderateWindow(), frame, seeds, (windows, other, frame, seed) => {
        const { height, width, filters } = frame
        const size = height * width
        const image = normals(seed, "image", [3, 1, height, width])
        const changed = Float64Array.from(image, (value, i) => (i < size ? value + 1 : value))
        const of = (values: Float64Array, windows: ReadonlyArray<PlainWindow>) =>
          glimpses(constant(tensorData([3, 1, height, width], values)), windows, filters)
        const before = of(image, windows)
        const after = of(changed, [other, ...windows.slice(1)])
        assert.deepStrictEqual(after.subarray(filters * filters), before.subarray(filters * filters))
      })
    )
  })

  it("shares one window among the batch when the window has a batch of 1", () => {
    fc.assert(
      fc.property(moderateWindow(), frame, seeds, (window, { height, width, filters }, seed) => {
        const image = noiseImage(seed, [3, 1, height, width])
        assertClose(glimpses(image, [window], filters), glimpses(image, [window, window, window], filters), 1e-14)
      })
    )
  })

  it("has the gradient of its formula, for the image and every number of the window", () => {
    fc.assert(
      fc.property(windowsOfBatch(2), frame, seeds, (windows, { height, width, filters }, seed) => {
        const given = { image: placeholder("image", [2, 2, height, width]), ...windowPlaceholders(2) }
        const glimpse = read(given.image, given, filters)
        const weights = constant(tensorData(glimpse.shape, normals(seed, "weights", glimpse.shape)))
        const numbers = { image: normals(seed, "image", given.image.shape), ...windowNumbersOf(windows) }
        assertGradient(sum(multiply(glimpse, weights)), given, numbers, { seed })
      }),
      { numRuns: 20 }
    )
  })
})
