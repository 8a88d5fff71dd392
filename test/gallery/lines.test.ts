import { readdirSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { countedLines } from "./lines.ts"

const docs = resolve(import.meta.dirname, "../../docs")

const page = readFileSync(resolve(docs, "gallery.md"), "utf8")

/** Rows of the page's table: `| [name](gallery/name.ts) | at most | lines | ..`. */
const rows = [...page.matchAll(/^\| \[([\w-]+)\]\(gallery\/([\w-]+)\.ts\) \| (\d+) \| (\d+) \|/gm)].map(
  ([, name = "", file = "", budget, lines]) => ({ name, file, budget: Number(budget), lines: Number(lines) })
)

const programs = readdirSync(resolve(docs, "gallery")).filter((file) => file.endsWith(".ts"))

const textOf = (file: string) => readFileSync(resolve(docs, "gallery", file), "utf8")

describe("the gallery's lines", () => {
  it("are those that are neither blank, nor comment, nor import", () => {
    const text = [
      "/**",
      " * A program.",
      " */",
      'import * as Effect from "effect/Effect"',
      "import {",
      "  Data, // the data",
      "  Training",
      '} from "fovea"',
      "",
      "// two lines follow",
      'const a = "import"',
      "  ",
      "export default a // one"
    ]
    assert.strictEqual(countedLines(text.join("\n")), 2)
  })

  it("keep the budgets of docs/gallery.md, which states how many there are", () => {
    const stated = rows.map(({ file, budget, lines }) => ({ file: `${file}.ts`, lines, isWithin: lines <= budget }))
    const counted = programs.map((file) => ({ file, lines: countedLines(textOf(file)), isWithin: true }))
    const byFile = (left: { file: string }, right: { file: string }) => left.file.localeCompare(right.file)
    assert.deepStrictEqual(stated.toSorted(byFile), counted.toSorted(byFile))
  })

  it("hold one statement each, as biome formats them", () => {
    for (const file of programs) assert.notMatch(textOf(file).replaceAll(/"[^"\n]*"|`[^`]*`|\/\/.*/g, '""'), /;/, file)
  })

  it("import from the library, effect and @effect/platform-node alone", () => {
    for (const file of programs) {
      for (const [, from] of textOf(file).matchAll(/^(?:import\b[^"]*|\} from )"([^"]+)"$/gm)) {
        assert.match(from ?? "", /^(fovea(\/\w+)?|effect(\/\w+)*|@effect\/platform-node(\/\w+)*)$/, file)
      }
    }
  })

  it("belong to programs that have a section of the page and a test each", () => {
    const tests = readdirSync(import.meta.dirname)
    for (const { name, file } of rows) {
      assert.strictEqual(name, file)
      assert.include(page, `\n## ${name}\n`)
      assert.include(tests, `${name}.test.ts`)
    }
  })
})
