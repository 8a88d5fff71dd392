import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { readResults, reproductionPage, withResults } from "../../build/reproduction.ts"
import { experimentOf, measuresOf, resultsFixture } from "../support/resultsFixture.ts"

describe("the page of the reproduction", () => {
  const page = readFileSync(reproductionPage, "utf8")

  it("has the tables that its results make: npm run guide", () => {
    const results = readResults()
    assert.strictEqual(page, withResults(page, results))
    for (const { id, verdict } of results.claims) {
      assert.match(page, new RegExp(`^\\| \\*\\*${id}\\*\\* .*Holds if .* \\| \\*\\*${verdict}\\*\\*`, "m"))
    }
  })

  it("has of several seeds the median and the range, how many collapsed, and which seed its figures are of", () => {
    const experiments = [90, 60, 144].map((frechetDistance, seed) =>
      experimentOf("paper", 0.8, {
        seed,
        collapsed: seed === 2,
        measures: measuresOf(0.8, { frechetDistance }),
        figures: [{ name: "figure-4", path: `../paper/seed-${seed}/figures/figure-4.png`, caption: "100 samples." }]
      })
    )
    const made = withResults(page, resultsFixture({ experiments }))
    assert.match(made, /^\| Proposed model \| 3 \| 1 \| 90 \(60 to 144\) \|/m)
    assert.match(made, /^- Proposed model, seed 1: of the 2 of 3 seeds that did not collapse the better/m)
    assert.strictEqual(withResults(made, readResults()), page)
  })
})
