import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { stepChanges } from "../../../../src/domain/metrics/stepChanges.ts"
import { drawingOrder } from "../../../../src/domain/paper/claim/drawingOrder.ts"
import type { TensorData } from "../../../../src/domain/tensor/TensorData.ts"
import { assertFails, generated, normalSamples } from "../../metrics/samples.ts"

const orderOf = (canvases: ReadonlyArray<TensorData>) => Result.getOrThrow(drawingOrder(canvases))

/** Canvases of `n` images of 8 x 8 pixels whose step t adds `coarse[t]` everywhere and `fine[t]` times a checkerboard. */
const drawn = (n: number, coarse: ReadonlyArray<number>, fine: ReadonlyArray<number>): ReadonlyArray<TensorData> =>
  Array.from({ length: coarse.length + 1 }, (_, t) => {
    const sum = (list: ReadonlyArray<number>) => list.slice(0, t).reduce((total, value) => total + value, 0)
    return generated([n, 1, 8, 8], (i) => {
      const board = (Math.floor(i / 8) + i) % 2 === 0 ? 1 : -1
      return (1 + Math.floor(i / 64)) * (sum(coarse) + board * sum(fine))
    })
  })

describe("the order of drawing", () => {
  it("by hand: coarse before fine, whatever the images' contrast", () => {
    const { coarseCentre, count, delay, fineCentre, steps } = orderOf(drawn(3, [2, 1, 0], [0, 1, 1]))
    assert.strictEqual(count, 3)
    // Energies 4 and 1 at steps 1 and 2; 1 and 1 at steps 2 and 3.
    assert.closeTo(coarseCentre.value, 1.2, 1e-9)
    assert.closeTo(fineCentre.value, 2.5, 1e-9)
    assert.closeTo(delay.value, 1.3, 1e-9)
    assert.closeTo(delay.standardError, 0, 1e-9)
    assert.deepStrictEqual(
      steps.map(({ coarseShare, fineShare, share }) =>
        [coarseShare, fineShare, share].map(({ value }) => Math.round(value * 1e6) / 1e6)
      ),
      [
        [0.8, 0, 0.571429],
        [0.2, 0.5, 0.285714],
        [0, 0.5, 0.142857]
      ]
    )
    // Contrasts of 1, 2 and 3: mean squares of (1 + 4 + 9) / 3.
    assert.closeTo(steps[0]?.coarse ?? 0, (4 * 14) / 3, 1e-9)
  })

  it("has shares that sum to 1, centres among the steps, and the energies of stepChanges", () => {
    fc.assert(
      fc.property(fc.nat(9999), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 4 }), (seed, T, n) => {
        const canvases = Array.from({ length: T + 1 }, (_, t) => normalSamples(seed, `canvas ${t}`, [n, 1, 5, 6]))
        const { coarseCentre, delay, fineCentre, steps } = orderOf(canvases)
        const sum = (values: ReadonlyArray<number>) => values.reduce((a, b) => a + b, 0)
        for (const band of ["coarseShare", "fineShare", "share"] as const) {
          assert.closeTo(sum(steps.map((step) => step[band].value)), 1, 1e-9)
        }
        for (const { value } of [coarseCentre, fineCentre]) {
          assert.isAtLeast(value, 1 - 1e-9)
          assert.isAtMost(value, T + 1e-9)
        }
        assert.closeTo(delay.value, fineCentre.value - coarseCentre.value, 1e-9)
        const stacked = generated(
          [T + 1, n, 1, 5, 6],
          (i) => canvases[Math.floor(i / (30 * n))]?.values[i % (30 * n)] ?? 0
        )
        Result.getOrThrow(stepChanges(stacked)).forEach(({ coarse, fine }, step) => {
          assert.closeTo(steps[step]?.coarse ?? -1, coarse, 1e-9)
          assert.closeTo(steps[step]?.fine ?? -1, fine, 1e-9)
        })
      }),
      { numRuns: 30 }
    )
  })

  it("leaves out images that never change, and needs two that do", () => {
    const canvases = drawn(3, [2, 1], [1, 2]).map(({ shape, values }) => generated(shape, (i) => values[i % 64] ?? 0))
    const still = canvases.map(({ shape, values }) => generated(shape, (i) => (i < 64 ? 0.5 : (values[i] ?? 0))))
    assert.strictEqual(orderOf(canvases).count, 3)
    const { count, delay } = orderOf(still)
    assert.strictEqual(count, 2)
    assert.strictEqual(delay.value, orderOf(canvases).delay.value)
    assertFails(drawingOrder(drawn(3, [0, 0], [0, 0])), /needs at least 2 images that change/)
    assertFails(drawingOrder(drawn(1, [1], [1])), /at least 2 samples/)
    assertFails(drawingOrder(drawn(3, [], [])), /at least 2 samples/)
  })
})
