import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { across, linePoints, smoothed, timeUnit } from "../../../src/domain/watch/smoothed.ts"

const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 50 })
const placesOf = (of: ReadonlyArray<unknown>) => of.map((_, i) => i * 10)

describe("smoothing", () => {
  it("changes nothing by a share of 0, nor a line that is level", () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 0.99, noNaN: true }), (line, share) => {
        assert.deepStrictEqual(smoothed(placesOf(line), line, 0), line)
        const level = line.map(() => 5)
        for (const value of smoothed(placesOf(line), level, share)) assert.approximately(Number(value), 5, 1e-9)
      })
    )
  })

  it("stays between the least and the greatest value, and begins at the first", () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 0.999, noNaN: true }), (line, share) => {
        const smooth = smoothed(placesOf(line), line, share).map(Number)
        assert.approximately(smooth[0] ?? Number.NaN, line[0] ?? Number.NaN, 1e-9)
        assert.isAtMost(Math.max(...smooth), Math.max(...line) + 1e-9)
        assert.isAtLeast(Math.min(...smooth), Math.min(...line) - 1e-9)
      })
    )
  })

  it("keeps gaps", () => {
    const smooth = smoothed([0, 1, 2], [1, null, 3], 0.9)
    assert.isNull(smooth[1])
    assert.isAbove(Number(smooth[2]), 1)
  })
})

describe("the places of a course", () => {
  const course = { updates: [10, 20], epochs: [1, 2], times: [5000, 8000] }
  it("are updates, epochs, or seconds from the beginning", () => {
    assert.deepStrictEqual(across(course, "update"), [10, 20])
    assert.deepStrictEqual(across(course, "epoch"), [1, 2])
    assert.deepStrictEqual(across(course, "time"), [0, 3])
    assert.deepStrictEqual(
      [10, 299, 300, 10_799, 10_800].map((seconds) => timeUnit(seconds).name),
      ["second", "second", "minute", "minute", "hour"]
    )
  })

  it("leave out what a logarithmic axis cannot show", () => {
    assert.deepStrictEqual(linePoints([0, 1, 2], [5, -1, 3], [], { logX: true, logY: true }), [
      [1, null],
      [2, 3]
    ])
    assert.deepStrictEqual(linePoints([0, 1], [5, -1], [], { logX: false, logY: false }), [
      [0, 5],
      [1, -1]
    ])
  })

  it("make a line that goes on where nothing was measured, with a gap where nothing finite was", () => {
    assert.deepStrictEqual(linePoints([0, 1, 2, 3], [5, null, null, 6], [2], { logX: false, logY: false }), [
      [0, 5],
      [2, null],
      [3, 6]
    ])
  })
})
