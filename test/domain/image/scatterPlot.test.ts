import { assert, describe, it } from "@effect/vitest"
import { scatterPlot } from "../../../src/domain/image/scatterPlot.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"

const points = (...numbers: ReadonlyArray<number>) => tensorData([numbers.length / 2, 2], Float32Array.from(numbers))

/** Centres of the circles, by their sets. */
const circlesOf = (svg: string) =>
  svg
    .split("<g ")
    .slice(1)
    .map((set) => [...set.matchAll(/cx="([^"]+)" cy="([^"]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]))

describe("scatterPlot", () => {
  it("places points to one scale, the second axis upwards, within the margins", () => {
    // The square from (0, 0) to (4, 4) fills 480 pixels but for 24 on each side.
    assert.deepStrictEqual(circlesOf(scatterPlot([points(0, 0, 4, 0), points(4, 4, 2, 1)])), [
      [
        [24, 456],
        [456, 456]
      ],
      [
        [456, 24],
        [240, 348]
      ]
    ])
    // A wide set has room above and below.
    assert.deepStrictEqual(circlesOf(scatterPlot([points(-10, 7, 10, 7)])), [
      [
        [24, 240],
        [456, 240]
      ]
    ])
  })

  it("draws a single point in the middle, and leaves out what is not finite", () => {
    const svg = scatterPlot([points(3, -5, Number.NaN, 0, 1, Number.POSITIVE_INFINITY)])
    assert.deepStrictEqual(circlesOf(svg), [[[240, 240]]])
    assert.throws(() => scatterPlot([points(Number.NaN, 1)]), /at least one point that is finite/)
    assert.throws(() => scatterPlot([]), /at least one point/)
  })

  it("refuses what are no points of the plane", () => {
    assert.throws(() => scatterPlot([tensorData([2, 3], new Float32Array(6))]), /\[n, 2\], not \[2, 3\]/)
    assert.throws(() => scatterPlot([tensorData([4], new Float32Array(4))]), /not \[4\]/)
  })
})
