import { execFile, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"

const program = fileURLToPath(new URL("slowEnding.ts", import.meta.url))

/** Runs the program and sends it signals, each so many milliseconds after it said that it runs. */
const ended = (args: ReadonlyArray<string>, signals: ReadonlyArray<readonly [NodeJS.Signals, number]> = []) =>
  new Promise<{ code: number | null; stdout: string; stderr: string; millis: number }>((resolve) => {
    const child = spawn(process.execPath, [program, ...args])
    let [stdout, stderr, began] = ["", "", 0]
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (stdout === "") {
        began = performance.now()
        for (const [signal, after] of signals) setTimeout(() => child.kill(signal), after)
      }
      stdout += text
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
    })
    child.on("close", (code) => resolve({ code, stdout, stderr, millis: performance.now() - began }))
  })

describe("a process", () => {
  it.concurrent("ends with 0, or 1 and a message", async () => {
    assert.include(await ended(["0", "none"]), { code: 0, stderr: "", stdout: "running\nclosed\n" })
    assert.include(await ended(["0", "failure"]), { code: 1 })
  })

  it.concurrent.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGXCPU", 152]
  ] as const)("closes what is open on the first %s, and exits with %d", async (signal, code) => {
    assert.include(await ended(["200"], [[signal, 10]]), { code, stdout: "running\nclosed\n", stderr: "" })
  })

  it.concurrent("takes two signals in a moment for one: npm passes on what its child has had", async () => {
    const signals = [
      ["SIGINT", 10],
      ["SIGINT", 50]
    ] as const
    assert.include(await ended(["300"], signals), { code: 130, stdout: "running\nclosed\n" })
  })

  it.concurrent("exits at once on the second signal", async () => {
    const { code, stdout, millis } = await ended(
      ["20000"],
      [
        ["SIGINT", 10],
        ["SIGTERM", 1500]
      ]
    )
    assert.deepStrictEqual({ code, stdout }, { code: 143, stdout: "running\n" })
    assert.isBelow(millis, 10_000)
  })

  it.concurrent("tells of a rejection that nobody waits for, closes what is open, and exits with 1", async () => {
    const { code, stdout, stderr } = await ended(["200", "rejection"])
    assert.deepStrictEqual({ code, stdout }, { code: 1, stdout: "running\nclosed\n" })
    assert.include(stderr, "nobody waits for me")
  })

  it.concurrent("does the same about an error that nobody catches", async () => {
    const { code, stdout, stderr } = await ended(["200", "exception"])
    assert.deepStrictEqual({ code, stdout }, { code: 1, stdout: "running\nclosed\n" })
    assert.include(stderr, "nobody catches me")
  })

  it.concurrent("does not pass for a success when something exits before it is done", async () => {
    const { code, stderr } = await ended(["200", "exit"])
    assert.deepStrictEqual(
      { code, stderr },
      { code: 1, stderr: "internal: something called process.exit before this was done.\n" }
    )
  })
})

describe.skipIf(process.platform === "win32")("a process whose output nobody takes", () => {
  /** Runs it in a shell: `$P` is the program, and the answer the exit code that the shell saw and standard error. */
  const inShell = (script: string) =>
    new Promise<{ stdout: string; stderr: string }>((resolve) => {
      const env = { ...process.env, P: `"${process.execPath}" "${program}"` }
      execFile("bash", ["-c", script], { env, timeout: 30_000 }, (_, stdout, stderr) => resolve({ stdout, stderr }))
    })
  const code = 'echo "code $?" >&2'

  it.concurrent.each([
    ["ends with 141 and without a word when its reader left", `(eval $P 300 none; ${code}) | true`, /^code 141$/],
    ["succeeds when its results are files", `(eval $P 300 files; ${code}) | true`, /^code 0$/],
    ["waits for a slow reader of a result", `(eval $P 0 none; ${code}) | (sleep 1; cat >&2)`, /code 0/]
  ])("%s", async (_, script, expected) => {
    assert.match((await inShell(script)).stderr.trim(), expected)
  })

  it.concurrent("says that the disk is full, where it still can", async ({ skip }) => {
    if (!existsSync("/dev/full")) skip()
    const { stderr } = await inShell(`eval $P 0 none >/dev/full; ${code}`)
    assert.strictEqual(stderr, "Standard output cannot be written: ENOSPC: no space left on device, write\ncode 1\n")
    assert.strictEqual((await inShell("eval $P 0 none >/dev/full 2>/dev/full; echo $?")).stdout, "1\n")
    assert.strictEqual((await inShell("eval $P 0 files >/dev/full 2>/dev/full; echo $?")).stdout, "0\n")
    assert.strictEqual((await inShell("eval $P 0 exception >/dev/full 2>/dev/full; echo $?")).stdout, "1\n")
  })
})
