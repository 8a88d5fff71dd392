import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { parseLabels } from "../../../src/domain/data/labelsFile.ts"
import { decodeText } from "../../../src/domain/text/decodeText.ts"

/** As a file of these characters is read. */
const read = (text: string) => Result.flatMap(decodeText(new TextEncoder().encode(text)), parseLabels)

const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`

describe("parseLabels", () => {
  it("reads a line for each image, with quotation marks or without", () => {
    const text = '\ufefffile,label\r\na.png, cat \n"b, ""two"".png",dog\r\n\nc/d.png,"a\ndog"'
    assert.deepStrictEqual(
      [...Result.getOrThrow(read(text))],
      [
        ["a.png", "cat"],
        ['b, "two".png', "dog"],
        ["c/d.png", "a\ndog"]
      ]
    )
  })

  it("reads back every list of labels that is written by RFC 4180, whatever stands between cells", () => {
    const text = fc.string({ minLength: 1, unit: "grapheme" })
    const between = fc.constantFrom(",", ";", "\t")
    const lists = fc.uniqueArray(fc.tuple(text, text), { selector: ([file]) => file })
    fc.assert(
      fc.property(lists, fc.constantFrom("\n", "\r\n", "\r"), fc.boolean(), between, (rows, end, last, separator) => {
        const lines = [`file${separator}label`, ...rows.map(([file, label]) => cell(file) + separator + cell(label))]
        const found = read(lines.join(end) + (last ? end : ""))
        const expected = rows.map(([file, label]) => [file, label.normalize("NFC")])
        assert.deepStrictEqual([...Result.getOrThrow(found)], expected)
      })
    )
  })

  it.each([
    ["", 'it is empty: line 1 must be "file,label"'],
    ["name,label\na,b", 'line 1 must be "file,label", but is "name,label"'],
    ["a.png,cat\n", 'line 1 must be "file,label", but is "a.png,cat"'],
    ["file,la\u200bbel\n", 'line 1 must be "file,label", but is "file,la<U+200B>bel"'],
    ["file,label\na.png;1", 'line 2 is not "<path of an image>,<its class>"'],
    ["file,label\na.png", 'line 2 is not "<path of an image>,<its class>"'],
    ["file,label\na.png,1,2", 'line 2 is not "<path of an image>,<its class>"'],
    ["file,label\n\n,1", 'line 3 is not "<path of an image>,<its class>"'],
    ["file,label\na.png,", 'line 2 is not "<path of an image>,<its class>"'],
    ['file,label\n"a\nb",1\n"a\nb",1', "line 4 names a<U+000A>b once more"],
    ['file,label\n"a.png,1', "line 2 is not cells with commas between them: a quotation mark stands alone"],
    ['file,label\na"b.png,1', "line 2 is not cells with commas between them: a quotation mark stands alone"]
  ])("refuses %j", (text, problem) => {
    assert.strictEqual(Result.getOrThrow(Result.flip(parseLabels(text))), problem)
  })

  it.each([
    ["semicolons", "file;label\na.png;cat\nb, 2.png;dog\n"],
    ["tabs", "file\tlabel\na.png\tcat\nb, 2.png\tdog"],
    ["another letter case and spaces", ' File , LABEL \n a.png , cat \n"b, 2.png" , "dog"\n'],
    ["what spreadsheets leave behind", 'file,label,,\na.png,cat,,\n"b, 2.png",dog,,\n,,,\n\n,,,\n']
  ])("reads %s", (_, text) => {
    assert.deepStrictEqual(
      [...Result.getOrThrow(read(text))],
      [
        ["a.png", "cat"],
        ["b, 2.png", "dog"]
      ]
    )
  })

  it.each([";", "\t"])(
    "reads quotation marks with spaces around them, and none, with %j between cells",
    (separator) => {
      const lines = [
        ["file", "label"],
        [' "a ""1"" of ""2"".png" ', ' "cat" '],
        ["b.png ", "dog"],
        ['""', '""'],
        ['"c.png"', '"d"']
      ]
      assert.deepStrictEqual(
        [...Result.getOrThrow(read(lines.map((line) => line.join(separator)).join("\n")))],
        [
          ['a "1" of "2".png', "cat"],
          ["b.png", "dog"],
          ["c.png", "d"]
        ]
      )
      assert.include(Result.getOrThrow(Result.flip(read(`file${separator}label\nx"a"${separator}b`))), "line 2")
    }
  )

  it("shows no more than 80 characters of a wrong first line, and takes spaces in quotation marks there", () => {
    const problem = Result.getOrThrow(Result.flip(read("x".repeat(81))))
    assert.strictEqual(problem, `line 1 must be "file,label", but is "${"x".repeat(80)}"`)
    assert.strictEqual(Result.getOrThrow(read('" File ","label "\na.png,cat')).size, 1)
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
