import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { jsonError } from "../../../src/domain/json/jsonError.ts"
import { parseJson } from "../../../src/domain/json/parseJson.ts"

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe("jsonError", () => {
  it("finds a fault exactly where JSON.parse finds one", () => {
    const pieces = [
      '"',
      "a",
      "\\",
      "u0041",
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      "0",
      "1",
      "-",
      ".",
      "e5",
      "true",
      "null",
      " ",
      "\n",
      "\t",
      "//",
      "'"
    ]
    const scraps = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(""))
    const damaged = fc.tuple(fc.json(), fc.nat(), fc.constantFrom("", ...pieces)).map(([json, n, piece]) => {
      const at = n % (json.length + 1)
      return json.slice(0, at) + piece + json.slice(at + (piece === "" ? 1 : 0))
    })
    fc.assert(
      fc.property(fc.oneof(scraps, damaged, fc.json({ noUnicodeString: false })), (text) => {
        assert.strictEqual(jsonError(text) === undefined, isJson(text), text)
      }),
      { numRuns: 3000 }
    )
  })

  it.each([
    ['{"a": 1,}', "line 1, column 8: a comma too many before the }: remove it"],
    ["[1, 2,\n]", "line 1, column 6: a comma too many before the ]: remove it"],
    ['{\n  // my settings\n  "a": 1}', "line 2, column 3: a comment; JSON has none: remove it"],
    ['{"a": 1 /* one */}', "line 1, column 9: a comment; JSON has none: remove it"],
    ['{"a": 1}\n# end', "line 2, column 1: a comment; JSON has none: remove it"],
    ["{'a': 1}", `line 1, column 2: texts stand in double quotation marks ("), not in '`],
    ["{“a”: 1}", 'line 1, column 2: texts stand in double quotation marks ("), not in “ (U+201C)'],
    ["{a: 1}", 'line 1, column 2: "a": names stand in double quotation marks'],
    ['{"a": 1\n "b": 2}', 'line 2, column 2: "\\"": a comma is missing before it'],
    ['{"a" 1}', 'line 1, column 6: a ":" is missing behind the name'],
    ['{"a": NaN}', 'line 1, column 7: "NaN" is no number in JSON'],
    ['{"a": True}', `line 1, column 7: "True" is Python's: JSON has true, false and null`],
    ['{"a": 007}', 'line 1, column 7: expected a value, found "007"'],
    ['{"a": .5}', 'line 1, column 7: expected a value, found ".5"'],
    [
      '{"directory": "C:\\pictures"}',
      "line 1, column 18: a \\ stands before p: in JSON a \\ is written \\\\, and in paths / does as well"
    ],
    ['{"a": "x\n"}', "line 1, column 7: a text in quotation marks does not end in its line"],
    ['{"a":\u00a01}', "line 1, column 6: a character that cannot be seen, U+00A0: remove it"],
    ['{\n"a": {"b": 1}', "line 2, column 14: the text ends, but the { of line 1 is not closed"],
    ['{"a": 1} {}', "line 1, column 10: something follows the end of the JSON"],
    ["", "the file is empty"],
    [" \n", "the file is empty"]
  ])("says what is wrong with %j", (text, problem) => {
    assert.strictEqual(Result.getOrThrow(Result.flip(parseJson(text))), `not JSON: ${problem}`)
  })
})
