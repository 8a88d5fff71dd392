import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { entropy } from "../../../../src/domain/metrics/classes.ts"
import { judgeFewerFilters } from "../../../../src/domain/paper/claim/fewerFilters.ts"
import { about, evidence, measuresWith, rankOf } from "./examples.ts"

/** Samples of ten classes of which the first has `share`, the others the rest in equal parts. */
const training = (name: string, share: number, confidence: number) => {
  const histogram = Float64Array.from({ length: 10 }, (_, c) => (c === 0 ? share : (1 - share) / 9))
  const measures = measuresWith({
    classHistogram: [...histogram],
    classEntropy: entropy(histogram),
    confidence: about(confidence)
  })
  return evidence(name, { measures })
}

const judged = (four: readonly [number, number], five: readonly [number, number]) =>
  judgeFewerFilters([training("four-filters", ...four), training("paper", ...five)])

describe("C3", () => {
  it("holds for more kinds that are less clear, and not for fewer or for clearer ones", () => {
    assert.strictEqual(judged([0.1, 0.85], [0.4, 0.95]).verdict, "holds")
    assert.strictEqual(judged([0.4, 0.85], [0.1, 0.95]).verdict, "does not hold")
    assert.strictEqual(judged([0.1, 0.97], [0.4, 0.95]).verdict, "does not hold")
    assert.strictEqual(judged([0.1, 0.85], [0.1, 0.95]).verdict, "unclear")
  })

  it("has the entropy's standard error: none for even classes, that of its first order for others", () => {
    const errorOf = (share: number) =>
      judged([share, 0.9], [0.1, 0.9]).measures.find(({ name }) => name.startsWith("class entropy"))?.standardError ??
      -1
    assert.closeTo(errorOf(0.1), 0, 1e-8)
    // Two outcomes matter, the first class and the others: d H / d share times the share's binomial error.
    const slope = Math.log((1 - 0.4) / 9 / 0.4)
    assert.closeTo(errorOf(0.4), (Math.abs(slope) * Math.sqrt(0.4 * 0.6)) / 100, 1e-9)
  })

  it("is never worse for more even or less clear samples of 4 x 4 filters", () => {
    const share = fc.double({ min: 0.1, max: 0.5, noNaN: true })
    const confidence = fc.double({ min: 0.6, max: 0.99, noNaN: true })
    const part = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(share, share, confidence, confidence, part, part, (a, b, p, q, less, lower) => {
        const before = rankOf(judged([a, p], [b, q]))
        // The confidence alone, since the entropy's error changes with the entropy.
        assert.isAtLeast(rankOf(judged([a, p - 0.3 * lower], [b, q])), before)
        const evener = judged([0.1 + (a - 0.1) * less, p - 0.3 * lower], [b, q])
        if (before === 2) assert.isAtLeast(rankOf(evener), 1)
      })
    )
  })

  it("needs both", () => {
    const alone = judgeFewerFilters([training("paper", 0.1, 0.9)])
    assert.strictEqual(alone.verdict, "unclear")
    assert.include(alone.reason, '"four-filters" has not been trained')
  })
})
