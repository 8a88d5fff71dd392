import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Arr from "effect/Array"

const root = resolve(import.meta.dirname, "..")

/** A name that a module gives to what another declares: `Graph` for `Program` of `domain/tensor/Program.ts`. */
interface Named {
  /** As a user writes it: `fovea/tensor:Graph`, `fovea:Training.run`. */
  readonly path: string
  readonly name: string
  /** File and own name; of a namespace, its file. */
  readonly declaration: string
}

const exportsOf = (file: string, prefix: string): ReadonlyArray<Named> => {
  const text = readFileSync(join(root, file), "utf8")
  const fileOf = (specifier: string) => join(dirname(file), specifier)
  const flat = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from "([^"]+)"/gm)].flatMap(
    ([, names = "", from = ""]) =>
      names
        .split(",")
        .map((name) => name.trim().replace(/^type /, ""))
        .filter((name) => name !== "")
        .map((name) => {
          const [declared = "", given = declared] = name.split(" as ")
          return { path: `${prefix}${given}`, name: given, declaration: `${fileOf(from)}: ${declared}` }
        })
  )
  const namespaces = [...text.matchAll(/^export \* as (\w+) from "([^"]+)"/gm)].flatMap(([, name = "", from = ""]) => [
    { path: `${prefix}${name}`, name, declaration: fileOf(from) },
    ...exportsOf(fileOf(from), `${prefix}${name}.`)
  ])
  const whole = [...text.matchAll(/^export \* from "([^"]+)"/gm)].flatMap(([, from = ""]) =>
    exportsOf(fileOf(from), prefix)
  )
  return [...flat, ...namespaces, ...whole]
}

const all = ["index", "tensor", "evaluation", "backend", "testing", "paper"].flatMap((entry) =>
  exportsOf(`src/${entry}.ts`, entry === "index" ? "fovea:" : `fovea/${entry}:`)
)

/** The entry for browsers, which hands on what other entries export. */
const browser = exportsOf("src/browser.ts", "fovea/browser:")

/** Paths of what has the same key, where there are several. */
const shared = (named: ReadonlyArray<Named>, keyOf: (of: Named) => string) =>
  Object.values(Arr.groupBy(named, keyOf))
    .map((group) => group.map(({ path }) => path))
    .filter(({ length }) => length > 1)

describe("what the package exports", () => {
  it("is all seen here: flat names and those of namespaces", () => {
    for (const path of ["fovea:TensorBackend", "fovea:Training", "fovea:Training.run", "fovea/tensor:Graph"]) {
      assert.include(
        all.map((named) => named.path),
        path
      )
    }
  })

  it("has one name for each thing", () => {
    assert.deepStrictEqual(
      shared(all, ({ declaration }) => declaration),
      []
    )
  })

  it("has the same name in browsers", () => {
    const [first] = shared(browser, ({ declaration }) => declaration)
    assert.isUndefined(first)
    const nameIn = new Map(all.map(({ declaration, path }) => [declaration, path.replace(/^[^:]*:/, "")]))
    const renamed = browser.filter(
      ({ declaration, path }) => (nameIn.get(declaration) ?? path.slice(14)) !== path.slice(14)
    )
    assert.deepStrictEqual(renamed, [])
    assert.isAbove(browser.filter(({ declaration }) => nameIn.has(declaration)).length, 200)
  })

  it("has one meaning for each name of an entry", () => {
    const ofEntries = all.filter(({ path }) => !path.includes("."))
    assert.deepStrictEqual(
      shared(ofEntries, ({ name }) => name),
      []
    )
  })
})

describe("texts that users see", () => {
  it("name layers as they are exported, not by their names within the source", () => {
    const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts")
    )
    const texts = files.flatMap((file) => {
      const code = readFileSync(join(root, "src", file), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "")
      return [...code.matchAll(/"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\\n])*`/g)]
        .filter(([text]) => /\blayer[A-Z]\w*\b(?!\.ts)/.test(text))
        .map(([text]) => `${file}: ${text}`)
    })
    assert.deepStrictEqual(texts, [])
  })
})
