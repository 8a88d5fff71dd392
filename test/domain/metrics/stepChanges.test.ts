import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { stepChanges } from "../../../src/domain/metrics/stepChanges.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertFails, generated, normalSamples } from "./samples.ts"

const changes = (canvases: TensorData, block?: number) => Result.getOrThrow(stepChanges(canvases, block))

describe("the change of the canvas at each step", () => {
  it("has bands whose energies add up to the mean square of the change, whatever the sizes", () => {
    const size = fc.integer({ min: 1, max: 11 })
    fc.assert(
      fc.property(
        fc.nat(9999),
        fc.integer({ min: 2, max: 4 }),
        size,
        size,
        fc.integer({ min: 1, max: 5 }),
        (seed, steps, height, width, block) => {
          const canvases = normalSamples(seed, "canvases", [steps, 2, 3, height, width], 5)
          const found = changes(canvases, block)
          assert.strictEqual(found.length, steps - 1)
          const one = 6 * height * width
          found.forEach(({ coarse, fine, total }, step) => {
            let squares = 0
            for (let i = 0; i < one; i++) {
              squares += ((canvases.values[(step + 1) * one + i] ?? 0) - (canvases.values[step * one + i] ?? 0)) ** 2
            }
            assert.closeTo(total, squares / one, 1e-9 * (1 + squares / one))
            assert.closeTo(coarse + fine, total, 1e-12 * (1 + total))
            assert.isAtLeast(coarse, 0)
            assert.isAtLeast(fine, 0)
          })
        }
      )
    )
  })

  it("is coarse where whole blocks change, and fine where they change about their mean", () => {
    const found = changes(
      generated([4, 1, 1, 8, 8], (i) => {
        const [step, row, column] = [Math.floor(i / 64), Math.floor((i % 64) / 8), i % 8]
        const rough = row < 4 === column < 4 ? 1 : -1
        const detail = (row + column) % 2 === 0 ? 0.5 : -0.5
        return step === 0 ? 0 : step === 1 ? rough : rough + detail
      })
    )
    assert.deepStrictEqual(found, [
      { coarse: 1, fine: 0, total: 1 },
      { coarse: 0, fine: 0.25, total: 0.25 },
      { coarse: 0, fine: 0, total: 0 }
    ])
  })

  it("with blocks of one pixel is all coarse", () => {
    const [step] = changes(normalSamples(1, "canvases", [2, 2, 1, 5, 5]), 1)
    assert.strictEqual(step?.fine, 0)
    assert.isAbove(step?.coarse ?? 0, 0)
  })

  it("needs two canvases", () => {
    assertFails(stepChanges(generated([1, 2, 1, 4, 4], () => 0)), /needs at least 2 samples, 1 were given/)
    assertFails(stepChanges(generated([2, 1, 4, 4], () => 0)), /\[T \+ 1, n, channels, B, A\]/)
    assert.throws(
      () =>
        stepChanges(
          generated([2, 1, 1, 4, 4], () => 0),
          0
        ),
      RangeError
    )
  })
})
