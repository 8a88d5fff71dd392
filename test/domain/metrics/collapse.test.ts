import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { collapsed, relativeDiversity } from "../../../src/domain/metrics/collapse.ts"
import { assertFails, float64, generated, normalSamples } from "./samples.ts"

const variety = (...sets: Parameters<typeof relativeDiversity>) => Result.getOrThrow(relativeDiversity(...sets))

describe("relative variety", () => {
  it("by hand", () => {
    const real = float64([2, 2], [0, 0, 2, 0])
    assert.closeTo(variety(float64([3, 2], [0, 0, 0, 1, 0, 2]), real), Math.sqrt(1 / 2), 1e-12)
    assert.strictEqual(variety(real, real), 1)
  })

  it("is the ratio of root mean square distances, whatever the order and the offset", () => {
    fc.assert(
      fc.property(fc.nat(9999), fc.integer({ min: 2, max: 6 }), (seed, n) => {
        const [x, y] = [normalSamples(seed, "x", [n, 1, 2, 3], 0, 2), normalSamples(seed, "y", [5, 1, 2, 3])]
        const distances = ({ values }: typeof x, count: number) => {
          let total = 0
          for (let i = 0; i < count; i++)
            for (let j = 0; j < count; j++)
              for (let k = 0; k < 6; k++) total += ((values[i * 6 + k] ?? 0) - (values[j * 6 + k] ?? 0)) ** 2
          return total / (count * (count - 1))
        }
        const found = variety(x, y)
        assert.closeTo(found, Math.sqrt(distances(x, n) / distances(y, 5)), 1e-9)
        const moved = generated([n, 1, 2, 3], (i) => (x.values[i] ?? 0) + 7)
        assert.closeTo(variety(moved, y), found, 1e-9)
      }),
      { numRuns: 30 }
    )
  })

  it("is exactly 0 of images that are all the same", () => {
    const real = normalSamples(1, "real", [9, 1, 4, 4])
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 2, max: 60 }), (value, n) => {
        assert.strictEqual(variety({ shape: [n, 1, 4, 4], values: new Float64Array(n * 16).fill(value) }, real), 0)
      })
    )
  })

  it("needs two of each, of one kind, and real ones that vary", () => {
    const real = normalSamples(1, "real", [9, 1, 4, 4])
    assertFails(relativeDiversity(normalSamples(1, "one", [1, 1, 4, 4]), real), /generated: needs at least 2 samples/)
    assertFails(relativeDiversity(normalSamples(1, "x", [5, 1, 4, 5]), real), /must be alike/)
    assertFails(
      relativeDiversity(
        real,
        generated([3, 1, 4, 4], () => 1)
      ),
      /real: all are the same/
    )
  })
})

it("collapsed are images of less than a quarter of the variety, never real ones", () => {
  const real = normalSamples(1, "real", [40, 1, 4, 4])
  for (const [deviation, expected] of [
    [0, true],
    [0.1, true],
    [0.2, true],
    [0.3, false],
    [1, false]
  ] as const) {
    const drawn = normalSamples(2, "drawn", [40, 1, 4, 4], 3, deviation)
    assert.strictEqual(Result.getOrThrow(collapsed(drawn, real)), expected, `${deviation}`)
  }
})
