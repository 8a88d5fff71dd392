// Packs the library, installs it in an empty project outside the repository, and uses it there as a stranger would:
// types, a program run through ONNX Runtime, and the command line. Run by `npm run check:package`.
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

const repository = resolve(import.meta.dirname, "..")
const project = mkdtempSync(join(tmpdir(), "fovea-user-"))

const run = (command: string, args: ReadonlyArray<string>, cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })

const program = `
import * as Effect from "effect/Effect"
import { Backends, TensorBackend } from "fovea"
import { add, makeProgram, placeholder, type Tensor } from "fovea/tensor"

const total: Tensor = placeholder("total", [2])
const x = placeholder("x", [2])
const counting = makeProgram({ name: "counting", state: { total }, inputs: { x }, next: { total: add(total, x) }, outputs: {} })

const main = Effect.gen(function* () {
  const backend = yield* TensorBackend
  const executable = yield* backend.compile(counting, { total: { shape: [2], values: Float32Array.of(1, 2) } })
  yield* executable.step({ inputs: { x: { shape: [2], values: Float32Array.of(10, 20) } }, noise: { seed: 0, step: 0 } })
  const { total } = yield* executable.readState
  console.log(total?.values.join())
})
await Effect.runPromise(Effect.scoped(main).pipe(Effect.provide(Backends.onnxRuntime)))
`

try {
  run("npm", ["run", "--silent", "build"], repository)
  const packed =
    run("npm", ["pack", "--silent", "--pack-destination", project], repository).trim().split("\n").at(-1) ?? ""
  const own: { readonly devDependencies: Record<string, string>; readonly allowScripts: Record<string, boolean> } =
    JSON.parse(readFileSync(join(repository, "package.json"), "utf8"))
  const { typescript, node, "@types/node": nodeTypes } = own.devDependencies
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({
      name: "fovea-user",
      private: true,
      type: "module",
      allowScripts: own.allowScripts,
      dependencies: { fovea: `file:${packed}`, effect: "4.1.0" },
      devDependencies: { typescript, node, "@types/node": nodeTypes }
    })
  )
  writeFileSync(join(project, ".npmrc"), "onnxruntime-node-install=skip\n")
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        module: "NodeNext",
        target: "ES2023",
        strict: true,
        exactOptionalPropertyTypes: true,
        outDir: "out",
        types: ["node"],
        skipLibCheck: true
      },
      files: ["main.ts"]
    })
  )
  writeFileSync(join(project, "main.ts"), program)
  run("npm", ["install", "--silent", "--no-audit", "--no-fund"], project)
  run(join(project, "node_modules/.bin/tsc"), [], project)
  const printed = run(join(project, "node_modules/.bin/node"), ["out/main.js"], project).trim()
  if (printed !== "11,22") throw new Error(`the program printed "${printed}" instead of "11,22"`)
  const nodeBinary = join(project, "node_modules/.bin/node")
  const version = run(
    nodeBinary,
    [join(project, "node_modules/fovea/dist/programs/main.js"), "--version"],
    project
  ).trim()
  if (!version.includes("0.1.0")) throw new Error(`fovea --version printed "${version}"`)
  run(nodeBinary, ["node_modules/fovea/dist/programs/main.js", "train", "--updates", "3", "--out", "run"], project)
  console.log(`${packed}: installs, type-checks, runs and trains in an empty project (${version})`)
} finally {
  rmSync(project, { recursive: true, force: true })
}
