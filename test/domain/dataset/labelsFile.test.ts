import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { parseLabels } from "../../../src/domain/dataset/labelsFile.ts"

const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`

describe("parseLabels", () => {
  it("reads a line for each picture, with quotation marks or without", () => {
    const text = '\ufefffile,label\r\na.png, cat \n"b, ""two"".png",dog\r\n\nc/d.png,"a\ndog"'
    assert.deepStrictEqual(
      [...Result.getOrThrow(parseLabels(text))],
      [
        ["a.png", "cat"],
        ['b, "two".png', "dog"],
        ["c/d.png", "a\ndog"]
      ]
    )
  })

  it("reads back every list of labels that is written by RFC 4180", () => {
    const text = fc.string({ minLength: 1, unit: "grapheme" })
    const lists = fc.uniqueArray(fc.tuple(text, text), { selector: ([file]) => file })
    fc.assert(
      fc.property(lists, fc.constantFrom("\n", "\r\n"), fc.boolean(), (rows, end, last) => {
        const lines = ["file,label", ...rows.map(([file, label]) => `${cell(file)},${cell(label)}`)]
        const read = parseLabels(lines.join(end) + (last ? end : ""))
        assert.deepStrictEqual([...Result.getOrThrow(read)], rows)
      })
    )
  })

  it.each([
    ["", 'line 1 is not "file,label"'],
    ["name,label\na,b", 'line 1 is not "file,label"'],
    ["file,label\na.png", 'line 2 is not "<path of a picture>,<its class>"'],
    ["file,label\na.png,1,2", 'line 2 is not "<path of a picture>,<its class>"'],
    ["file,label\n\n,1", 'line 3 is not "<path of a picture>,<its class>"'],
    ["file,label\na.png,", 'line 2 is not "<path of a picture>,<its class>"'],
    ['file,label\n"a\nb",1\n"a\nb",1', "line 4 names a\nb once more"],
    ['file,label\n"a.png,1', "line 2 is not cells with commas between them: a quotation mark stands alone"],
    ['file,label\na"b.png,1', "line 2 is not cells with commas between them: a quotation mark stands alone"]
  ])("refuses %j", (text, problem) => {
    assert.strictEqual(Result.getOrThrow(Result.flip(parseLabels(text))), problem)
  })

  it("ends, on any text", () => {
    const letters = fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a", " ") })
    fc.assert(
      fc.property(letters, (text) => {
        parseLabels(text)
        parseLabels(`file,label\n${text}`)
      })
    )
  })
})
