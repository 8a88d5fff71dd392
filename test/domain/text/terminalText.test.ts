import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { quotedText, terminalLines, terminalMessage, terminalText } from "../../../src/domain/text/terminalText.ts"

/** What a terminal obeys, and what it does not show. */
const hazard = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ...'\n\r\t\u001b\u0007\u009b\u007f\u202e\u2066\u200b\u200d\ufeff\ud83d\udc00\u2028\\"é漢'.split("")
    ),
    fc.nat(0x10ffff).map((code) => String.fromCodePoint(code))
  ),
  maxLength: 40
})

describe("terminalText", () => {
  it("leaves nothing in any text that a terminal would obey", () => {
    fc.assert(fc.property(anyText, (text) => assert.notMatch(terminalText(text), hazard)))
  })

  it.each([
    ["a line that a file's name would add", "a\nintact       b", "a\\nintact       b"],
    ["colours", "\u001b[31mred", "\\u001b[31mred"],
    ["the one-byte form of an escape", "\u009b2J", "\\u009b2J"],
    ["a title of the window", "\u001b]0;owned\u0007", "\\u001b]0;owned\\u0007"],
    ["a line that is written over", "damaged\rintact ", "damaged\\rintact "],
    ["text that reads backwards", "gnp.\u202eelif", "gnp.\\u202eelif"],
    ["what has no width", "a\u200bb\u2060c\ufeffd\u00ade", "a\\u200bb\\u2060c\\ufeffd\\u00ade"],
    ["joiners between Latin letters", "pay\u200dpal", "pay\\u200dpal"],
    ["fillers", "\u3164\u115f", "\\u3164\\u115f"],
    ["tags", "a\u{e0041}", "a\\udb40\\udc41"],
    ["half a surrogate pair", "\ud800x", "\\ud800x"]
  ])("writes out %s", (_, text, shown) => {
    assert.strictEqual(terminalText(text), shown)
  })

  it.each([
    "é",
    "e\u0301",
    "漢字",
    "Ελλάδα",
    "שלום",
    "👨‍👩‍👧",
    "❤️",
    "#️⃣",
    "🇫🇷",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "می‌خواهم",
    "क्‍ष",
    "葛󠄀",
    "C:\\new\\table"
  ])("leaves %s as it is", (name) => {
    assert.strictEqual(terminalText(name), name)
  })

  it("keeps the beginning and the end of what is too long, and cuts no character in two", () => {
    const shown = terminalText(`begin${"😀".repeat(5000)}end`, 21)
    assert.match(shown, /^begin😀+… \(10008 characters\) …😀+end$/u)
    assert.isBelow(terminalText("x".repeat(1_000_000)).length, 600)
  })
})

describe("terminalMessage", () => {
  it("indents what follows a line break, so that no line can pass for a message of its own", () => {
    assert.strictEqual(
      terminalMessage("There is no x\nAll is well\u001b[A\r\nreally\n"),
      "There is no x\n  All is well\\u001b[A\n  really"
    )
  })
})

describe("terminalLines", () => {
  it("keeps the lines of a table and the colours of the help, and nothing else", () => {
    assert.strictEqual(
      terminalLines("\u001b[1mUSAGE\u001b[0m\n  a\u001b[2J\u202e"),
      "\u001b[1mUSAGE\u001b[0m\n  a\\u001b[2J\\u202e"
    )
  })

  it("leaves JSON with the meaning it had", () => {
    fc.assert(
      fc.property(fc.array(anyText), (texts) =>
        assert.deepStrictEqual(JSON.parse(terminalLines(JSON.stringify(texts, undefined, 2))), texts)
      )
    )
  })
})

describe("quotedText", () => {
  it("shows where a name begins and ends", () => {
    assert.strictEqual(quotedText(' a"\n\u202e '), '" a\\"\\n\\u202e "')
  })
})
