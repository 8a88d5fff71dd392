import { assert, describe, it } from "@effect/vitest"
import { type Mutant, mutantTable, scoreOf, share, staleEquivalents } from "./mutantTable.ts"

const mutant = (status: string, source = "a < b", file = "src/domain/random/x.ts"): Mutant => ({
  file,
  line: 3,
  source,
  replacement: "true",
  status
})
const excused = { file: "src/domain/random/x.ts", source: "b < c", replacement: "true", reason: "c is never reached" }

describe("the score of a folder", () => {
  const mutants = ["Killed", "Timeout", "Killed", "Survived", "NoCoverage", "Ignored", "CompileError"].map((status) =>
    mutant(status)
  )

  it("is the share of the changes that run which a test notices, by ending or by never ending", () => {
    const score = scoreOf("domain/random", mutants, [], 60)
    assert.deepStrictEqual([score.noticed, score.unnoticed.length, score.equivalent], [3, 2, 0])
    assert.strictEqual(share(score), 3 / 5)
  })

  it("tells a loop that was counted to be endless from tests that only took too long", () => {
    const endless = { ...mutant("Timeout"), statusReason: "Hit limit reached (501/500)" }
    assert.deepStrictEqual(scoreOf("domain/random", [endless, mutant("Timeout")], [], 60).slow, [mutant("Timeout")])
  })

  it("leaves out equivalents, and says which entries excuse nothing", () => {
    const score = scoreOf("domain/random", [...mutants, mutant("Survived", "b < c")], [excused], 60)
    assert.deepStrictEqual([score.noticed, score.unnoticed.length, score.equivalent], [3, 2, 1])
    assert.deepStrictEqual(staleEquivalents(["domain/random"], [mutant("Killed", "b < c")], [excused]), [excused])
    assert.deepStrictEqual(staleEquivalents(["domain/tensor"], [], [excused]), [])
  })

  it("stands in a table, a row a folder and one of all", () => {
    const [, , first = "", last = ""] = mutantTable([scoreOf("domain/random", mutants, [], 90)]).split("\n")
    assert.strictEqual(first, "| `domain/random` | 3 | 2 | 0 | 60.0% | 1.5 |")
    assert.strictEqual(last, "| all | 3 | 2 | 0 | 60.0% | 1.5 |")
  })
})
