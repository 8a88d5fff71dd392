import { execFile } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { backendGuide, readBackendExample } from "../../build/backendGuide.ts"
import { withExamples } from "../../build/guide.ts"
import { float32Tolerances } from "../../src/testing/tolerances.ts"

const examples = resolve(import.meta.dirname, "../../docs/writing-a-backend")
const page = readFileSync(backendGuide, "utf8")

const run = (name: string, ...options: ReadonlyArray<string>) =>
  promisify(execFile)(process.execPath, ["--conditions=fovea-source", ...options, join(examples, name)])

describe("docs/writing-a-backend.md", () => {
  it("holds the examples as they are in docs/writing-a-backend (else: node build/backendGuide.ts)", () => {
    assert.strictEqual(page, withExamples(page, readBackendExample))
    for (const name of readdirSync(examples)) assert.include(page, `<!-- example: ${name} -->`)
  })

  it("lists every primitive that is not held to the exact result", () => {
    for (const [op, tolerance] of Object.entries(float32Tolerances)) {
      if (tolerance > 0) assert.include(page, `\`${op}\``)
    }
  })
})

describe("the example", () => {
  it("keeps the laws under node's own runner, here without the long ones of models, whose primitives are all held to", async () => {
    const { stdout } = await run("laws.ts", "--test-reporter=tap", "--test-skip-pattern=ten updates|40 updates")
    const passed = Number(/^# pass (\d+)$/m.exec(stdout)?.[1])
    assert.isAbove(passed, 90)
    assert.match(stdout, /^# fail 0$/m)
  }, 120_000)

  it("keeps tighter ones, reported by hand", async () => {
    const { stdout } = await run("report.ts")
    assert.match(stdout, /^rounding keeps (\d+) of \1 laws$/m)
  }, 120_000)
})
