import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import sharp from "sharp"
import { montage } from "../../../src/layers/image/montage.ts"

/** A grid of four grey images of 2 x 3 pixels with a pixel around and between them, the first of one brightness. */
const gridOf = (brightness: number) => {
  const pixels = new Uint8Array(7 * 9).fill(255)
  for (let y = 1; y <= 3; y++) for (let x = 1; x <= 2; x++) pixels[y * 7 + x] = brightness
  return sharp(pixels, { raw: { width: 7, height: 9, channels: 1 } })
    .png()
    .toBuffer()
}

describe("a montage", () => {
  it.live("has the first image of every grid in its place, and white where there is none", () =>
    Effect.gen(function* () {
      const [dark, light] = [yield* Effect.promise(() => gridOf(10)), yield* Effect.promise(() => gridOf(200))]
      const torn = dark.subarray(0, 20)
      const png = yield* montage([dark, undefined, torn, light], { width: 2, height: 3, columns: 2 })
      const { data, info } = yield* Effect.promise(() =>
        sharp(png).toColourspace("b-w").raw().toBuffer({ resolveWithObject: true })
      )
      assert.deepStrictEqual([info.width, info.height], [2 * 3 + 1, 2 * 4 + 1])
      const at = (x: number, y: number) => data[(y * info.width + x) * info.channels]
      assert.deepStrictEqual([at(1, 1), at(2, 3), at(4, 1), at(1, 5), at(4, 5)], [10, 10, 255, 255, 200])
    })
  )
})
