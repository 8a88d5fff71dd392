import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  bernoulli,
  type NoiseKey,
  normalOfWord,
  randomWords,
  standardNormal,
  uniform
} from "../../../../src/domain/random/noise.ts"
import { fillThreefry, type Words } from "../../../../src/domain/random/threefry.ts"
import { kernelMemory, startKernel } from "../../../../src/layers/backend/onnx/kernelMemory.ts"
import { normalLayout, writeNormalKernel } from "../../../../src/layers/backend/onnx/normalKernel.ts"
import { openNormals } from "../../../../src/layers/backend/onnx/normalNumbers.ts"
import { openWords } from "../../../../src/layers/backend/onnx/wordKernel.ts"

const natural = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER))
const anyKey: fc.Arbitrary<NoiseKey> = fc.record({
  seed: natural,
  stream: fc.string({ unit: "binary" }),
  step: natural
})
const anyLength = fc.oneof(
  fc.nat(70),
  fc.integer({ min: normalLayout.words - 20, max: normalLayout.words + 20 }),
  fc.nat(3 * normalLayout.words)
)
const anyOffset = fc.oneof(
  fc.nat(40),
  fc.nat(1_000_000),
  // Past block 2^32 the counter carries, in whatever vector of blocks.
  fc.integer({ min: 2 ** 34 - 2 * normalLayout.words, max: 2 ** 34 + 40 })
)

/** Where two sets of numbers differ first, or -1. Not `deepStrictEqual`, which takes a minute. */
const firstDifference = (a: Float32Array | Int32Array, b: Float32Array | Int32Array): number => {
  if (a.length !== b.length) return Math.min(a.length, b.length)
  return a.findIndex((value, i) => !Object.is(value, b[i]))
}

/** The counter of the block that holds these words: Threefry's rounds backwards, one by one. */
const counterOf = (words: Words, key: Words): Words => {
  const keys = [...key, key.reduce((a, b) => a ^ b, 0x1bd11bda)]
  const turns = [
    [10, 26],
    [11, 21],
    [13, 27],
    [23, 5],
    [6, 20],
    [17, 11],
    [25, 10],
    [18, 20]
  ] as const
  let [x0, x1, x2, x3] = words
  const takeKey = (turn: number): void => {
    const at = (i: number): number => keys[(turn + i) % 5] ?? 0
    x0 = (x0 - at(0)) | 0
    x1 = (x1 - at(1)) | 0
    x2 = (x2 - at(2)) | 0
    x3 = (x3 - at(3) - turn) | 0
  }
  const turnBack = (word: number, by: number): number => (word >>> by) | (word << (32 - by))
  for (let round = 19; round >= 0; round--) {
    if (round % 4 === 3) takeKey((round + 1) / 4)
    const [first, second] = turns[round % 8] ?? [0, 0]
    if (round % 2 === 0) {
      x1 = turnBack(x1 ^ x0, first)
      x0 = (x0 - x1) | 0
      x3 = turnBack(x3 ^ x2, second)
      x2 = (x2 - x3) | 0
    } else {
      x3 = turnBack(x3 ^ x0, first)
      x0 = (x0 - x3) | 0
      x1 = turnBack(x1 ^ x2, second)
      x2 = (x2 - x1) | 0
    }
  }
  takeKey(0)
  return [x0, x1, x2, x3]
}

describe("random words by the kernel", () => {
  const words = openWords()

  it("are randomWords', for every key, length and offset, and so are uniform numbers and masks made of them", () => {
    fc.assert(
      fc.property(anyKey, anyLength, anyOffset, (key, length, offset) => {
        assert.strictEqual(firstDifference(words(key, length, offset), randomWords(key, length, offset)), -1)
        const [numbers, mask] = [uniform(key, length, offset, words), bernoulli(key, 0.3, length, offset, words)]
        assert.strictEqual(firstDifference(numbers, uniform(key, length, offset)), -1)
        assert.strictEqual(firstDifference(mask, bernoulli(key, 0.3, length, offset)), -1)
      })
    )
  })
})

describe("normal numbers by the kernel", () => {
  const normals = openNormals()

  it("are standardNormal's to the bit, for every key, length and offset", () => {
    fc.assert(
      fc.property(anyKey, anyLength, anyOffset, (key, length, offset) => {
        assert.strictEqual(firstDifference(normals(key, length, offset), standardNormal(key, length, offset)), -1)
      })
    )
  })

  it("are standardNormal's over a million numbers", () => {
    const key = { seed: 3, stream: "noise/z", step: 9 }
    assert.strictEqual(firstDifference(normals(key, 1_000_000), standardNormal(key, 1_000_000)), -1)
  })

  it("are those of the words one asks for: the ends, the seams of the quantile, those that the logarithm treats by themselves", () => {
    const memory = kernelMemory(normalLayout.bytes)
    const kernel = startKernel(writeNormalKernel(), memory)
    const words = new Int32Array(memory.buffer, 0, 4)
    const values = new Float32Array(memory.buffer, normalLayout.values, 4)
    // A tail is (2 w + 1) 2^-33 for the w-th word from an end, and the logarithm's cases part at these times a power of 2.
    const seams = [1, Math.SQRT1_2, 1 + 0x6147a / 2 ** 20, 1 + 0x6b851 / 2 ** 20, 1 - 2 ** -20, 1 + 2 ** -20]
    const fromEnd = fc.oneof(
      fc.nat(100),
      fc
        .tuple(fc.constantFrom(...seams), fc.integer({ min: 4, max: 28 }), fc.integer({ min: -300, max: 300 }))
        .map(([seam, power, by]) => Math.max(0, Math.round(seam * 2 ** power) + by))
    )
    const special = fc.oneof(
      fc.integer(),
      fromEnd.map((w) => (2 ** 31 + w) | 0),
      fromEnd.map((w) => 2 ** 31 - 1 - w),
      fc.integer({ min: 1825361100 - 3, max: 1825361100 + 3 }),
      fc.integer({ min: -1825361101 - 3, max: -1825361101 + 3 }),
      fc.integer({ min: -2, max: 2 })
    )
    const four = fc.tuple(special, special, special, special)
    const key = fc.tuple(fc.integer(), fc.integer(), fc.integer(), fc.integer())
    fc.assert(
      fc.property(four, key, (wanted, generatorKey) => {
        const counter = counterOf(wanted, generatorKey)
        const block = new Int32Array(4)
        fillThreefry(block, generatorKey, counter)
        assert.deepStrictEqual([...block], wanted)
        kernel(64, ...generatorKey, ...counter)
        assert.deepStrictEqual([...words], wanted)
        assert.deepStrictEqual(
          [...values],
          wanted.map((word) => Math.fround(normalOfWord(word)))
        )
      }),
      { numRuns: 20_000 }
    )
  })

  it("throw for the keys, lengths and offsets that standardNormal throws for", () => {
    assert.throws(() => normals({ seed: -1, stream: "a", step: 0 }, 1), RangeError, "NoiseKey.seed")
    assert.throws(() => normals({ seed: 0, stream: "a", step: 0 }, -1), RangeError, "number of random values")
    assert.throws(() => normals({ seed: 0, stream: "a", step: 0 }, 1, -1), RangeError, "offset of random values")
  })
})
