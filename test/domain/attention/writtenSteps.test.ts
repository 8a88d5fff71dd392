import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { windowTable } from "../../../src/domain/attention/window.ts"
import { writeSteps } from "../../../src/domain/attention/write.ts"
import { writtenSteps } from "../../../src/domain/attention/writtenSteps.ts"
import { constant } from "../../../src/domain/tensor/source.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"
import { normals } from "../../support/randomNumbers.ts"
import { entry, type Matrix, matricesOf, matrixOf, type PlainWindow, plainWrite } from "./plainAttention.ts"
import { moderateWindow, seeds, windowsOf } from "./windows.ts"

/** Some samples' windows and patches, step after step, and the canvas that they are written on, alike for all or one a sample. */
const writing = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    steps: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 1, max: 2 }),
    height: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 1, max: 6 }),
    filters: fc.integer({ min: 1, max: 3 }),
    ownCanvas: fc.boolean(),
    seed: seeds
  })
  .chain((size) => {
    const rows = size.batch * size.steps
    return fc.record({
      size: fc.constant(size),
      windows: fc.array(moderateWindow(6), { minLength: rows, maxLength: rows })
    })
  })

type Writing = typeof writing extends fc.Arbitrary<infer W> ? W : never

const tensorsOf = ({ size, windows }: Writing) => {
  const { batch, steps, channels, height, width, filters, seed } = size
  const patchShape = [batch * steps, channels, filters, filters]
  const canvasShape = [size.ownCanvas ? batch : 1, channels, height, width]
  const [patches, initial] = [normals(seed, "patches", patchShape), normals(seed, "canvas", canvasShape)]
  return {
    patches: constant(tensorData(patchShape, patches)),
    initial: constant(tensorData(canvasShape, initial)),
    windows: windowsOf(windows),
    plainPatches: matricesOf(patches, filters, filters),
    /** The canvas of a sample's channel. */
    plainCanvas: (b: number, c: number): Matrix => {
      const canvases = matricesOf(initial, height, width)
      return canvases[(size.ownCanvas ? b * channels : 0) + c] ?? []
    }
  }
}

const plus = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((value, j) => value + entry(b, i, j)))

/** The canvases after every step, one after another: `[steps + 1][batch * channels]`, in plain loops. */
const plainCanvases = (given: Writing): ReadonlyArray<ReadonlyArray<Matrix>> => {
  const { batch, steps, channels, height, width } = given.size
  const { plainPatches, plainCanvas } = tensorsOf(given)
  const places = Array.from({ length: batch * channels }, (_, i) => [Math.floor(i / channels), i % channels] as const)
  const canvases = [places.map(([b, c]) => plainCanvas(b, c))]
  for (let t = 0; t < steps; t++) {
    const drawn = places.map(([b, c]) => {
      const row = b * steps + t
      const window = given.windows[row] ?? assert.fail("a window a row")
      return plainWrite(plainPatches[row * channels + c] ?? [], window, height, width)
    })
    canvases.push((canvases[t] ?? []).map((canvas, i) => plus(canvas, drawn[i] ?? [])))
  }
  return canvases
}

describe("writeSteps", () => {
  it("is the sum of what is written at every step, for every sample and channel", () => {
    fc.assert(
      fc.property(writing, (given) => {
        const { batch, steps, channels, height, width } = given.size
        const { patches, windows, plainPatches } = tensorsOf(given)
        const drawn = writeSteps(patches, windows, steps, given.size)
        assert.deepStrictEqual(drawn.shape, [batch, channels, height, width])
        const expected = Array.from({ length: batch * channels }, (_, place) => {
          const [b, c] = [Math.floor(place / channels), place % channels]
          const rows = Array.from({ length: steps }, (_, t) => b * steps + t)
          return rows
            .map((row) => [plainPatches[row * channels + c] ?? [], given.windows[row]] as const)
            .map(([patch, window]) => plainWrite(patch, window ?? assert.fail("a window a row"), height, width))
            .reduce(
              plus,
              matrixOf(height, width, () => 0)
            )
        })
        assertClose(evaluateOne(drawn), expected.flat(2), 1e-10)
      })
    )
  })
})

describe("writtenSteps", () => {
  it("adds step after step to the canvas that it was given, and shows it after each", () => {
    fc.assert(
      fc.property(writing, (given) => {
        const { batch, steps, channels, height, width } = given.size
        const { initial, patches, windows } = tensorsOf(given)
        const { canvas, canvases } = writtenSteps(initial, patches, windows, steps, given.size)
        const expected = plainCanvases(given)
        assert.deepStrictEqual(
          canvases.map(({ shape }) => shape),
          [initial.shape, ...Array.from({ length: steps }, () => [batch, channels, height, width])]
        )
        assert.strictEqual(canvases[0], initial)
        assert.strictEqual(canvases.at(-1), canvas)
        canvases.slice(1).forEach((shown, t) => {
          assertClose(evaluateOne(shown), (expected[t + 1] ?? []).flat(2), 1e-10)
        })
      }),
      { numRuns: 40 }
    )
  })

  it("lists the windows by step, each with every sample's", () => {
    const window = (centreX: number): PlainWindow => ({ centreX, centreY: 2, stride: 1, variance: 4, intensity: 0.5 })
    // Two samples of three steps: a sample's steps one after another.
    const windows = windowsOf([1, 2, 3, 11, 12, 13].map(window))
    const patches = constant(tensorData([6, 1, 2, 2], new Float64Array(24)))
    const initial = constant(tensorData([1, 1, 3, 3], new Float64Array(9)))
    const frame = { height: 3, width: 3, filters: 2 }
    const shown = writtenSteps(initial, patches, windows, 3, frame).windows
    assert.deepStrictEqual(
      shown.map(({ shape }) => shape),
      [
        [2, 5],
        [2, 5],
        [2, 5]
      ]
    )
    const table = evaluateOne(windowTable(windows))
    const rowOf = (row: number) => Array.from(table.slice(row * 5, row * 5 + 5))
    assert.deepStrictEqual(
      shown.map((step) => Array.from(evaluateOne(step))),
      [0, 1, 2].map((t) => [...rowOf(t), ...rowOf(3 + t)])
    )
  })
})
