import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { rewritingPage, withTables } from "../../build/rewriting.ts"
import { graphRules } from "../../src/domain/tensor/rewrite/graphRules.ts"

describe("the page of rules", () => {
  it("has the tables that the rules make: npm run guide", () => {
    const page = readFileSync(rewritingPage, "utf8")
    assert.strictEqual(page, withTables(page))
    for (const { name } of graphRules) assert.include(page, `| ${name} |`)
  })
})
