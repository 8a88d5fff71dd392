import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { decodeResults, encodeResults } from "../../../src/domain/report/resultsFile.ts"
import { experimentOf, resultsFixture } from "../../support/resultsFixture.ts"

describe("results.json", () => {
  it("comes back as it was, numbers that are none included", () => {
    fc.assert(
      fc.property(fc.double(), fc.string(), (loss, reason) => {
        // JSON has no -0.
        const discriminatorLoss = loss + 0
        const [claim] = resultsFixture().claims
        const results = resultsFixture({
          experiments: [experimentOf("paper", 0.8, { metrics: { discriminatorLoss } })],
          claims: claim === undefined ? [] : [{ ...claim, reason }]
        })
        assert.deepStrictEqual(decodeResults(encodeResults(results), "results.json"), Result.succeed(results))
      }),
      { numRuns: 12 }
    )
  })

  it("is indented, and ends with a line feed", () => {
    assert.match(encodeResults(resultsFixture()), /^\{\n {2}"format": "fovea-results",\n[\s\S]*\}\n$/)
  })

  const messageOf = (text: string): string => {
    const decoded = decodeResults(text, "report/results.json")
    return Result.isFailure(decoded) ? decoded.failure.message : "decoded"
  }

  it("that is at fault is refused by file and field", () => {
    const text = encodeResults(resultsFixture())
    assert.include(messageOf(text.slice(0, 500)), "report/results.json: not JSON")
    assert.include(messageOf("[]"), "report/results.json: Expected")
    const spoilt = text.replace('"verdict": "does not hold"', '"verdict": "maybe"')
    assert.include(messageOf(spoilt), "report/results.json, field claims.2.verdict: Expected")
    assert.include(messageOf(text.replace('"version": 1', '"version": 2')), "field version: Expected 1")
    assert.include(messageOf(text.replace('"missing"', '"lacking"')), "(and 1 more fault)")
  })
})
