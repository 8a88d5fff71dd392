import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { fillThreefry, type Words } from "../../../src/domain/random/threefry.ts"

const blockOf = (counter: Words, key: Words): ReadonlyArray<number> => {
  const words = new Int32Array(4)
  fillThreefry(words, key, counter)
  return Array.from(words, (word) => word >>> 0)
}

const word = fc.integer({ min: 0, max: 0xffff_ffff })
const fourWords = fc.tuple(word, word, word, word)

describe("fillThreefry", () => {
  // Random123, tests/kat_vectors, lines `threefry4x32 20`: counter, key, answer.
  it("gives the published answer for zeros", () => {
    assert.deepStrictEqual(blockOf([0, 0, 0, 0], [0, 0, 0, 0]), [0x9c6ca96a, 0xe17eae66, 0xfc10ecd4, 0x5256a7d8])
  })

  it("gives the published answer for ones", () => {
    const ones: Words = [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff]
    assert.deepStrictEqual(blockOf(ones, ones), [0x2a881696, 0x57012287, 0xf6c7446e, 0xa16a6732])
  })

  it("gives the published answer for the digits of pi", () => {
    assert.deepStrictEqual(
      blockOf([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89]),
      [0x59cd1dbb, 0xb8879579, 0x86b5d00c, 0xac8b6d84]
    )
  })

  it("counts blocks up in 64 bits", () => {
    const key: Words = [1, 2, 3, 4]
    const words = new Int32Array(8)
    fillThreefry(words, key, [0xffffffff, 7, 8, 9])
    assert.deepStrictEqual(
      Array.from(words, (w) => w >>> 0),
      [...blockOf([0xffffffff, 7, 8, 9], key), ...blockOf([0, 8, 8, 9], key)]
    )
  })

  it("leaves out the first words and nothing else, for every length", () => {
    fc.assert(
      fc.property(fourWords, fourWords, fc.nat(3), fc.nat(20), (key, counter, skip, length) => {
        const whole = new Int32Array(length + skip)
        fillThreefry(whole, key, counter)
        const part = new Int32Array(length)
        fillThreefry(part, key, counter, skip)
        assert.deepStrictEqual(part, whole.slice(skip))
      })
    )
  })

  it("changes about half of the bits when one bit of the counter or the key is flipped", () => {
    fc.assert(
      fc.property(fourWords, fourWords, fc.nat(127), fc.boolean(), (key, counter, bit, inKey) => {
        const flip = (words: Words): Words => {
          const flipped: [number, number, number, number] = [...words]
          const at = bit >> 5
          flipped[at] = ((flipped[at] ?? 0) ^ (1 << (bit & 31))) >>> 0
          return flipped
        }
        const before = blockOf(counter, key)
        const after = inKey ? blockOf(counter, flip(key)) : blockOf(flip(counter), key)
        let changed = 0
        for (let i = 0; i < 4; i++) {
          for (let bits = (before[i] ?? 0) ^ (after[i] ?? 0); bits !== 0; bits &= bits - 1) changed++
        }
        // Binomial(128, 1/2): six standard deviations (5.66) either way.
        assert.isAbove(changed, 64 - 34)
        assert.isBelow(changed, 64 + 34)
      })
    )
  })
})
