import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { type LanguageServer, openLanguageServer, tsc } from "../support/languageServer.ts"

const root = resolve(import.meta.dirname, "../..")

const Package = Schema.Struct({
  exports: Schema.Record(
    Schema.String,
    Schema.Union([Schema.String, Schema.Struct({ "fovea-source": Schema.String, types: Schema.String })])
  )
})
const packageText = readFileSync(join(root, "package.json"), "utf8")

/** The package's entries that are modules: what is imported (`fovea/tensor`), and its source. */
const entries = Object.entries(Schema.decodeUnknownSync(Schema.fromJsonString(Package))(packageText).exports).flatMap(
  ([entry, to]) => (typeof to === "string" ? [] : [{ name: `fovea${entry.slice(1)}`, source: to["fovea-source"] }])
)

/** Of the entry for browsers, what it does not share with `fovea`. */
const browsers = ["fovea_browser.Backends", "fovea_browser.Data"]

/** What is imported from an entry, under a name that can be written in code: `fovea_tensor`. */
const aliasOf = (name: string) => name.replace("/", "_")
const header = `${entries.map(({ name }) => `import type * as ${aliasOf(name)} from "${name}"`).join("\n")}\n`
const firstLine = entries.length

/** The entries, and the namespaces in them. */
const modules = entries.flatMap(({ name, source }) => {
  if (name === "fovea/browser") return browsers
  const text = readFileSync(join(root, source), "utf8")
  const shared = text.includes("./library.ts") ? readFileSync(join(root, "src/library.ts"), "utf8") : ""
  const namespaces = `${text}\n${shared}`.matchAll(/^export \* as (\w+)/gm)
  return [aliasOf(name), ...[...namespaces].map(([, namespace]) => `${aliasOf(name)}.${namespace}`)]
})

/** An export as a user writes it, and what an editor shows of it. */
interface Shown {
  readonly path: string
  /** Whether it is a value; else a type alone. */
  readonly isValue: boolean
  readonly signature: string
  readonly docs: string
}

/** What the modules export, values first. */
const membersOf = async (server: LanguageServer) => {
  const lines = modules.flatMap((path) => [`void ${path}.;`, `type _ = ${path}.;`])
  server.open("names.ts", header + lines.join("\n"))
  const offered = await Promise.all(
    lines.map((line, i) => server.completions("names.ts", { line: firstLine + i, character: line.length - 1 }))
  )
  return modules.flatMap((path, i) => {
    const values = offered[2 * i] ?? []
    const types = (offered[2 * i + 1] ?? []).filter((name) => !values.includes(name))
    const member = (isValue: boolean) => (name: string) => ({ path: `${path}.${name}`, isValue })
    return [...values.map(member(true)), ...types.map(member(false))]
  })
}

/** What an editor shows where each of these is written. */
const shown = async (
  server: LanguageServer,
  members: ReadonlyArray<Pick<Shown, "path" | "isValue">>
): Promise<ReadonlyArray<Shown>> => {
  const lines = members.map(({ path, isValue }) => `${isValue ? "void" : "type _ ="} ${path}`)
  server.open("shown.ts", header + lines.join("\n"))
  return Promise.all(
    members.map(async (member, i) => {
      const character = (lines[i]?.length ?? 1) - 1
      const hover = await server.hover("shown.ts", { line: firstLine + i, character })
      const [, signature = "", docs = ""] = /^```typescript\n([\s\S]*?)\n```\n?([\s\S]*)$/.exec(hover) ?? []
      return { ...member, signature, docs: docs.trim() }
    })
  )
}

const isOfTensors = ({ isValue, signature }: Shown) =>
  isValue && signature.includes("=>") && /\b(Tensor|TensorData|Operand)\b/.test(signature)
/** A shape in brackets, or a word that says how the result's follows from what is given. */
const saysShape = ({ docs }: Shown) =>
  /\[[^\]]*\]|\bshapes?\b|element|broadcast|stretched|\bscalar\b|\bax[ei]s\b/i.test(docs)

/** What a value is, or what a function gives: its type without the parameters. */
const resultOf = (signature: string): string => {
  const type = signature.slice(signature.indexOf(":") + 1).trimStart()
  let [open, end] = [0, 0]
  for (const [i, c] of [...type].entries()) {
    // The arrow of a function is no bracket.
    if (c === "(" || c === "<" || c === "{" || c === "[") open += 1
    else if (c === ")" || c === "}" || c === "]" || (c === ">" && type[i - 1] !== "=")) open -= 1
    if (c === "=" && type[i + 1] === ">" && open === 0) end = end || i + 2
  }
  return type.slice(end).trimStart()
}
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(join(root, "src", name), "utf8"))
  .join("\n")

let server: LanguageServer | undefined
let exported: ReadonlyArray<Shown> = []
beforeAll(async () => {
  server = await openLanguageServer(["names.ts", "shown.ts"])
  const members = await membersOf(server)
  // A namespace is no member: its own are.
  exported = await shown(
    server,
    members.filter(({ path }) => !modules.includes(path))
  )
}, 120_000)
afterAll(() => server?.close())

