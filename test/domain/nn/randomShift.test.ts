import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { randomShift } from "../../../src/domain/nn/randomShift.ts"
import { uniform } from "../../../src/domain/random/noise.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"
import { normals } from "../../support/randomNumbers.ts"

describe("randomShift", () => {
  it("moves each image by its own whole number of pixels, and fills up with black", () => {
    const size = fc.integer({ min: 1, max: 5 })
    fc.assert(
      fc.property(size, size, size, size, fc.nat(3), fc.nat(1000), (count, channels, height, width, most, step) => {
        const shape = [count, channels, height, width]
        const images = normals(step, "images", shape)
        const noise = { seed: 3, step }
        const moved = evaluateOne(randomShift(placeholder("x", shape), most, "s"), { x: images }, noise)
        const choose = (stream: string) =>
          uniform({ ...noise, stream }, count).map((u) => Math.floor(u * (2 * most + 1)) - most)
        const [down, across] = [choose("noise/s/rows"), choose("noise/s/columns")]
        const expected: Array<number> = []
        for (let n = 0; n < count; n++) {
          for (let c = 0; c < channels; c++) {
            for (let b = 0; b < height; b++) {
              for (let a = 0; a < width; a++) {
                const [row, column] = [b + (down[n] ?? 0), a + (across[n] ?? 0)]
                const outside = row < 0 || row >= height || column < 0 || column >= width
                const from = ((n * channels + c) * height + row) * width + column
                expected.push(outside ? 0 : (images[from] ?? Number.NaN))
              }
            }
          }
        }
        assert.deepStrictEqual(Array.from(moved), expected)
      })
    )
  })

  it("moves every way equally often", () => {
    // A single point in the middle of 5 x 5 pixels is never lost, and shows the way that its image went.
    const [count, most] = [2500, 2]
    const points = Float64Array.from({ length: count * 25 }, (_, i) => (i % 25 === 12 ? 1 : 0))
    const moved = evaluateOne(randomShift(placeholder("x", [count, 1, 5, 5]), most, "s"), { x: points })
    const counts = new Array<number>(25).fill(0)
    moved.forEach((x, i) => {
      counts[i % 25] = (counts[i % 25] ?? 0) + x
    })
    assert.strictEqual(
      counts.reduce((total, n) => total + n, 0),
      count
    )
    // 100 each, give or take 10: five standard deviations.
    for (const n of counts) assert.approximately(n, 100, 50)
  })

  it("by 0 is the images themselves", () => {
    const x = placeholder("x", [2, 1, 3, 3])
    assert.strictEqual(randomShift(x, 0, "s"), x)
  })
})
