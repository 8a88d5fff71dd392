import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { gatherImages, type ImageSet } from "../../../src/domain/data/Images.ts"
import { severalDigits } from "../../../src/domain/data/severalDigits.ts"
import type { WindowGeometry } from "../../../src/domain/image/windowOutline.ts"
import { type AttentionOnForeground, attentionOnForeground } from "../../../src/domain/metrics/attentionOnForeground.ts"
import { uniform } from "../../../src/domain/random/noise.ts"
import { filled, tensorData } from "../../../src/domain/tensor/TensorData.ts"

/** Solid bright squares of 4 x 4 pixels for digits. */
const squares: ImageSet = {
  count: 1,
  channels: 1,
  height: 4,
  width: 4,
  pixels: new Uint8Array(16).fill(255),
  labels: undefined
}
const n = 120
const { images: set, placed } = severalDigits(squares, {
  count: n,
  digits: 2,
  height: 40,
  width: 30,
  overlap: "maximum",
  seed: 5,
  stream: "test"
})
const images = gatherImages(
  set,
  Array.from({ length: n }, (_, i) => i)
)

const window = (centreX: number, centreY: number, stride = 1): WindowGeometry => ({
  centreX,
  centreY,
  stride,
  sigma: 1
})
/** A window on the middle of an image's digit `k`, in the paper's coordinates. */
const onDigit = (i: number, k: number, stride = 1): WindowGeometry => {
  const { top = 0, left = 0 } = placed[i]?.[k] ?? {}
  return window(left + 2.5, top + 2.5, stride)
}
const each = (f: (i: number) => WindowGeometry) => Array.from({ length: n }, (_, i) => f(i))
const measured = (windows: ReadonlyArray<ReadonlyArray<WindowGeometry>>, filters = 4): AttentionOnForeground =>
  Result.getOrThrow(attentionOnForeground(images, windows, filters))

describe("attentionOnForeground", () => {
  it("of windows on the digits' middles is 1, far above chance", () => {
    const { centreInDrawing, centreInPart, partsVisited, brightness, parts } = measured([
      each((i) => onDigit(i, 0)),
      each((i) => onDigit(i, 1))
    ])
    for (const share of [centreInDrawing, centreInPart, partsVisited]) {
      assert.strictEqual(share.value, 1)
      assert.isBelow(share.chance, 0.5)
    }
    assert.isBelow(centreInPart.chance, 0.1)
    assert.isAbove(brightness.value, 0.5)
    assert.isBelow(brightness.chance, 0.1)
    // Squares that touch are one part.
    assert.isTrue(parts > 1.8 && parts <= 2)
  })

  it("of windows on one digit of two has visited half of the parts", () => {
    const { partsVisited, centreInPart } = measured([each((i) => onDigit(i, 0)), each((i) => onDigit(i, 0))])
    assert.strictEqual(centreInPart.value, 1)
    assert.closeTo(partsVisited.value, 0.5, 0.05)
  })

  it("of windows that are the same for all images is exactly at chance", () => {
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 35 }), fc.integer({ min: -5, max: 45 }), fc.nat(9), (x, y, stride) => {
        const found = measured([each(() => window(x, y, stride)), each(() => window(y, x, stride))])
        const { parts: _parts, ...shares } = found
        for (const [name, { value, chance }] of Object.entries(shares)) assert.closeTo(value, chance, 1e-12, name)
      }),
      { numRuns: 20 }
    )
  })

  it("of windows at random places is near chance", () => {
    const draws = uniform({ seed: 9, stream: "test", step: 0 }, 2 * n)
    const found = measured([each((i) => window(1 + 29 * (draws[2 * i] ?? 0), 1 + 39 * (draws[2 * i + 1] ?? 0)))])
    const { parts: _parts, ...shares } = found
    for (const { value, chance, standardError } of Object.values(shares)) {
      assert.isBelow(Math.abs(value - chance), 4 * standardError + 1e-12)
    }
  })

  it("does not depend on the order of images or of steps", () => {
    const windows = [each((i) => onDigit(i, 0, i % 5)), each((i) => window(i % 30, i % 40))]
    const [, ...shape] = images.shape
    const size = 40 * 30
    const values = new Float32Array(images.values.length)
    for (let i = 0; i < n; i++) values.set(images.values.subarray(i * size, (i + 1) * size), (n - 1 - i) * size)
    const backwards = Result.getOrThrow(
      attentionOnForeground(
        tensorData([n, ...shape], values),
        windows.map((ofStep) => ofStep.toReversed()).toReversed(),
        4
      )
    )
    const found = measured(windows)
    for (const name of ["centreInDrawing", "centreInPart", "partsVisited", "partsInView", "brightness"] as const) {
      for (const part of ["value", "chance", "standardError"] as const) {
        assert.closeTo(backwards[name][part], found[name][part], 1e-9, `${name}.${part}`)
      }
    }
  })

  it("has every part in view of a window as large as the image, and none of one elsewhere", () => {
    assert.strictEqual(measured([each(() => window(15, 20, 40))], 5).partsInView.value, 1)
    for (const outside of [
      window(-20, 20),
      window(15, 80),
      window(Number.NaN, 20),
      window(15, 20, Number.POSITIVE_INFINITY)
    ]) {
      const { parts: _parts, ...shares } = measured([each(() => outside)])
      for (const { value } of Object.values(shares)) assert.strictEqual(value, 0)
    }
  })

  it("takes channels together, and images without ink for what they are", () => {
    const three = tensorData([n, 3, 40, 30], new Float32Array(n * 3 * 1200))
    const size = 1200
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < 3; c++) three.values.set(images.values.subarray(i * size, (i + 1) * size), (3 * i + c) * size)
    }
    const windows = [each((i) => onDigit(i, 1))]
    const found = Result.getOrThrow(attentionOnForeground(three, windows, 4))
    assert.strictEqual(found.parts, measured(windows).parts)
    assert.strictEqual(found.centreInPart.value, 1)
    const dark = Result.getOrThrow(attentionOnForeground(filled([2, 1, 6, 6], 0), [[window(3, 3), window(3, 3)]], 4))
    assert.deepStrictEqual([dark.parts, dark.partsVisited.value, dark.centreInDrawing.value], [0, 0, 0])
  })

  it("refuses one image, numbers that are not finite, and windows that do not fit", () => {
    const one = Result.getOrThrow(Result.flip(attentionOnForeground(filled([1, 1, 6, 6], 0), [[window(3, 3)]], 4)))
    assert.match(one.message, /windows on ink: images: needs at least 2 samples, 1 were given/)
    const nan = attentionOnForeground(filled([2, 1, 6, 6], Number.NaN), [[window(3, 3), window(3, 3)]], 4)
    assert.match(Result.getOrThrow(Result.flip(nan)).message, /all must be finite/)
    assert.throws(() => attentionOnForeground(filled([2, 1, 6, 6], 0), [[window(3, 3)]], 4), RangeError)
    assert.throws(() => attentionOnForeground(filled([2, 1, 6, 6], 0), [], 4), RangeError)
  })
})
