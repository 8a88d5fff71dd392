import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { imageDistance } from "../../../src/domain/metrics/imageDistance.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertFails, float64, normalSamples, reversed } from "./samples.ts"

const measure = (originals: TensorData, changed: TensorData) => Result.getOrThrow(imageDistance(originals, changed))
const mapped = ({ shape, values }: TensorData, f: (value: number) => number) => float64(shape, [...values].map(f))

describe("the distance of changed images", () => {
  it("by hand", () => {
    // Originals 0, 3 and 9: mean distance (3 + 9 + 6) / 3. Moved by 1, 2 and 6.
    const found = measure(float64([3, 1, 1, 1], [0, 3, 9]), float64([3, 1, 1, 1], [1, 1, 15]))
    assert.closeTo(found.unpaired, 6, 1e-12)
    assert.closeTo(found.paired.mean, 3, 1e-12)
    assert.closeTo(found.relative, 0.5, 1e-12)
  })

  it("is 0 without a change, 1 for other images of the kind, and does not depend on unit, offset or order", () => {
    fc.assert(
      fc.property(
        fc.nat(9999),
        fc.integer({ min: 2, max: 90 }),
        fc.double({ min: 0.1, max: 9, noNaN: true }),
        (seed, n, unit) => {
          const [x, y] = [normalSamples(seed, "x", [n, 1, 3, 4]), normalSamples(seed, "y", [n, 1, 3, 4], 1, 2)]
          assert.strictEqual(measure(x, x).relative, 0)
          const { relative } = measure(x, y)
          const convert = (t: TensorData) => mapped(t, (value) => unit * value + 3)
          assert.closeTo(measure(convert(x), convert(y)).relative, relative, 1e-9)
          assert.closeTo(measure(reversed(x), reversed(y)).relative, relative, 1e-9)
        }
      ),
      { numRuns: 30 }
    )
    const [x, y] = [normalSamples(1, "x", [300, 1, 3, 4]), normalSamples(1, "y", [300, 1, 3, 4])]
    assert.closeTo(measure(x, y).relative, 1, 0.05)
  })

  it("needs pairs, and originals that differ", () => {
    const x = normalSamples(1, "x", [3, 4])
    assertFails(imageDistance(x, normalSamples(1, "y", [4, 4])), /changed: expected 3 samples.*found 4/)
    assertFails(
      imageDistance(
        mapped(x, () => 1),
        x
      ),
      /originals: all are the same/
    )
    assertFails(imageDistance(normalSamples(1, "x", [1, 4]), x), /originals: needs at least 2 samples/)
  })
})
