import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { greyness } from "../../../src/domain/metrics/greyness.ts"
import { relativeToReal } from "../../../src/domain/metrics/MeanAndError.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertFails, float64, generated } from "./samples.ts"

const grey = (...images: Parameters<typeof greyness>) => Result.getOrThrow(greyness(...images)).mean

describe("greyness", () => {
  it("by hand: none of black and white, 2 of middle grey, and the mean over images", () => {
    assert.strictEqual(grey(float64([1, 1, 2, 2], [0, 1, 1, 0])), 0)
    assert.strictEqual(grey(float64([1, 1, 2, 2], [0.5, 0.5, 0.5, 0.5])), 2)
    assert.strictEqual(grey(float64([2, 1, 1, 2], [0, 1, 0.5, 0.5])), 1)
    assert.strictEqual(grey(float64([1, 1, 1, 2], [0, 0])), 0)
    assert.strictEqual(grey(float64([1, 1, 1, 3], [1.5, -0.5, 1])), 0)
  })

  it("lies in [0, 4], falls with added white dots and rises as an image is blurred", () => {
    const image = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(image, fc.nat(10), (values, at) => {
        const found = grey(float64([1, 1, 3, 4], values))
        assert.isAtLeast(found, 0)
        assert.isAtMost(found, 4)
        assert.isAtMost(grey(float64([1, 1, 3, 4], values.with(at, 1))), found + 1e-12)
        // Half of each of two pixels exchanged: as much ink, and greyer by convexity.
        const mixed = ((values[at] ?? 0) + (values[at + 1] ?? 0)) / 2
        assert.isAtLeast(grey(float64([1, 1, 3, 4], values.with(at, mixed).with(at + 1, mixed))), found - 1e-12)
      })
    )
  })

  it("relative to real images, or to none if these are black and white", () => {
    const real = generated([4, 1, 2, 2], (i) => (i % 2) * 0.75)
    const relative = (own: TensorData, to: TensorData) =>
      relativeToReal(Result.getOrThrow(greyness(own)), Result.getOrThrow(greyness(to)))
    const found = relative(
      generated([3, 1, 2, 2], () => 0.5),
      real
    )
    assert.deepStrictEqual(found, { value: 2, standardError: 0 })
    const binary = generated([3, 1, 2, 2], (i) => i % 2)
    assert.deepStrictEqual(relative(binary, binary), { value: 1, standardError: 0 })
    assert.deepStrictEqual(relative(real, binary).value, 1 + grey(real))
    assertFails(greyness(float64([2, 2], [0, 1, 0, 1])), /images: expected a tensor \[n, channels, B, A\]/)
  })
})