describe("what an editor shows of the package's exports", () => {
  it("are all of them: of every entry, and of the namespaces in it", () => {
    assert.includeMembers(
      exported.map(({ path }) => path),
      [
        "fovea.mlp",
        "fovea.Training.run",
        "fovea.Datasets.mnist",
        "fovea_tensor.matmul",
        "fovea_tensor.Tensor",
        "fovea_evaluation.frechetDistance",
        "fovea_testing.conformance",
        "fovea_backend.evaluateNode"
      ]
    )
  })

  it("has documentation for each", () => {
    assert.deepStrictEqual(
      exported.filter(({ docs }) => docs === "").map(({ path }) => path),
      []
    )
  })

  it("says of what shape tensors are, wherever a function takes or gives them", () => {
    assert.deepStrictEqual(
      exported.filter((member) => isOfTensors(member) && !saysShape(member)).map(({ path }) => path),
      []
    )
  })

  it("is the name of a span, where it is an effect of a namespace", () => {
    const effects = exported
      .filter(({ path, signature }) => path.split(".").length === 3 && resultOf(signature).startsWith("Effect<"))
      .map(({ path }) => path.split(".").slice(1).join("."))
    assert.includeMembers(effects, [
      "Sampling.run",
      "Sampling.openCheckpoint",
      "Exchange.exportProgram",
      "Backends.doctor"
    ])
    assert.deepStrictEqual(
      effects.filter((name) => !sources.includes(`("${name}")`) && !sources.includes(`, "${name}")`)),
      []
    )
  })
})

/** Exports whose documentation shows a program that runs. */
const shownByExample = [
  "fovea.Program.make",
  "fovea.Program.learner",
  "fovea.Program.descend",
  "fovea.Program.ema",
  "fovea.Program.follow",
  "fovea.Optim.chain",
  "fovea.Optim.adam",
  "fovea.Optim.adamw",
  "fovea.Optim.freeze",
  "fovea.Optim.cosine",
  "fovea.Optim.linear",
  "fovea.Optim.exponential",
  "fovea.Optim.warmupCosine",
  "fovea.Optim.joined",
  "fovea.Data.examples",
  "fovea.Data.shuffled",
  "fovea.Data.streamed",
  "fovea.Training.run",
  "fovea.Training.resume",
  "fovea.Training.checkpoints",
  "fovea.Training.logEvery",
  "fovea.Training.recipe",
  "fovea.Sampling.run",
  "fovea.Exchange.exportProgram",
  "fovea.Backends.reference",
  "fovea.Backends.onnxRuntime",
  "fovea.Backends.named",
  "fovea.Datasets.mnist",
  "fovea.Datasets.synthetic",
  "fovea.filterbank",
  "fovea.read",
  "fovea.write",
  "fovea.mlp",
  "fovea_tensor.gradient"
]

describe("the examples in the documentation of exports", () => {
  const fileOf = (path: string) => `${path}.ts`
  const exampleOf = (path: string): string => {
    const docs = exported.find((member) => member.path === path)?.docs ?? ""
    return /\*@example\*[\s\S]*?```ts\n([\s\S]*?)```/.exec(docs)?.[1] ?? ""
  }
  /** What an example says that it prints: the comment behind each `console.log`. */
  const saidToPrint = (code: string) => [...code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, line]) => line)

  it("are there for the main thirty and more", () => {
    assert.deepStrictEqual(
      shownByExample.filter((path) => exampleOf(path) === ""),
      []
    )
  })

  // Within the package, so that its own name is known.
  let folder = ""
  beforeAll(() => {
    folder = mkdtempSync(join(root, ".fovea-examples-"))
    for (const path of shownByExample) writeFileSync(join(folder, fileOf(path)), exampleOf(path))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const node = (...args: ReadonlyArray<string>) => promisify(execFile)(process.execPath, args, { cwd: folder })

  it("compile", async () => {
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: "../tsconfig.json", include: ["*.ts"] }))
    const { stdout } = await node(tsc, "--noEmit", "-p", ".").catch((failed: { readonly stdout: string }) => failed)
    assert.strictEqual(stdout, "")
  }, 60_000)

  it("print what they say that they print", async () => {
    const runAll = shownByExample.map((path) => `console.log("== ${path}")\nawait import("./${fileOf(path)}")`)
    writeFileSync(join(folder, "all.ts"), runAll.join("\n"))
    const { stdout } = await node("--conditions=fovea-source", "all.ts")
    const printed = new Map(
      stdout.split(/^== /m).map((part) => {
        const [path = "", ...lines] = part.trimEnd().split("\n")
        return [path, lines]
      })
    )
    for (const path of shownByExample) assert.deepStrictEqual(printed.get(path), saidToPrint(exampleOf(path)), path)
  }, 60_000)
})
