import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { drawingAnimation } from "../../../src/domain/image/animation.ts"
import { blocksFigure } from "../../../src/domain/image/blocks.ts"
import { drawnSteps, type Trajectory } from "../../../src/domain/image/drawnSteps.ts"
import { enlarge, rastersOf, toRgb } from "../../../src/domain/image/Raster.ts"
import { drawWindow } from "../../../src/domain/image/windowOutline.ts"
import { type TensorData, tensorData } from "../../../src/domain/tensor/TensorData.ts"

const side = 6

/** Canvases of `count` samples, every pixel different in step and sample. */
const canvasAt = (step: number, count: number): TensorData =>
  tensorData(
    [count, 1, side, side],
    Float32Array.from({ length: count * side * side }, (_, i) => ((i * 7 + step * 31) % 256) / 255)
  )
const windowAt = (step: number, sample: number) => ({
  centreX: 2 + (step % 3),
  centreY: 2 + (sample % 4),
  stride: 1,
  sigma: 0.5
})

const trajectories = fc
  .record({
    steps: fc.integer({ min: 1, max: 4 }),
    samples: fc.integer({ min: 1, max: 7 }),
    start: fc.constantFrom("none", "shared", "own")
  })
  .map(({ steps, samples, start }) => {
    const trajectory: Trajectory = {
      canvases: Array.from({ length: steps }, (_, t) => canvasAt(t + 1, samples)),
      windows: Array.from({ length: steps }, (_, t) => Array.from({ length: samples }, (_, n) => windowAt(t + 1, n))),
      ...(start === "none" ? {} : { start: canvasAt(0, start === "own" ? samples : 1) })
    }
    return { steps, samples, trajectory }
  })

const plain = (images: TensorData, scale: number) => rastersOf(images).map((cell) => toRgb(enlarge(cell, scale)))

describe("drawnSteps", () => {
  it("are c_0 and then every canvas with its own window", () => {
    fc.assert(
      fc.property(trajectories, ({ samples, trajectory }) => {
        const [filters, scale] = [3, 2]
        const drawn = drawnSteps(trajectory, { filters, scale })
        const windowed = trajectory.canvases.map((canvas, t) =>
          plain(canvas, scale).map((cell, n) => drawWindow(cell, windowAt(t + 1, n), { filters, scale }))
        )
        const { start } = trajectory
        const begun = start === undefined ? [] : plain(start, scale)
        const first = Array.from({ length: samples }, (_, n) => begun[begun.length === 1 ? 0 : n])
        assert.deepStrictEqual<ReadonlyArray<unknown>>(drawn, start === undefined ? windowed : [first, ...windowed])
      })
    )
  })

  it("refuse steps or samples that do not match", () => {
    const options = { filters: 3, scale: 1 }
    const canvases = [canvasAt(1, 2), canvasAt(2, 2)]
    const windows = [1, 2].map((t) => [windowAt(t, 0), windowAt(t, 1)])
    assert.throws(() => drawnSteps({ canvases: [], windows: [] }, options), /at least one step/)
    assert.throws(() => drawnSteps({ canvases, windows: windows.slice(1) }, options), /2 canvases, windows of 1/)
    const short = windows.map((ofStep, t) => ofStep.slice(t))
    assert.throws(() => drawnSteps({ canvases, windows: short }, options), /step 2 .* 1 windows for 2/)
    assert.throws(() => drawnSteps({ canvases, windows, start: canvasAt(0, 3) }, options), /2 samples has 3/)
  })
})

describe("drawingAnimation", () => {
  it("begins with the finished images, held, then shows each step for half a second; all frames are of one size", () => {
    fc.assert(
      fc.property(trajectories, ({ steps, samples, trajectory }) => {
        const { frames } = drawingAnimation(trajectory, { filters: 3, scale: 2, columns: 3 })
        const before = trajectory.start === undefined ? 0 : 1
        assert.deepStrictEqual(
          frames.map(({ milliseconds }) => milliseconds),
          [3000, ...Array.from({ length: before + steps }, () => 500)]
        )
        const headings = frames.map(({ texts }) => texts.map(({ text }) => text).join())
        const counted = Array.from({ length: steps }, (_, t) => `Step ${t + 1} of ${steps}`)
        assert.deepStrictEqual(headings, ["Finished", ...["Before the first step"].slice(1 - before), ...counted])
        for (const { raster } of frames) {
          assert.deepStrictEqual([raster.width, raster.height], [frames[0]?.raster.width, frames[0]?.raster.height])
        }
        const columns = Math.min(3, samples)
        drawnSteps(trajectory, { filters: 3, scale: 2 }).forEach((rasters, i) => {
          const page = blocksFigure({ blocks: [{ rasters, columns, heading: headings[i + 1] ?? "" }] })
          assert.deepStrictEqual(frames[i + 1]?.raster, page.raster)
        })
        const finished = trajectory.canvases.at(-1)
        assert.isDefined(finished)
        if (finished === undefined) return
        const rasters = plain(finished, 2)
        const held = blocksFigure({ blocks: [{ rasters, columns, heading: "Finished" }] })
        assert.deepStrictEqual(frames[0], { ...held, milliseconds: 3000 })
      }),
      { numRuns: 30 }
    )
  })

  it("has the caption and the times it is given", () => {
    const trajectory = { canvases: [canvasAt(1, 1)], windows: [[windowAt(1, 0)]] }
    const { frames } = drawingAnimation(trajectory, {
      filters: 3,
      caption: "about it",
      stepMilliseconds: 40,
      heldMilliseconds: 70
    })
    assert.deepStrictEqual(
      frames.map(({ milliseconds, texts }) => [milliseconds, texts.at(-1)?.text]),
      [
        [70, "about it"],
        [40, "about it"]
      ]
    )
  })
})
