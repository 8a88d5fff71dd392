import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { relativeSharpness, sharpness } from "../../../src/domain/metrics/sharpness.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertFails, float64, generated, normalSamples } from "./samples.ts"

const SIZE = 12
const measure = (images: TensorData) => Result.getOrThrow(sharpness(images)).mean

/** An image of 12 x 12 pixels with a border of `margin` zeros around what the numbers give. */
const framed = (margin: number, value: (row: number, column: number) => number): TensorData =>
  generated([1, 1, SIZE, SIZE], (i) => {
    const [row, column] = [Math.floor(i / SIZE), i % SIZE]
    const inside = Math.min(row, column, SIZE - 1 - row, SIZE - 1 - column) >= margin
    return inside ? value(row, column) : 0
  })

const at = ({ values }: TensorData, row: number, column: number): number =>
  row < 0 || column < 0 || row >= SIZE || column >= SIZE ? 0 : (values[row * SIZE + column] ?? 0)

/** Each pixel averaged with its four neighbours. */
const blurred = (image: TensorData): TensorData =>
  framed(0, (r, c) => {
    const neighbours = at(image, r - 1, c) + at(image, r + 1, c) + at(image, r, c - 1) + at(image, r, c + 1)
    return (at(image, r, c) + neighbours) / 5
  })

const moved = (image: TensorData, down: number, right: number): TensorData =>
  framed(0, (r, c) => at(image, r - down, c - right))

const mapped = ({ shape, values }: TensorData, f: (value: number) => number): TensorData =>
  float64(shape, [...values].map(f))

/** Images with content off the border by three pixels: numbers of [0, 1], or only 0 and 1. */
const images = (numbers: fc.Arbitrary<number>): fc.Arbitrary<TensorData> =>
  fc
    .array(numbers, { minLength: SIZE * SIZE, maxLength: SIZE * SIZE })
    .map((values) => framed(3, (r, c) => values[r * SIZE + c] ?? 0))
const grey = images(fc.integer({ min: 0, max: 255 }).map((byte) => byte / 255))
const ink = images(fc.constantFrom(0, 1)).filter(({ values }) => values.includes(1))

describe("sharpness", () => {
  it("of an edge of height h spread over w pixels is h / w, however long and whichever way it lies", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom("upright", "level", "diagonal"),
        (height, width, way) => {
          const ramp = (position: number) => height * Math.min(Math.max((position - 3) / width, 0), 1)
          const edge = framed(0, (r, c) => ramp(way === "upright" ? c : way === "level" ? r : r + c - 6))
          assert.closeTo(measure(edge), height / width, 1e-9)
        }
      )
    )
  })

  it("of ink without greys is its contrast, and falls with every blur", () => {
    fc.assert(
      fc.property(ink, (image) => {
        const [sharp, once] = [measure(image), measure(blurred(image))]
        assert.closeTo(sharp, 1, 1e-12)
        assert.isBelow(once, 0.9)
      })
    )
  })

  it("of a stroke goes on falling", () => {
    const stroke = framed(3, (_, c) => (c === 5 || c === 6 ? 1 : 0))
    const levels = [stroke, blurred(stroke), blurred(blurred(stroke))].map(measure)
    assert.isBelow(levels[1] ?? 1, 0.7 * (levels[0] ?? 0))
    assert.isBelow(levels[2] ?? 1, 0.8 * (levels[1] ?? 0))
  })

  it("stays when the content moves, brightness is shifted or inverted, or rows and columns change places", () => {
    fc.assert(
      fc.property(grey, fc.integer({ min: -2, max: 2 }), fc.integer({ min: -2, max: 2 }), (image, down, right) => {
        const sharp = measure(image)
        assert.closeTo(measure(moved(image, down, right)), sharp, 1e-12)
        assert.closeTo(measure(mapped(image, (value) => 1 - value)), sharp, 1e-9)
        assert.closeTo(measure(mapped(image, (value) => value + 0.25)), sharp, 1e-9)
        assert.closeTo(measure(framed(0, (r, c) => at(image, c, r))), sharp, 1e-9)
      })
    )
  })

  it("is proportional to the contrast, and lies in [0, 1]", () => {
    fc.assert(
      fc.property(grey, fc.double({ min: 0.01, max: 3, noNaN: true }), (image, factor) => {
        assert.isAtMost(measure(image), 1)
        assert.isAtLeast(measure(image), 0)
        assert.closeTo(measure(mapped(image, (value) => value * factor)), factor * measure(image), 1e-9)
      })
    )
  })

  it("hardly sees faint noise on the background", () => {
    const stroke = framed(3, (_, c) => (c === 5 || c === 6 ? 1 : 0))
    const noise = normalSamples(1, "noise", [SIZE * SIZE], 0, 0.02).values
    const noisy = generated(stroke.shape, (i) => (stroke.values[i] ?? 0) + (noise[i] ?? 0))
    assert.closeTo(measure(noisy), 1, 0.03)
  })

  it("is the mean over images, 0 for flat ones, each channel by itself", () => {
    const step = [0, 1, 0, 1]
    const flat = [0.5, 0.5, 0.5, 0.5]
    const found = Result.getOrThrow(sharpness(float64([2, 1, 2, 2], [...step, ...flat])))
    assert.deepStrictEqual([found.mean, found.count], [0.5, 2])
    // The jump from one channel to the next is no edge.
    assert.strictEqual(measure(float64([1, 2, 2, 2], [...flat, 1, 1, 1, 1])), 0)
  })

  it("is compared with real images", () => {
    const real = generated([3, 1, SIZE, SIZE], (i) => (i % SIZE < 4 ? 1 : 0))
    const faint = mapped(real, (value) => value / 4)
    const { ratio, standardError } = Result.getOrThrow(relativeSharpness(faint, real))
    assert.closeTo(ratio, 0.25, 1e-12)
    assert.strictEqual(standardError, 0)
    assertFails(
      relativeSharpness(
        real,
        mapped(real, () => 1)
      ),
      /real: all images are flat/
    )
    assertFails(sharpness(float64([2, 2], [0, 0, 0, 0])), /\[n, channels, B, A\]/)
  })
})
