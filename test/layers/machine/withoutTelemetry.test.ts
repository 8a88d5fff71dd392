import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { tinyJson } from "../../programs/training/tinyExperiment.ts"

const path = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url))

/** Runs Node with a home folder of its own, and tells whether ONNX Runtime has put its identifier there. */
const leavesIdentifier = (args: (home: string) => ReadonlyArray<string>): boolean => {
  const home = mkdtempSync(join(tmpdir(), "fovea-home-"))
  try {
    // The engine reports nothing where it finds itself on a build server.
    const { ORT_DISABLE_TELEMETRY: _ours, XDG_CACHE_HOME: _cache, CI: _server, ...env } = process.env
    const ended = spawnSync(process.execPath, [...args(home)], { env: { ...env, HOME: home }, encoding: "utf8" })
    assert.strictEqual(ended.status, 0, ended.stderr)
    return existsSync(join(home, ".cache"))
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

const session = (first: string) =>
  `${first}; import("onnxruntime-node").then((ort) => ort.InferenceSession.create(new Uint8Array([1, 2, 3]))).catch(() => {})`

// Elsewhere the engine keeps its identifier in other places.
describe.skipIf(process.platform !== "linux" || process.arch !== "x64")("the engine's telemetry", () => {
  it("is there in the engine by itself: otherwise this test would prove nothing", () => {
    assert.isTrue(leavesIdentifier(() => ["--input-type=module", "-e", session("0")]))
  })

  it("is off in programs that import fovea", () => {
    const entry = `await import(${JSON.stringify(path("src/index.ts"))})`
    assert.isFalse(leavesIdentifier(() => ["--input-type=module", "-e", session(entry)]))
  })

  it("is off in the command line", { timeout: 60_000 }, () => {
    const training = (home: string) => {
      mkdirSync(join(home, "run"))
      writeFileSync(join(home, "config.json"), JSON.stringify(tinyJson))
      return [path("src/programs/main.ts"), "train", "--config", join(home, "config.json"), "--out", join(home, "run")]
    }
    assert.isFalse(leavesIdentifier(training))
  })
})
