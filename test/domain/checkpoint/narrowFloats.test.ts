import { assert, describe, it } from "@effect/vitest"
import { float32OfBfloat16, float32OfFloat16 } from "../../../src/domain/checkpoint/safetensors.ts"

const words = (...bits: ReadonlyArray<number>) => new Uint8Array(Uint16Array.from(bits).buffer)

describe("float32OfFloat16", () => {
  it("gives the numbers of IEEE 754, table 3.5: zeros, the least, the least normal, the largest, thirds, infinities", () => {
    const bits = [0x0000, 0x8000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0xfbff, 0x3c00, 0x3555, 0xc000, 0x7c00, 0xfc00]
    const numbers = [0, -0, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 65504, -65504, 1, 1365 / 4096, -2]
    assert.deepStrictEqual(Array.from(float32OfFloat16(words(...bits))), [
      ...numbers,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY
    ])
    assert.deepStrictEqual(Array.from(float32OfFloat16(words(0x7e00, 0xfc01))), [Number.NaN, Number.NaN])
  })

  it("gives another number for each of the 63,488 that are finite or infinite", () => {
    const all = float32OfFloat16(new Uint8Array(Uint16Array.from({ length: 65_536 }, (_, i) => i).buffer))
    const apart = new Set(Array.from(all, (value) => (Object.is(value, -0) ? "-0" : String(value))))
    assert.strictEqual(apart.size, 65_536 - 2 * 1024 + 2 + 1)
  })
})

describe("float32OfBfloat16", () => {
  it("gives the float32 number with the same upper half", () => {
    assert.deepStrictEqual(Array.from(float32OfBfloat16(words(0x3f80, 0xc000, 0x0001, 0x7f80, 0x8000))), [
      1,
      -2,
      2 ** -133,
      Number.POSITIVE_INFINITY,
      -0
    ])
  })
})
