import { assert, describe, it } from "@effect/vitest"
import { pngHeader } from "../../../src/layers/log/pngHeader.ts"

/** The first 33 bytes of a PNG of 258 x 3 pixels. */
const header = (colourType: number): Uint8Array =>
  Uint8Array.of(
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52],
    ...[0, 0, 1, 2, 0, 0, 0, 3, 8, colourType, 0, 0, 0, 1, 2, 3, 4]
  )

describe("pngHeader", () => {
  it.each([
    ["grey", 0, 1],
    ["RGB", 2, 3],
    ["a palette", 3, 3],
    ["grey with alpha", 4, 2],
    ["RGB with alpha", 6, 4]
  ])("gives size and channels of %s", (_, colourType, channels) => {
    assert.deepStrictEqual(pngHeader(header(colourType)), { width: 258, height: 3, channels })
    // Also where the bytes begin within others.
    const within = Uint8Array.of(9, 9, 9, ...header(colourType), 9).subarray(3)
    assert.deepStrictEqual(pngHeader(within), { width: 258, height: 3, channels })
  })

  it("is nothing of other bytes, of a header cut short, or of a colour type that PNG does not have", () => {
    for (const colourType of [1, 5, 7]) assert.isUndefined(pngHeader(header(colourType)))
    assert.isUndefined(pngHeader(header(2).subarray(0, 32)))
    assert.isUndefined(pngHeader(new Uint8Array(0)))
    for (let i = 0; i < 8; i++) assert.isUndefined(pngHeader(header(2).with(i, 1)), `byte ${i}`)
  })
})
