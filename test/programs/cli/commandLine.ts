import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Terminal from "effect/Terminal"
import * as TestConsole from "effect/testing/TestConsole"
import type { SettingsJson } from "../../../src/domain/experiment/presets.ts"
import { runFoveaWith } from "../../../src/programs/cli/fovea.ts"
import { tinyJson } from "../training/tinyExperiment.ts"

/** What a command wrote and how it ended. */
export interface Ended {
  /** 0, or 1 for a failure, or 2 for a wrong command; of a child process its own exit code, or `null` if a signal killed it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A terminal that shows nothing: the training log would fill the test report. */
const quietTerminal = Layer.succeed(
  Terminal.Terminal,
  Terminal.make({
    columns: Effect.succeed(0),
    rows: Effect.succeed(24),
    size: Effect.never,
    readInput: Effect.never,
    readLine: Effect.never,
    display: () => Effect.void
  })
)

/** The command line in this process: everything real but the console. */
export const fovea = (...args: ReadonlyArray<string>): Effect.Effect<Ended> =>
  Effect.gen(function* () {
    const exit = yield* Effect.exit(runFoveaWith(args))
    const [out, err] = [yield* TestConsole.logLines, yield* TestConsole.errorLines]
    const code = Exit.isSuccess(exit) ? 0 : Runtime.getErrorExitCode(Cause.squash(exit.cause))
    return { code, stdout: out.join("\n"), stderr: err.join("\n") }
  }).pipe(Effect.provide(Layer.mergeAll(NodeServices.layer, quietTerminal, TestConsole.layer), { local: true }))

const mainFile = fileURLToPath(new URL("../../../src/programs/main.ts", import.meta.url))

/** The command line as a process of its own. `onOutput` sees its standard output as it comes, and may signal it. */
export const foveaProcess = (
  args: ReadonlyArray<string>,
  onOutput: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => {}
): Effect.Effect<Ended> =>
  Effect.callback((resume) => {
    const child = spawn(process.execPath, [mainFile, ...args], { stdio: ["ignore", "pipe", "pipe"] })
    let [stdout, stderr] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      onOutput(text, (signal) => child.kill(signal))
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
    })
    child.on("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** The one message of a command that failed as it should: no stack, no object, on one line or two. */
export const messageOf = ({ code, stderr }: Ended): string => {
  assert.include([1, 2], code, `the command did not fail; it wrote: ${stderr}`)
  // Below what is wrong with a command, its help is named.
  const all = stderr.split("\n").filter((line) => line.trim() !== "" && !/^See fovea [a-z ]*--help$/.test(line))
  // A command that takes a while says first what it is about to do.
  const lines = /^(Opening|Measuring|Reading|Computing) /.test(all[0] ?? "") ? all.slice(1) : all
  assert.strictEqual(lines[0], "ERROR", stderr)
  const message = lines.slice(1).join("\n").trim()
  assert.isNotEmpty(message)
  assert.isAtMost(lines.length, 4, stderr)
  assert.notMatch(message, /\[object|undefined|^\s*at .*:\d+|node:internal|Error:|Cause\(|SchemaError|file:\/\//m)
  return message
}

/** The one message of a command that is wrong itself: exit code 2. */
export const usageOf = (ended: Ended): string => {
  assert.strictEqual(ended.code, 2, ended.stderr)
  assert.strictEqual(ended.stdout, "")
  return messageOf(ended)
}

/** Runs a test in a temporary folder of its own. */
export const inFolder = <A, E>(
  test: (
    folder: string,
    fs: FileSystem.FileSystem
  ) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path | Scope.Scope>
): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* test(yield* Effect.orDie(fs.makeTempDirectoryScoped({ prefix: "fovea-cli-" })), fs)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** Writes a settings file, the tiny run's if no other is given, and returns its path. */
export const writeConfig = Effect.fnUntraced(function* (folder: string, config: unknown = tinyJson) {
  const fs = yield* FileSystem.FileSystem
  const path = `${folder}/config.json`
  yield* fs.writeFileString(path, typeof config === "string" ? config : JSON.stringify(config))
  return path
}, Effect.orDie)

/** Every file below a folder with its bytes, for comparing before and after. */
export const bytesBelow = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const names = (yield* fs.readDirectory(folder, { recursive: true })).sort()
  const found: Record<string, string> = {}
  for (const name of names) {
    const path = `${folder}/${name}`
    const { type } = yield* fs.stat(path)
    found[name] = type === "Directory" ? "folder" : Buffer.from(yield* fs.readFile(path)).toString("base64")
  }
  return found
}, Effect.orDie)

/** What runs have left, by their settings. */
const left = new Map<string, Promise<Record<string, string>>>()

/** Writes settings and the run that they make into a folder: trained once, and a copy for whoever asks again. Its path. */
export const trainedRun = Effect.fnUntraced(function* (folder: string, settings: SettingsJson = tinyJson) {
  const fs = yield* FileSystem.FileSystem
  yield* writeConfig(folder, settings)
  const key = JSON.stringify(settings)
  const files =
    left.get(key) ??
    Effect.runPromise(
      inFolder((place) =>
        Effect.gen(function* () {
          const config = yield* writeConfig(place, settings)
          const { code, stderr } = yield* fovea("train", "--config", config, "--out", `${place}/run`)
          assert.strictEqual(code, 0, stderr)
          return yield* bytesBelow(`${place}/run`)
        })
      )
    )
  left.set(key, files)
  const run = `${folder}/run`
  yield* fs.makeDirectory(run)
  for (const [name, bytes] of Object.entries(yield* Effect.promise(() => files))) {
    if (bytes === "folder") yield* fs.makeDirectory(`${run}/${name}`)
    else yield* fs.writeFile(`${run}/${name}`, Buffer.from(bytes, "base64"))
  }
  return run
}, Effect.orDie)
