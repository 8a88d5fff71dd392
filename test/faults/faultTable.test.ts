import { assert, describe, it } from "@effect/vitest"
import { faultTable } from "./faultTable.ts"
import { parts } from "./parts.ts"

describe("parts", () => {
  it("have a name each", () => {
    assert.strictEqual(new Set(parts.map(({ name }) => name)).size, parts.length)
  })
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
