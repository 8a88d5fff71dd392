// Packs the library, installs it in empty projects outside the repository with the README's own line, and uses it there as a
// stranger would: the guide's programs are type-checked, with the types of all dependencies; one runs through ONNX Runtime;
// the command line trains. With npm 10 and 11 and pnpm, on Node 22 and 24. Run by `npm run check:package`.
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join, resolve } from "node:path"

const repository = resolve(import.meta.dirname, "..")
const scratch = mkdtempSync(join(tmpdir(), "fovea-user-"))

/** Where onnxruntime-node's install script would go for its CUDA libraries: a port at which nobody listens. */
const unreachable = { GLOBAL_AGENT_HTTPS_PROXY: "http://127.0.0.1:9", GLOBAL_AGENT_HTTP_PROXY: "http://127.0.0.1:9" }

/** The environment of a user: nothing of the `npm run` that started this. */
const plainEnvironment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)))

const run = (command: string, args: ReadonlyArray<string>, cwd: string, path: ReadonlyArray<string> = []): string =>
  execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...plainEnvironment,
      ...unreachable,
      PATH: [
        ...path,
        ...(process.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"))
      ].join(delimiter)
    }
  })

/** The one line of the README that begins as asked: what a user types. */
const readmeLine = (pattern: RegExp): string => {
  const lines = readFileSync(join(repository, "README.md"), "utf8").split("\n")
  const found = lines.filter((line) => pattern.test(line))
  if (found.length !== 1) throw new Error(`README.md has ${found.length} lines like ${pattern}, not one`)
  return found.join()
}

const counting = `
import * as Effect from "effect/Effect"
import { Backends, TensorBackend } from "fovea"
import { add, makeGraph, placeholder, type Tensor } from "fovea/tensor"

const total: Tensor = placeholder("total", [2])
const x = placeholder("x", [2])
const counting = makeGraph({ name: "counting", state: { total }, inputs: { x }, next: { total: add(total, x) }, outputs: {} })

const main = Effect.gen(function* () {
  const backend = yield* TensorBackend
  const executable = yield* backend.compile(counting, { total: { shape: [2], values: Float32Array.of(1, 2) } })
  yield* executable.step({ inputs: { x: { shape: [2], values: Float32Array.of(10, 20) } }, noise: { seed: 0, step: 0 } })
  const { total } = yield* executable.readState
  console.log(total?.values.join())
})
await Effect.runPromise(Effect.scoped(main).pipe(Effect.provide(Backends.onnxRuntime)))
`

/** The same by the entry for browsers, which runs here as well. */
const countingAnywhere = counting
  .replace('from "fovea"', 'from "fovea/browser"')
  .replace("Backends.onnxRuntime", "Backends.reference")

const compilerOptions = {
  module: "NodeNext",
  target: "ES2023",
  strict: true,
  exactOptionalPropertyTypes: true,
  outDir: "out",
  rootDir: ".",
  types: ["node"],
  allowImportingTsExtensions: true,
  rewriteRelativeImportExtensions: true
}

/** A folder with this Node and these package managers in its `node_modules/.bin`. */
const toolsWith = (node: string): string => {
  const folder = join(scratch, `tools-${node}`)
  mkdirSync(folder)
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, allowScripts: { node: true } }))
  run("npm", ["install", "--silent", "--no-audit", "--no-fund", `node@${node}`], folder)
  return join(folder, "node_modules/.bin")
}

/** A package manager of this version, by itself. */
const managerWith = (name: string, version: string): string => {
  const folder = join(scratch, `manager-${name}-${version}`)
  mkdirSync(folder)
  run("npm", ["install", "--silent", "--no-audit", "--no-fund", `${name}@${version}`], folder)
  return join(folder, "node_modules/.bin")
}

/** Installs by a line of the README, and uses what it installed. */
const useWith = (label: string, install: string, packed: string, bins: ReadonlyArray<string>): void => {
  const project = join(scratch, label.replaceAll(/[^a-z0-9]+/gi, "-"))
  mkdirSync(project)
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "fovea-user", private: true, type: "module" }))
  // What is packed here stands for what a registry would serve.
  run("sh", ["-c", install.replace(/(?<= )fovea(?= )/, packed)], project, bins)
  const { typescript, "@types/node": nodeTypes, "fast-check": fastCheck } = own.devDependencies
  const tools = [`typescript@${typescript}`, `@types/node@${nodeTypes}`, `fast-check@${fastCheck}`]
  const add = label.startsWith("pnpm") ? "pnpm add --save-dev" : "ONNXRUNTIME_NODE_INSTALL=skip npm install --save-dev"
  run("sh", ["-c", `${add} ${tools.join(" ")}`], project, bins)

  cpSync(join(repository, "docs/examples"), join(project, "examples"), { recursive: true })
  writeFileSync(join(project, "main.ts"), counting)
  writeFileSync(join(project, "browser.ts"), countingAnywhere)
  const examples = readdirSync(join(project, "examples")).filter((name) => name.endsWith(".ts"))
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["main.ts", "browser.ts", ...examples.map((name) => `examples/${name}`)] })
  )
  run(join(project, "node_modules/.bin/tsc"), [], project, bins)
  for (const program of ["out/main.js", "out/browser.js"]) {
    const printed = run("node", [program], project, bins).trim()
    if (printed !== "11,22") throw new Error(`${program} printed "${printed}" instead of "11,22"`)
  }
  const fovea = join(project, "node_modules/.bin/fovea")
  const version = run(fovea, ["--version"], project, bins).trim()
  if (!version.includes(own.version)) throw new Error(`fovea --version printed "${version}"`)
  run(fovea, ["train", "--updates", "3", "--out", "run"], project, bins)
  const node = run("node", ["--version"], project, bins).trim()
  console.log(`${label}, Node ${node}: installs, type-checks ${examples.length} examples of the guide, runs and trains`)
}

const own: { readonly version: string; readonly devDependencies: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(repository, "package.json"), "utf8")
)

try {
  run("npm", ["run", "--silent", "build"], repository)
  const printed = run("npm", ["pack", "--silent", "--pack-destination", scratch], repository)
  const packed = join(scratch, printed.trim().split("\n").at(-1) ?? "")
  const byNpm = readmeLine(/^ONNXRUNTIME_NODE_INSTALL=skip npm install fovea /)
  const byPnpm = readmeLine(/^pnpm add fovea /)
  const [node22, node24] = [toolsWith("22"), toolsWith("24")]
  useWith("npm 10", byNpm, packed, [managerWith("npm", "10"), node22])
  useWith("npm 11", byNpm, packed, [managerWith("npm", "11"), node24])
  useWith("pnpm 10", byPnpm, packed, [managerWith("pnpm", "10"), node24])
} catch (error) {
  if (error instanceof Error && "stdout" in error && "stderr" in error) console.error(error.stdout, error.stderr)
  throw error
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
