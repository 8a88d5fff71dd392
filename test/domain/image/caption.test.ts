import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { subscript, textWidth, wrapText } from "../../../src/domain/image/caption.ts"

const words = fc.array(fc.stringMatching(/^[a-zA-Z0-9.,=]{1,12}$/), { maxLength: 20 })
const sizes = fc.integer({ min: 8, max: 30 })
const widths = fc.integer({ min: 1, max: 400 })

describe("textWidth", () => {
  it("adds up letter by letter, in proportion to the font's size, and more for bold", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), sizes, (left, right, size) => {
        assert.closeTo(textWidth(left + right, size), textWidth(left, size) + textWidth(right, size), 1e-9)
        assert.closeTo(textWidth(left, 2 * size), 2 * textWidth(left, size), 1e-9)
        if (left !== "") assert.isAbove(textWidth(left, size, true), textWidth(left, size))
      })
    )
  })
})

describe("wrapText", () => {
  it("keeps every word in order, and breaks only where the next word would not fit", () => {
    fc.assert(
      fc.property(words, sizes, widths, fc.boolean(), (all, size, width, bold) => {
        const lines = wrapText(all.join(" "), size, width, bold)
        assert.strictEqual(lines.join(" "), all.join(" "))
        lines.forEach((line, i) => {
          if (line.includes(" ")) assert.isAtMost(textWidth(line, size, bold), width)
          const next = lines[i + 1]?.split(" ")[0]
          if (next !== undefined) assert.isAbove(textWidth(`${line} ${next}`, size, bold), width)
        })
      })
    )
  })

  it("breaks at newlines, and makes nothing of nothing", () => {
    assert.deepStrictEqual(wrapText("one\n\ntwo  three ", 10, 1000), ["one", "two three"])
    assert.deepStrictEqual(wrapText(" \n ", 10, 1000), [])
  })
})

describe("subscript", () => {
  it("writes figures below the line", () => {
    assert.strictEqual(`z${subscript(10)} c${subscript(0)} ${subscript(23456789)}`, "z₁₀ c₀ ₂₃₄₅₆₇₈₉")
  })
})
