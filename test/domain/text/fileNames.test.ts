import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { folderNameOf, namedAmong, spelledOut } from "../../../src/domain/text/fileNames.ts"

const [composed, decomposed] = ["\u00e9.png", "e\u0301.png"]

describe("namedAmong", () => {
  it("finds a file however a system writes its name", () => {
    const part = fc.constantFrom("a", composed, decomposed, "Ö", "각", "b c")
    const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"))
    const spelling = fc.constantFrom<(path: string) => string>(
      (name) => name.normalize("NFD"),
      (name) => name.normalize("NFC"),
      (name) => name.replaceAll("/", "\\"),
      (name) => `./${name}`,
      (name) => `.\\${name.replaceAll("/", "\\").normalize("NFD")}`,
      (name) => name.replaceAll("/", "//")
    )
    fc.assert(
      fc.property(path, spelling, (file, spell) => {
        assert.deepStrictEqual(namedAmong([file, "other.png"])(spell(file)), Result.succeed(file))
      })
    )
  })

  it("takes a name as it is spelled before others, and names those among which it does not tell", () => {
    const find = namedAmong([composed, decomposed, "a/b.png", "a\\b.png"])
    assert.deepStrictEqual(find(composed), Result.succeed(composed))
    assert.deepStrictEqual(find(decomposed), Result.succeed(decomposed))
    assert.deepStrictEqual(find("a\\b.png"), Result.succeed("a\\b.png"))
    assert.deepStrictEqual(find(`./${composed}`), Result.fail([composed, decomposed]))
    assert.deepStrictEqual(find("../a/b.png"), Result.succeed(undefined))
    assert.deepStrictEqual(find("A/b.png"), Result.succeed(undefined))
  })
})

it("spelledOut shows what is invisible", () => {
  assert.strictEqual(spelledOut(`${decomposed} \u00a0\u200b\ufeff\r`), "e<U+0301>.png <U+00A0><U+200B><U+FEFF><U+000D>")
  assert.strictEqual(spelledOut(composed), composed)
})

describe("folderNameOf", () => {
  it("makes of any text the name of a folder where it is asked for, and of none elsewhere", () => {
    assert.deepStrictEqual(["plane-gan", "a/../b c", "..", "", "./.hidden", "\u001b[31mé"].map(folderNameOf), [
      "plane-gan",
      "a-..-b-c",
      "unnamed",
      "unnamed",
      "hidden",
      "31m-"
    ])
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (name) => /^[^./-][^/]{0,99}$/.test(folderNameOf(name))))
  })
})
