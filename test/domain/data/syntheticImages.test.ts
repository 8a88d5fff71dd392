import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { takeImages } from "../../../src/domain/data/Images.ts"
import { SYNTHETIC_CLASSES, syntheticImages } from "../../../src/domain/data/syntheticImages.ts"
import { uniform } from "../../../src/domain/random/noise.ts"

const settings = { count: 60, channels: 1, height: 6, width: 5, seed: 1, stream: "test" }

describe("syntheticImages", () => {
  it("is the same for the same settings and other for another seed or stream", () => {
    assert.deepStrictEqual(syntheticImages(settings), syntheticImages(settings))
    assert.notDeepEqual(syntheticImages({ ...settings, seed: 2 }).pixels, syntheticImages(settings).pixels)
    assert.notDeepEqual(syntheticImages({ ...settings, stream: "other" }).pixels, syntheticImages(settings).pixels)
  })

  it("an image does not depend on how many there are", () => {
    assert.deepStrictEqual(takeImages(syntheticImages({ ...settings, count: 200 }), 0, 60), syntheticImages(settings))
  })

  it("has every class, and something bright and something dark in every image from 6x5 up", () => {
    const size = fc.integer({ min: 5, max: 30 })
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 3 }), fc.nat(), (height, width, channels, seed) => {
        const set = syntheticImages({ ...settings, height: height + 1, width, channels, seed })
        assert.strictEqual(new Set(set.labels).size, SYNTHETIC_CLASSES.length)
        for (let n = 0; n < set.count; n++) {
          const pixels = takeImages(set, n, n + 1).pixels
          // The nearest pixel is at most half a pixel off each way, one deviation; 128 exp(-1) = 47. The farthest one
          // of five columns is two deviations off at least; 255 exp(-2) = 35.
          assert.isAtLeast(Math.max(...pixels), 47)
          assert.isAtMost(Math.min(...pixels), 35)
          const area = set.height * set.width
          assert.deepStrictEqual(pixels.slice(-area), pixels.slice(0, area))
        }
      }),
      { numRuns: 30 }
    )
  })

  it("spends five draws on an image, and is brightest next to the place drawn", () => {
    const set = syntheticImages({ ...settings, height: 11, width: 8 })
    const draws = uniform({ seed: settings.seed, stream: settings.stream, step: 0 }, 5 * set.count)
    for (let n = 0; n < set.count; n++) {
      const [kind = 0, down = 0, across = 0] = draws.subarray(5 * n)
      const label = Math.floor(3 * kind)
      assert.strictEqual(set.labels?.[n], label)
      const pixels = takeImages(set, n, n + 1).pixels
      const at = pixels.indexOf(Math.max(...pixels))
      const [row, column] = [Math.floor(at / 8), at % 8]
      // Half a pixel off at the most, and one where two are as bright after rounding.
      if (label !== 2) assert.isAtMost(Math.abs(row - 10 * down), 1)
      if (label !== 1) assert.isAtMost(Math.abs(column - 7 * across), 1)
    }
  })

  it("bars do not change along their direction", () => {
    const set = syntheticImages({ ...settings, count: 30 })
    for (let n = 0; n < set.count; n++) {
      const pixels = takeImages(set, n, n + 1).pixels
      const at = (b: number, a: number) => pixels[b * set.width + a] ?? -1
      if (set.labels?.[n] === 1) assert.isTrue([0, 1, 2, 3, 4, 5].every((b) => at(b, 0) === at(b, 4)))
      if (set.labels?.[n] === 2) assert.isTrue([0, 1, 2, 3, 4].every((a) => at(0, a) === at(5, a)))
    }
  })

  it("throws for a size that is none", () => {
    assert.throws(() => syntheticImages({ ...settings, width: 0 }), RangeError, "width")
    assert.throws(() => syntheticImages({ ...settings, count: 1.5 }), RangeError, "count")
  })
})
