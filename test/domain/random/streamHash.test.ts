import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { fnv1a64 } from "../../../src/domain/random/streamHash.ts"

const hex = (text: string): string =>
  fnv1a64(text)
    .map((word) => (word >>> 0).toString(16).padStart(8, "0"))
    .reverse()
    .join("")

const codePoint = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code))

describe("fnv1a64", () => {
  it("gives the published answers", () => {
    // The FNV reference test suite (isthe.com/chongo/tech/comp/fnv).
    assert.strictEqual(hex(""), "cbf29ce484222325")
    assert.strictEqual(hex("a"), "af63dc4c8601ec8c")
    assert.strictEqual(hex("foobar"), "85944171f73967e8")
  })

  it("is the definition, computed with 64-bit integers over UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: codePoint }), (text) => {
        let hash = 0xcbf29ce484222325n
        for (const byte of Buffer.from(text, "utf8")) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & (2n ** 64n - 1n)
        assert.strictEqual(hex(text), hash.toString(16).padStart(16, "0"))
      })
    )
  })
})
