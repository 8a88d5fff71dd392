import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type ImageSet, imageSet, imageSize, takeImages } from "../../../src/domain/data/Images.ts"
import { type PlacementSettings, severalDigits } from "../../../src/domain/data/severalDigits.ts"
import { uniform } from "../../../src/domain/random/noise.ts"

/** Ten small "digits" of 3 x 2 pixels, each bright in its own way. */
const digits: ImageSet = imageSet({
  count: 10,
  channels: 1,
  height: 3,
  width: 2,
  pixels: Uint8Array.from({ length: 60 }, (_, i) => 40 + ((i * 37) % 200)),
  labels: Uint8Array.from({ length: 10 }, (_, i) => i)
})

const settings = fc.record({
  count: fc.integer({ min: 1, max: 12 }),
  digits: fc.integer({ min: 1, max: 4 }),
  height: fc.integer({ min: 3, max: 9 }),
  width: fc.integer({ min: 2, max: 9 }),
  overlap: fc.constantFrom("maximum", "sum"),
  seed: fc.nat(1000),
  stream: fc.constantFrom("a", "b")
} satisfies { [K in keyof PlacementSettings]: fc.Arbitrary<PlacementSettings[K]> })

const digitAt = (index: number, row: number, column: number): number => digits.pixels[index * 6 + row * 2 + column] ?? 0

