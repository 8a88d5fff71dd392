import { execFile } from "node:child_process"
import { resolve } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fovea, inFolder, writeConfig } from "./commandLine.ts"

const repository = resolve(import.meta.dirname, "../../..")

/** Asks for everything that takes the engine for browsers, in one process; prints each command's exit, and the backend's message. */
const asking = `
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { Backends } from "./src/browser.ts"
import { runFoveaWith } from "./src/programs/cli/fovea.ts"

for (const args of JSON.parse(process.argv[2])) {
  const exit = await Effect.runPromiseExit(Effect.provide(runFoveaWith(args), NodeServices.layer))
  console.log(Exit.isFailure(exit) ? "failed" : "went well")
}
const { message } = await Effect.runPromise(Effect.flip(Effect.scoped(Layer.build(Backends.onnxRuntimeWeb()))))
console.log(message)
`

describe("where onnxruntime-web is not installed", () => {
  it.live(
    "an exported page, the lesson and the backend for browsers each say what to install, and write nothing",
    () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          const config = yield* writeConfig(folder)
          assert.strictEqual((yield* fovea("train", "--config", config, "--out", `${folder}/run`)).code, 0)
          // An installation like this one, but for that package: every other one by a link, and links are taken for what they seem.
          const installed = `${folder}/installed`
          yield* fs.makeDirectory(`${installed}/node_modules`, { recursive: true })
          const packages = (yield* fs.readDirectory(`${repository}/node_modules`)).filter(
            (name) => !name.startsWith(".")
          )
          assert.include(packages, "onnxruntime-web")
          for (const name of packages.filter((one) => one !== "onnxruntime-web")) {
            yield* fs.symlink(`${repository}/node_modules/${name}`, `${installed}/node_modules/${name}`)
          }
          for (const name of ["src", "build", "docs", "package.json"]) {
            yield* fs.symlink(`${repository}/${name}`, `${installed}/${name}`)
          }
          yield* fs.writeFileString(`${installed}/ask.ts`, asking)
          const page = `${folder}/page.html`
          const commands = [
            ["export", "--checkpoint", `${folder}/run`, "--format", "web", "--out", page],
            ["lesson", "--out", page],
            ["lesson", "--port", "0"]
          ]
          const flags = ["--preserve-symlinks", "--preserve-symlinks-main"]
          const { stdout, stderr } = yield* Effect.promise(() =>
            promisify(execFile)(process.execPath, [...flags, `${installed}/ask.ts`, JSON.stringify(commands)])
          )
          const [exported, written, served, message = ""] = stdout.trim().split("\n")
          assert.deepStrictEqual([exported, written, served], ["failed", "failed", "failed"], stderr)
          const missing =
            'a page carries the engine onnxruntime-web, and it is not installed; install it with "npm install onnxruntime-web@1.30.0"'
          assert.strictEqual(stderr.split(missing).length, 1 + commands.length, stderr)
          assert.notMatch(stderr, /^\s*at .*:\d+|MODULE_NOT_FOUND/m)
          assert.match(
            message,
            /^onnxruntime-web-wasm could not start .*: the package onnxruntime-web does not load; install it with "npm install onnxruntime-web@1\.30\.0"/
          )
          assert.isFalse(yield* fs.exists(page))
        })
      ),
    60_000
  )
})
