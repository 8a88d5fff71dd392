import { assert, describe, it } from "@effect/vitest"
import { claimsTable, measureText, seedsText } from "../../../../src/domain/paper/report/claimsTable.ts"
import type { Verdict } from "../../../../src/domain/paper/report/Results.ts"
import { claimsFixture } from "../../../support/resultsFixture.ts"

const seedsOf = (...verdicts: ReadonlyArray<Verdict>) => verdicts.map((verdict, seed) => ({ seed, verdict }))

describe("seedsText", () => {
  it("counts the seeds with which a claim holds first, then the others", () => {
    assert.strictEqual(
      seedsText({ seeds: seedsOf("holds", "unclear", "holds", "holds", "does not hold") }),
      "seed by seed: holds with 3 of 5, does not hold with 1, unclear with 1"
    )
    assert.strictEqual(seedsText({ seeds: seedsOf("unclear", "unclear") }), "seed by seed: unclear with 2 of 2")
  })

  it("says nothing of one seed", () => {
    assert.isUndefined(seedsText({ seeds: seedsOf("holds") }))
    assert.isUndefined(seedsText({}))
  })
})

describe("the table of claims", () => {
  it("has rule, seeds and finding in sight, and the numbers with their bounds behind a fold", () => {
    const [claim] = claimsFixture
    if (claim === undefined) return assert.fail("no claim")
    const { markup } = claimsTable([
      { ...claim, rule: "Holds if it is so.", finding: "Seen: it is so.", seeds: seedsOf("holds", "holds") }
    ])
    const [open = "", folded = ""] = markup.split("<details>")
    for (const text of ["Holds if it is so.", "Seen: it is so.", "seed by seed: holds with 2 of 2"])
      assert.include(open, text)
    assert.notInclude(open, "0.9631")
    assert.include(folded, "0.9631 ± 0.0041")
    assert.include(folded, claim.reason)
  })

  it("has what results of earlier builds say, which have neither", () => {
    const { markup } = claimsTable(claimsFixture)
    assert.notInclude(markup, "undefined")
    for (const { id, measures } of claimsFixture) {
      assert.include(markup, `<span class="claim-id">${id}</span>`)
      for (const measure of measures) assert.include(markup, measureText(measure))
    }
  })
})

describe("measureText", () => {
  it("is the median of several seeds, else the value with what is known of its error", () => {
    assert.strictEqual(measureText({ name: "x", value: 3, spread: 2, values: [1, 2, 6] }), "2.0 (1.0 to 6.0)")
    assert.strictEqual(measureText({ name: "x", value: 31.2, spread: 8.4 }), "31.2 ± 8.4")
    assert.strictEqual(measureText({ name: "x", value: 0.9631, standardError: 0.0041 }), "0.9631 ± 0.0041")
    assert.strictEqual(measureText({ name: "x", value: 2 }), "2")
  })
})
