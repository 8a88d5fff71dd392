import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { libraryVersion } from "../src/programs/libraryVersion.ts"

const root = fileURLToPath(new URL("../", import.meta.url))

interface SourceFile {
  /** From the repository's root, such as `src/domain/tensor/Shape.ts`. */
  readonly path: string
  readonly text: string
  /** What it imports: paths from the root for its neighbours, names of packages for others. */
  readonly imports: ReadonlyArray<string>
}

const comments = /\/\*[\s\S]*?\*\/|(?<![:"'`\\])\/\/[^\n]*/g
const texts = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g
/** Statements begin a line; an `import` within a text does not. */
const specifiers = /^\s*(?:import|export)\s(?:[^"'`;]*?\sfrom\s*)?"([^"]+)"|\bimport\(\s*"([^"]+)"/gm

/** The code alone: what is said in comments and texts does not count. */
const codeOf = (text: string): string => text.replaceAll(comments, "").replaceAll(texts, '""')

const importsOf = (path: string, text: string): ReadonlyArray<string> =>
  [...text.replaceAll(comments, "").matchAll(specifiers)].map(([, written, computed]) => {
    const specifier = written ?? computed ?? ""
    return specifier.startsWith(".") ? join(dirname(path), specifier) : specifier
  })

const sources: ReadonlyArray<SourceFile> = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => {
    const path = relative(root, join(root, "src", name))
    const text = readFileSync(join(root, path), "utf8")
    return { path, text, imports: importsOf(path, text) }
  })

const below = (folder: string) => sources.filter(({ path }) => path.startsWith(`src/${folder}/`))

/** Every use of a pattern in code, as `path: use`: empty if the rule holds. */
const usesOf = (files: ReadonlyArray<SourceFile>, pattern: RegExp): ReadonlyArray<string> =>
  files.flatMap(({ path, text }) => [...codeOf(text).matchAll(pattern)].map(([use]) => `${path}: ${use}`))

/** Every import that is not allowed, as `path: import`. */
const forbiddenImports = (files: ReadonlyArray<SourceFile>, allowed: (imported: string) => boolean) =>
  files.flatMap(({ path, imports }) =>
    imports.filter((imported) => !allowed(imported)).map((imported) => `${path}: ${imported}`)
  )

/** A chain of imports that ends where it begins, or nothing. */
const findCycle = (files: ReadonlyArray<SourceFile>): ReadonlyArray<string> => {
  const importsByPath = new Map(files.map(({ path, imports }) => [path, imports]))
  const done = new Set<string>()
  const search = (path: string, trail: ReadonlyArray<string>): ReadonlyArray<string> => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return []
    for (const imported of importsByPath.get(path) ?? []) {
      const cycle = search(imported, [...trail, path])
      if (cycle.length > 0) return cycle
    }
    done.add(path)
    return []
  }
  for (const { path } of files) {
    const cycle = search(path, [])
    if (cycle.length > 0) return cycle
  }
  return []
}

describe("the checks themselves", () => {
  const file = (path: string, text: string): SourceFile => ({ path, text, imports: importsOf(path, text) })

  it("see imports of every form, and not those in comments", () => {
    const text = [
      'import { a } from "./a.ts"',
      'import type {\n  B\n} from "../b.ts"',
      'export { c } from "../../layers/c.ts"',
      'import "node:fs"',
      'const d = await import("sharp")',
      '// import { e } from "./e.ts"',
      '/* from "./f.ts" */',
      'const g = ["import", "x"]'
    ].join("\n")
    assert.deepStrictEqual(importsOf("src/domain/tensor/x.ts", text), [
      "src/domain/tensor/a.ts",
      "src/domain/b.ts",
      "src/layers/c.ts",
      "node:fs",
      "sharp"
    ])
  })

  it("see code, and neither comments nor texts", () => {
    const files = [
      file("x.ts", 'Math.random() // Math.random\n/* Math.random */ const a = "Math.random" + `Math.random`')
    ]
    assert.deepStrictEqual(usesOf(files, /Math\.random/g), ["x.ts: Math.random"])
  })

  it("see a cycle", () => {
    const ring = [
      file("a.ts", 'import "./b.ts"'),
      file("b.ts", 'import "./c.ts"\nimport "./d.ts"'),
      file("c.ts", ""),
      file("d.ts", 'import "./b.ts"')
    ]
    assert.deepStrictEqual(findCycle(ring), ["b.ts", "d.ts", "b.ts"])
    assert.deepStrictEqual(findCycle(ring.slice(0, 3)), [])
  })

  it("see all of src", () => {
    assert.isAbove(below("domain").length, 50)
    assert.isAbove(below("layers").length, 25)
    assert.isAbove(below("programs").length, 10)
  })
})

describe("imports", () => {
  it("run one way: programs -> layers -> domain", () => {
    const isOwn = (imported: string) => imported.startsWith("src/")
    assert.deepStrictEqual(
      forbiddenImports(below("domain"), (imported) => !isOwn(imported) || imported.startsWith("src/domain/")),
      []
    )
    assert.deepStrictEqual(
      forbiddenImports(below("layers"), (imported) => !isOwn(imported) || /^src\/(layers|domain)\//.test(imported)),
      []
    )
  })

  it("of the domain are the domain's own files and effect's data modules", () => {
    const dataModule =
      /^effect\/(Schema|SchemaAST|SchemaGetter|SchemaIssue|SchemaParser|Option|Result|Data|Equal|Hash|Order|Array|Record|Match|Brand)$/
    // Linear algebra comes from a library, which is pure as well; only the measures need it.
    const faults = forbiddenImports(
      below("domain"),
      (imported) => imported.startsWith("src/domain/") || dataModule.test(imported)
    )
    assert.deepStrictEqual(
      faults.filter((fault) => !/^src\/domain\/metrics\/.*: ml-matrix$/.test(fault)),
      []
    )
  })

  it("of the programs never reach Node, an engine or another library", () => {
    const allowed = /^(src\/|effect\/|@effect\/platform-node\/)/
    assert.deepStrictEqual(
      forbiddenImports(below("programs"), (imported) => allowed.test(imported)),
      []
    )
  })

  it("of the pages never reach the programs, and nothing reaches the pages: they are bundled by themselves", () => {
    // The lesson is a user of the library.
    const allowed = /^(src\/((page|domain|layers)\/|(browser|tensor)\.ts$)|effect\/|onnxruntime-web|echarts\/)/
    assert.deepStrictEqual(
      forbiddenImports(below("page"), (imported) => allowed.test(imported)),
      []
    )
    const others = sources.filter(({ path }) => !path.startsWith("src/page/"))
    assert.deepStrictEqual(
      forbiddenImports(others, (imported) => !imported.startsWith("src/page/")),
      []
    )
  })

  it("of the library never reach the paper's reproduction, which is built on it", () => {
    const isPaper = (path: string) => /^src\/(domain|layers|programs)\/paper\//.test(path)
    // The command line composes both, `verify` knows the files of both, and the entries publish both.
    const composes = (path: string) =>
      /^src\/(programs\/(cli\/|main\.ts$|verify\/fileChecks\.ts$)|namespaces\/|[^/]*$)/.test(path)
    const library = sources.filter(({ path }) => !isPaper(path) && !composes(path))
    assert.isAbove(library.length, 250)
    assert.deepStrictEqual(
      forbiddenImports(library, (imported) => !isPaper(imported)),
      []
    )
    assert.isNotEmpty(
      forbiddenImports(
        sources.filter(({ path }) => isPaper(path)),
        (imported) => isPaper(imported)
      )
    )
  })

  it("make no cycles", () => assert.deepStrictEqual(findCycle(sources), []))

  it("name files that exist, with their endings", () => {
    const known = new Set(sources.map(({ path }) => path))
    assert.deepStrictEqual(
      forbiddenImports(
        sources,
        (imported) => !imported.startsWith("src/") || known.has(imported) || imported.endsWith(".json")
      ),
      []
    )
  })
})

describe("code", () => {
  it("of the domain has no clock, no randomness of its own, no process and no console", () => {
    const impure =
      /\b(Math\.random|Date\.now|new Date\b|performance\b|crypto\b|process\b|console\b|globalThis\b|setTimeout|setInterval|fetch\()/g
    assert.deepStrictEqual(usesOf(below("domain"), impure), [])
  })

  it("draws nothing from Math.random anywhere", () => {
    assert.deepStrictEqual(usesOf(sources, /\bMath\.random\b/g), [])
  })

  it("has no any, no non-null assertion, and nothing that silences the compiler", () => {
    assert.deepStrictEqual(usesOf(sources, /(?::|<|\bas|\|)\s*any\b/g), [])
    assert.deepStrictEqual(usesOf(sources, /[\w)\]]!(?![=\w])/g), [])
    const silenced = sources.filter(({ text }) => /@ts-(ignore|expect-error|nocheck)|biome-ignore/.test(text))
    assert.deepStrictEqual(
      silenced.map(({ path }) => path),
      []
    )
  })

  it("looks names up by own, not in what every object inherits", () => {
    const byName =
      /[\w.]*[\w)\]]\[(?:\w*[nN]ame|\w*[pP]ath|\w*[kK]ey|file|metric|field|label|sheet|tensor|average|unfit|character)\]/g
    assert.isNotEmpty(usesOf([{ path: "x", text: "a.b[name] ?? 1", imports: [] }], byName))
    // Records of ours, asked by a name of a closed type; counts by number; an engine's own table.
    const closed =
      /: (\.\.\.)?(providers|providerNeeds|engineLayers|enginePackages|plans|presets|counts|engine\.registry)\[/
    const uses = usesOf(
      sources.filter(({ path }) => path !== "src/domain/record/own.ts" && !path.startsWith("src/testing/")),
      byName
    )
    assert.deepStrictEqual(
      uses.filter((use) => !closed.test(use)),
      []
    )
  })

  it("reads files by the bounded reader alone, and opens none that may wait", () => {
    const raw = /\b(?:readFile(?:String|Sync)?|createReadStream|openSync)\(|\bfs\.(?:stream|open)\(/g
    assert.deepStrictEqual(usesOf([{ path: "x", text: "fs.readFileString(path)", imports: [] }], raw), [
      "x: readFileString("
    ])
    const known = [
      // The reader itself, where the file system has no numbers of files.
      "src/layers/file/readBounded.ts: readFile(",
      // Files of the system's own.
      "src/layers/machine/thisProcess.ts: readFileSync(",
      "src/layers/machine/thisProcess.ts: readFileSync(",
      // To write: new files, and a log that was looked at before; and folders.
      "src/layers/file/atomicWrite.ts: fs.open(",
      "src/layers/file/atomicWrite.ts: fs.open(",
      "src/layers/file/guardedFileSystem.ts: fs.open(",
      "src/layers/file/guardedFileSystem.ts: fs.open(",
      "src/layers/lock/FolderLock.ts: fs.open(",
      "src/layers/lock/takeLock.ts: fs.open(",
      "src/layers/log/jsonLines.ts: fs.open(",
      "src/layers/log/tensorBoard.ts: fs.open("
    ]
    assert.deepStrictEqual([...usesOf(sources, raw)].sort(), known.sort())
    const byNode = sources.filter(({ imports }) => imports.some((name) => name.startsWith("node:fs")))
    assert.deepStrictEqual(byNode.map(({ path }) => path).sort(), [
      "src/layers/file/readBounded.ts",
      // `rmdir`, which removes a folder only if it is empty; Effect's file system has no such thing.
      "src/layers/lock/FolderLock.ts",
      "src/layers/machine/thisProcess.ts"
    ])
  })

  it("exports by name only, and hands on what others export only from the package's entries and their namespaces", () => {
    const entries = ["src/index.ts", "src/browser.ts"]
    const shared = readdirSync(join(root, "src/namespaces/browser")).filter((name) =>
      readFileSync(join(root, "src/namespaces", name), "utf8").includes(`export * from "./browser/${name}"`)
    )
    assert.isNotEmpty(shared)
    // Whole lists that two entries have in common: the library's, and what a namespace has in browsers too.
    const whole = [...entries, ...shared.map((name) => `src/namespaces/${name}`)]
    const unnamed = usesOf(sources, /\bexport default\b|\bexport \*(?! as \w+ from "")/g)
    assert.deepStrictEqual([...unnamed].sort(), whole.map((path) => `${path}: export *`).sort())
    const spaces = sources.filter(({ text }) => text.includes("export * as"))
    assert.deepStrictEqual(spaces.map(({ path }) => path).sort(), [...entries, "src/library.ts"].sort())
    const barrels = sources.filter(({ text }) => /^export (type )?\{[^}]*\} from/m.test(text))
    assert.deepStrictEqual(
      barrels
        .map(({ path }) => path)
        .filter((path) => !["src", "src/namespaces", "src/namespaces/browser"].includes(dirname(path))),
      []
    )
  })

  it("keeps to files of at most 400 lines", () => {
    // Those of tests, docs and builds as well.
    const paths = ["src", "test", "docs", "build"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => join(folder, name))
    )
    assert.isAbove(paths.length, 1000)
    const long = paths.filter((path) => readFileSync(join(root, path), "utf8").split("\n").length > 401)
    assert.deepStrictEqual(long, [])
  })
})

it("the library's version is the package's", () => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  assert.propertyVal(manifest, "version", libraryVersion)
})
