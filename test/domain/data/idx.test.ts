import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { type IdxArray, IdxError, MAX_IDX_BYTES, parseIdx, parseIdxHeader } from "../../../src/domain/data/idx.ts"
import { encodeIdx } from "../../support/encodeIdx.ts"

const anyArray: fc.Arbitrary<IdxArray> = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })
  .chain((shape) => {
    const length = shape.reduce((product, size) => product * size, 1)
    return fc.uint8Array({ minLength: length, maxLength: length }).map((values) => ({ shape, values }))
  })

const failure = (bytes: Uint8Array, rank: number): IdxError => {
  const result = parseIdx(bytes, rank)
  if (Result.isSuccess(result)) assert.fail("it should not parse")
  assert.instanceOf(result.failure, IdxError)
  return result.failure
}

const header = (...words: ReadonlyArray<number>): Uint8Array => {
  const view = new DataView(new ArrayBuffer(4 * words.length))
  words.forEach((word, i) => {
    view.setUint32(4 * i, word)
  })
  return new Uint8Array(view.buffer)
}

describe("IDX", () => {
  it("encodes as the format is published", () => {
    const bytes = encodeIdx({ shape: [1, 2, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 6) })
    assert.deepStrictEqual(bytes, Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6))
    assert.deepStrictEqual(
      encodeIdx({ shape: [1], values: Uint8Array.of(9) }),
      Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 9)
    )
  })

  it("decodes what it encoded", () => {
    fc.assert(
      fc.property(anyArray, (array) => {
        const parsed = Result.getOrThrow(parseIdx(encodeIdx(array), array.shape.length))
        assert.deepStrictEqual(parsed, array)
      })
    )
  })

  it("refuses a file cut short at any byte, and says how long it should be", () => {
    fc.assert(
      fc.property(anyArray, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (array, part) => {
        const bytes = encodeIdx(array)
        const error = failure(bytes.subarray(0, Math.floor(part * bytes.length)), array.shape.length)
        assert.strictEqual(error.reason, "Truncated")
        assert.strictEqual(error.found, Math.floor(part * bytes.length))
        const headerBytes = 4 + 4 * array.shape.length
        assert.strictEqual(error.expected, error.found < headerBytes ? headerBytes : bytes.length)
      })
    )
  })

  it("refuses bytes after the end", () => {
    fc.assert(
      fc.property(anyArray, fc.uint8Array({ minLength: 1, maxLength: 9 }), (array, extra) => {
        const bytes = encodeIdx(array)
        const error = failure(Uint8Array.of(...bytes, ...extra), array.shape.length)
        assert.deepInclude(error, {
          reason: "TrailingBytes",
          expected: bytes.length,
          found: bytes.length + extra.length
        })
      })
    )
  })

  it("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (bytes, rank) => {
        failure(bytes, rank)
      })
    )
  })

  it("names both magic numbers when labels are taken for images", () => {
    const error = failure(encodeIdx({ shape: [3], values: Uint8Array.of(1, 2, 3) }), 3)
    assert.deepInclude(error, { reason: "WrongMagic", expected: 2051, found: 2049 })
    assert.include(error.message, "0x00000801 instead of 0x00000803")
  })

  it("refuses other element types and gzip", () => {
    assert.strictEqual(failure(header(0x0d03, 1, 1, 1), 3).reason, "WrongMagic")
    assert.strictEqual(failure(Uint8Array.of(0x1f, 0x8b, 8, 0), 1).found, 0x1f8b0800)
  })

  it("refuses a size of zero, naming the dimension", () => {
    assert.deepInclude(failure(header(0x0803, 5, 0, 28), 3), { reason: "ZeroSize", expected: 1, found: 0 })
  })

  it("refuses absurd sizes before anything of that size exists", () => {
    assert.deepInclude(failure(header(0x0803, 0xffffffff, 0xffffffff, 0xffffffff), 3), {
      reason: "TooLarge",
      expected: MAX_IDX_BYTES
    })
    assert.strictEqual(failure(header(0x0801, MAX_IDX_BYTES - 7), 1).reason, "TooLarge")
    assert.strictEqual(failure(header(0x0801, MAX_IDX_BYTES - 8), 1).reason, "Truncated")
  })

  it("reads the header from the beginning of a file alone", () => {
    assert.deepStrictEqual(Result.getOrThrow(parseIdxHeader(header(0x0803, 60000, 28, 28), 3)), {
      shape: [60000, 28, 28],
      headerBytes: 16,
      totalBytes: 47_040_016
    })
  })

  it("says what is wrong with a file, and what to do", () => {
    const message = (bytes: Uint8Array) => failure(bytes, 1).message
    assert.strictEqual(MAX_IDX_BYTES, 2_147_483_647)
    const whole = encodeIdx({ shape: [3], values: Uint8Array.of(1, 2, 3) })
    assert.include(message(whole.subarray(0, 10)), "cut short: 11 bytes expected, 10 found; fetch it again")
    assert.include(message(Uint8Array.of(...whole, 0)), "has 12 bytes where its header states 11")
    assert.include(message(header(0x0801, 0)), "gives dimension 0 the size 0; every dimension must have at least 1")
    assert.include(message(header(0x0801, 0xffffffff)), "states 4294967303 bytes; at most 2147483647 can be read")
  })

  it("reads up to 255 dimensions", () => {
    const ones = { shape: Array<number>(255).fill(1), values: Uint8Array.of(7) }
    assert.deepStrictEqual(Result.getOrThrow(parseIdx(encodeIdx(ones), 255)), ones)
  })
})
