import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { decodeText } from "../../../src/domain/text/decodeText.ts"

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text)
const problemOf = (bytes: Uint8Array): string => Result.getOrThrow(Result.flip(decodeText(bytes)))

describe("decodeText", () => {
  it("gives the same text whatever system wrote it: byte order mark, CR LF, CR, LF", () => {
    const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\r\n\0\ufeff]/g, ""))
    // A text of one letter, then a zero byte, is UTF-16.
    fc.assert(
      fc.property(
        fc.array(line),
        fc.constantFrom("", "\ufeff"),
        fc.constantFrom("\n", "\r\n", "\r"),
        (lines, mark, end) => {
          assert.strictEqual(Result.getOrThrow(decodeText(encoded(mark + lines.join(end)))), lines.join("\n"))
        }
      )
    )
  })

  it.each(["utf-16le", "utf-16be"] as const)("refuses %s by its name, with a mark and without", (encoding) => {
    const bytes = Uint8Array.from('\ufeff{"seed": 1}\n', (letter) => letter.charCodeAt(0))
    const wide = (text: string) => {
      const found = new Uint8Array(text.length * 2)
      const view = new DataView(found.buffer)
      for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), encoding === "utf-16le")
      return found
    }
    assert.strictEqual(problemOf(wide('\ufeff{"seed": 1}\n')), "is UTF-16; save it as UTF-8")
    assert.strictEqual(problemOf(wide('{"seed": 1}\n')), "is UTF-16; save it as UTF-8")
    assert.isAbove(bytes.length, 0)
  })

  it("names the byte that is not UTF-8, by line and column", () => {
    const latin = Uint8Array.from("file,label\r\né.png,x", (letter) => letter.charCodeAt(0))
    assert.strictEqual(problemOf(latin), "is not UTF-8 (byte 0xE9 in line 2, column 1); save it as UTF-8")
    assert.strictEqual(
      problemOf(Uint8Array.of(...encoded("aé\n€"), 0xc3)),
      "is not UTF-8 (byte 0xC3 in line 2, column 2); save it as UTF-8"
    )
  })

  it("finds a fault in exactly those bytes that the platform's decoder refuses", () => {
    const units = fc.constantFrom(0x41, 0x80, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xf5, 0xff, 0x90)
    fc.assert(
      fc.property(fc.array(units, { minLength: 1, maxLength: 8 }), (units) => {
        // Behind a letter and a line end, so that nothing looks like a byte order mark.
        const bytes = Uint8Array.of(0x41, 0x42, 0x0a, ...units)
        const decoder = new TextDecoder("utf-8", { fatal: true })
        const decodes = (part: Uint8Array) => {
          try {
            decoder.decode(part)
            return true
          } catch {
            return false
          }
        }
        const found = decodeText(bytes)
        assert.strictEqual(Result.isSuccess(found), decodes(bytes))
        if (Result.isSuccess(found)) return
        const at = [...bytes.keys()].findLast((end) => decodes(bytes.subarray(0, end))) ?? 0
        const byte = (bytes[at] ?? 0).toString(16).toUpperCase()
        assert.include(
          found.failure,
          // Characters: one beyond the basic plane is one.
          `(byte 0x${byte} in line 2, column ${1 + [...new TextDecoder().decode(bytes.subarray(3, at))].length}`
        )
      })
    )
  })

  it.each([
    ["PK\x03\x04", "is not text: it is a ZIP archive (as NumPy's .npz files are)"],
    ["\x1f\x8b\x08", "is not text: it is compressed by gzip"]
  ])("says what a file that is no text is: %j", (start, problem) => {
    assert.strictEqual(
      problemOf(Uint8Array.from(`${start}\0\xff\xff`, (letter) => letter.charCodeAt(0))).split(" (line")[0],
      problem
    )
  })
})
