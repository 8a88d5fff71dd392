import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { sealJson } from "../../../../src/domain/json/checksummedJson.ts"
import { decodeResults, encodeResults } from "../../../../src/domain/paper/report/resultsFile.ts"
import { sha256 } from "../../../../src/layers/file/sha256.ts"
import { experimentOf, resultsFixture } from "../../../support/resultsFixture.ts"

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
        assert.deepStrictEqual(
          decodeResults(encodeResults(results, sha256), "results.json", sha256),
          Result.succeed(results)
        )
      }),
      { numRuns: 12 }
    )
  })

  it("is indented, and ends with a line feed", () => {
    assert.match(encodeResults(resultsFixture(), sha256), /^\{\n {2}"format": "fovea-results",\n[\s\S]*\}\n$/)
  })

  const messageOf = (text: string): string => {
    const decoded = decodeResults(text, "report/results.json", sha256)
    return Result.isFailure(decoded) ? decoded.failure.message : "decoded"
  }

  it("that is at fault is refused by file and field", () => {
    const text = encodeResults(resultsFixture(), sha256)
    // Sealed again after the change: what another version, or another program, may have written.
    const changed = (from: string, to: string): string => {
      const { seal: _seal, ...content } = JSON.parse(text.replace(from, to))
      return messageOf(sealJson(content, sha256))
    }
    assert.include(messageOf(sealJson({ a: 1 }, sha256)), "report/results.json, field ")
    const spoilt = changed('"verdict": "does not hold"', '"verdict": "maybe"')
    assert.include(spoilt, "report/results.json, field claims.2.verdict: Expected")
    assert.include(changed('"version": 1', '"version": 2'), "field version: Expected 1")
    assert.include(changed('"missing"', '"lacking"'), "(and 1 more fault)")
  })

  it("whose figures lie elsewhere is refused", () => {
    const figure = (path: string) => {
      const figures = [{ name: "figure-4", path, caption: "" }]
      const results = resultsFixture({ experiments: [experimentOf("paper", 0.8)] })
      const [experiment] = results.experiments
      return messageOf(sealJson({ ...results, experiments: [{ ...experiment, figures }] }, sha256))
    }
    for (const path of ["../paper/seed-0/figures/figure-4.png", "figure..4.png"]) {
      assert.strictEqual(figure(path), "decoded")
    }
    for (const path of ["/etc/passwd", "../../up.png", "../a/../../b.png", "a\\b.png", "..", ""]) {
      assert.include(figure(path), "field experiments.0.figures.0.path", path)
    }
  })

  it("that was changed or cut anywhere is refused as damaged", () => {
    const text = encodeResults(resultsFixture(), sha256)
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.boolean(), (at, cut) => {
        const other = text[at] === "1" ? "2" : "1"
        const spoilt = cut ? text.slice(0, at) : text.slice(0, at) + other + text.slice(at + 1)
        assert.match(messageOf(spoilt), /^report\/results\.json: it is damaged: expected .*, found /)
      }),
      { numRuns: 500 }
    )
  })
})