describe("severalDigits", () => {
  it("lays every digit whole within the image, and nothing else", () => {
    fc.assert(
      fc.property(settings, (given) => {
        const { images, placed } = severalDigits(digits, given)
        imageSet(images)
        assert.deepStrictEqual(
          placed.map((ofImage) => ofImage.length),
          Array.from({ length: given.count }, () => given.digits)
        )
        placed.forEach((ofImage, n) => {
          for (const { index, top, left } of ofImage) {
            assert.isTrue(index >= 0 && index < 10)
            assert.isTrue(top >= 0 && left >= 0 && top + 3 <= given.height && left + 2 <= given.width)
          }
          for (let row = 0; row < given.height; row++) {
            for (let column = 0; column < given.width; column++) {
              const under = ofImage.flatMap(({ index, top, left }) => {
                const [r, c] = [row - top, column - left]
                return r >= 0 && r < 3 && c >= 0 && c < 2 ? [digitAt(index, r, c)] : []
              })
              const expected =
                given.overlap === "maximum"
                  ? Math.max(0, ...under)
                  : Math.min(
                      255,
                      under.reduce((a, b) => a + b, 0)
                    )
              assert.strictEqual(images.pixels[n * imageSize(images) + row * given.width + column], expected)
            }
          }
        })
      })
    )
  })

  it("touches every edge: the least and the greatest place are reached, and every one between", () => {
    const given = { count: 400, digits: 1, height: 7, width: 5, overlap: "maximum", seed: 1, stream: "a" } as const
    const all = severalDigits(digits, given).placed.flat()
    const places = (of: (digit: { readonly top: number; readonly left: number }) => number) =>
      [...new Set(all.map(of))].sort()
    assert.deepStrictEqual(
      places(({ top }) => top),
      [0, 1, 2, 3, 4]
    )
    assert.deepStrictEqual(
      places(({ left }) => left),
      [0, 1, 2, 3]
    )
  })

  it("is a pure function of its arguments, and image i does not depend on the count", () => {
    fc.assert(
      fc.property(settings, (given) => {
        const { images } = severalDigits(digits, given)
        assert.deepStrictEqual(severalDigits(digits, given).images, images)
        const more = severalDigits(digits, { ...given, count: given.count + 3 })
        assert.deepStrictEqual(takeImages(more.images, 0, given.count), images)
      })
    )
  })

  it("differs by seed and stream", () => {
    const given = { count: 20, digits: 2, height: 9, width: 9, overlap: "maximum", seed: 1, stream: "a" } as const
    const { images } = severalDigits(digits, given)
    assert.notDeepEqual(severalDigits(digits, { ...given, seed: 2 }).images, images)
    assert.notDeepEqual(severalDigits(digits, { ...given, stream: "b" }).images, images)
  })

  it("has a class for each choice of digits, whatever their order and places", () => {
    for (const [k, classes] of [
      [1, 10],
      [2, 55],
      [3, 220]
    ] as const) {
      const given = { count: 6000, digits: k, height: 9, width: 9, overlap: "maximum", seed: 3, stream: "a" } as const
      const { images, placed } = severalDigits(digits, given)
      const labelOf = new Map<string, number>()
      placed.forEach((ofImage, n) => {
        const key = ofImage
          .map(({ index }) => index)
          .sort()
          .join()
        const label = images.labels?.[n] ?? -1
        assert.strictEqual(labelOf.get(key) ?? label, label)
        labelOf.set(key, label)
      })
      assert.deepStrictEqual(
        [...labelOf.values()].sort((a, b) => a - b),
        Array.from({ length: classes }, (_, i) => i)
      )
    }
  })

  it("has no labels for four digits, or of digits without", () => {
    const given = { count: 2, digits: 4, height: 9, width: 9, overlap: "maximum", seed: 3, stream: "a" } as const
    assert.isUndefined(severalDigits(digits, given).images.labels)
    assert.isUndefined(severalDigits({ ...digits, labels: undefined }, { ...given, digits: 1 }).images.labels)
  })

  it("has no labels of digits of which one has a label above 9", () => {
    const given = { count: 2, digits: 1, height: 9, width: 9, overlap: "maximum", seed: 3, stream: "a" } as const
    const labels = (digits.labels ?? new Uint8Array(10)).with(4, 10)
    assert.isUndefined(severalDigits({ ...digits, labels }, given).images.labels)
  })

  it("spends three draws on a digit: which, row, column", () => {
    const given = { count: 5, digits: 3, height: 8, width: 7, overlap: "maximum", seed: 5, stream: "a" } as const
    const draws = uniform({ seed: 5, stream: "a", step: 0 }, 45)
    const expected = Array.from({ length: 15 }, (_, i) => ({
      index: Math.floor((draws[3 * i] ?? 0) * 10),
      top: Math.floor((draws[3 * i + 1] ?? 0) * 6),
      left: Math.floor((draws[3 * i + 2] ?? 0) * 6)
    }))
    assert.deepStrictEqual(severalDigits(digits, given).placed.flat(), expected)
  })

  it("lays every channel of a coloured digit as it lays a grey one", () => {
    const given = { count: 6, digits: 2, height: 6, width: 5, overlap: "sum", seed: 3, stream: "a" } as const
    const grey = severalDigits(digits, given).images
    const other = digits.pixels.map((byte) => 255 - byte)
    const pixels = Array.from({ length: 10 }, (_, n) =>
      [digits.pixels, other].map((part) => [...part.subarray(6 * n, 6 * n + 6)])
    )
    const coloured = severalDigits({ ...digits, channels: 2, pixels: Uint8Array.from(pixels.flat(2)) }, given).images
    const second = severalDigits({ ...digits, pixels: other }, given).images
    for (let n = 0; n < 6; n++) {
      const image = coloured.pixels.subarray(60 * n, 60 * n + 60)
      assert.deepStrictEqual([...image.subarray(0, 30)], [...grey.pixels.subarray(30 * n, 30 * n + 30)])
      assert.deepStrictEqual([...image.subarray(30)], [...second.pixels.subarray(30 * n, 30 * n + 30)])
    }
  })

  it("refuses what cannot be", () => {
    const given = { count: 2, digits: 2, height: 9, width: 9, overlap: "maximum", seed: 3, stream: "a" } as const
    assert.throws(
      () => severalDigits(digits, { ...given, width: 1 }),
      /Digits of 3 x 2 pixels do not fit in images of 9 x 1/
    )
    assert.throws(() => severalDigits(digits, { ...given, height: 2 }), /do not fit in images of 2 x 9/)
    assert.throws(() => severalDigits(digits, { ...given, digits: 0 }), /digits must be a positive integer, not 0/)
    assert.throws(
      () => severalDigits({ ...digits, pixels: digits.pixels.subarray(1) }, given),
      /59 bytes are not 10 images/
    )
    assert.throws(() => severalDigits({ ...digits, count: 0 }, given), /the digits' count must be a positive integer/)
  })
})
