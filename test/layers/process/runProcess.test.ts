import { spawn } from "node:child_process"
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
    ["SIGTERM", 143]
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
})
