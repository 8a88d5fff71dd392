import { assert, describe, it } from "@effect/vitest"
import { faultTable } from "./faultTable.ts"
import { parts } from "./parts.ts"

/** Slow: real processes. `npm run faults` runs the same in full. */
const limitMillis = 240_000

describe("the short version of the fault tests", () => {
  for (const { name, run } of parts) {
    it(
      `${name}: nothing is lost`,
      async () => {
        const counts = await run({ size: "short", seed: 1 })
        assert.isNotEmpty(counts)
        for (const { what, tried, losses, note = "" } of counts) {
          assert.strictEqual(losses, 0, `${what}: ${note}`)
          if (!note.startsWith("skipped")) assert.isAbove(tried, 0, what)
        }
      },
      limitMillis
    )
  }
})

describe("faultTable", () => {
  it("names a part once, and keeps notes within their cell", () => {
    const counts = [
      { what: "a", tried: 12_345, losses: 0 },
      { what: "b", tried: 1, losses: 2, note: "x | y\nz" }
    ]
    assert.strictEqual(
      faultTable([{ name: "p", seconds: 1.5, counts }]),
      [
        "| part | what | tried | losses | |",
        "|---|---|---:|---:|---|",
        "| p (1.5 s) | a | 12,345 | 0 |  |",
        "|  | b | 1 | 2 | x / y z |"
      ].join("\n")
    )
  })
})
