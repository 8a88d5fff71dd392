import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import type { NpyArray } from "../../../src/domain/data/npy.ts"
import { npyImages } from "../../../src/domain/data/npyImages.ts"

const grey = { channels: 1, height: 2, width: 3 }
const colour = { channels: 3, height: 2, width: 3 }

const fails = (array: NpyArray, problem: RegExp, format = grey) =>
  assert.match(Result.getOrThrow(Result.flip(npyImages(array, format))).message, problem)

describe("images of a NumPy array", () => {
  it.each([[[2, 2, 3]], [[2, 1, 2, 3]], [[2, 2, 3, 1]]])("are grey in the shape %j", (shape) => {
    const values = Float32Array.from({ length: 12 }, (_, i) => i / 12)
    const found = Result.getOrThrow(npyImages({ shape, values }, grey))
    assert.deepStrictEqual(found, { shape: [2, 1, 2, 3], values })
  })

  it("have their channels in front, whether they came in front or behind", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 36, maxLength: 36 }), (first) => {
        const last = Uint8Array.from({ length: 36 }, (_, at) => {
          const [n, pixel, channel] = [Math.floor(at / 18), Math.floor((at % 18) / 3), at % 3]
          return first[n * 18 + channel * 6 + pixel] ?? 0
        })
        const expected = { shape: [2, 3, 2, 3], values: Float32Array.from(first, (byte) => byte / 255) }
        assert.deepStrictEqual(Result.getOrThrow(npyImages({ shape: [2, 3, 2, 3], values: first }, colour)), expected)
        const tall = { channels: 3, height: 3, width: 2 }
        assert.deepStrictEqual(
          Result.getOrThrow(npyImages({ shape: [2, 3, 2, 3], values: last }, tall)).values,
          Float32Array.from({ length: 36 }, (_, at) => {
            const [n, channel, pixel] = [Math.floor(at / 18), Math.floor((at % 18) / 6), at % 6]
            return (last[n * 18 + pixel * 3 + channel] ?? 0) / 255
          })
        )
      })
    )
  })

  it("may be 0 and 1", () => {
    const values = Float32Array.of(0, 1, 1, 0, 1, 0)
    assert.deepStrictEqual(Result.getOrThrow(npyImages({ shape: [1, 2, 3], values }, grey)).values, values)
  })

  it("are refused where they do not fit", () => {
    fails(
      { shape: [2, 3, 2], values: new Float32Array(12) },
      /an array \[2, 3, 2\]; expected images \[N, 2, 3\] or \[N, 1, 2, 3\] or \[N, 2, 3, 1\]/
    )
    fails({ shape: [12], values: new Float32Array(12) }, /an array \[12\]/)
    fails({ shape: [0, 2, 3], values: new Float32Array(0) }, /holds no images/)
    fails({ shape: [1, 2, 3], values: new Float32Array(6) }, /expected images \[N, 3, 2, 3\] or \[N, 2, 3, 3\]/, colour)
    for (const [value, problem] of [
      [255, /holds 255 in image 1; expected numbers from 0 to 1: divide/],
      [-0.5, /holds -0.5 in image 1; expected numbers from 0 to 1$/],
      [Number.NaN, /holds NaN in image 1; expected numbers from 0 to 1$/]
    ] as const) {
      fails({ shape: [2, 2, 3], values: new Float64Array(12).with(7, value) }, problem)
    }
  })
})
