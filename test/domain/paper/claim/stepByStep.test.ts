import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { judgeStepByStep } from "../../../../src/domain/paper/claim/stepByStep.ts"
import { evidence, numbersWith, rankOf } from "./examples.ts"

const judged = (shares: ReadonlyArray<number>, delay: number) =>
  judgeStepByStep([evidence("paper", { numbers: numbersWith({ shares, delay }) })])

describe("C2", () => {
  it("holds if several steps draw and the rough comes first", () => {
    assert.strictEqual(judged([0.4, 0.3, 0.3], 0.6).verdict, "holds")
    assert.strictEqual(judged([0.4, 0.3, 0.3], -0.1).verdict, "does not hold")
    assert.strictEqual(judged([0.4, 0.3, 0.3], 0.1).verdict, "unclear")
    assert.strictEqual(judged([0.1, 0.8, 0.1], 0.6).verdict, "does not hold")
    assert.strictEqual(judged([0.1, 0.3, 0.6], 0.6).verdict, "unclear")
  })

  it("reports every step", () => {
    const names = judged([0.4, 0.3, 0.3], 0.6).measures.map(({ name }) => name)
    for (const t of [1, 2, 3]) assert.include(names, `share of the coarse change, t = ${t}`)
    assert.isFalse(names.some((name) => name.endsWith("t = 4")))
  })

  it("is never worse for a longer delay", () => {
    const delay = fc.double({ min: -2, max: 2, noNaN: true })
    fc.assert(
      fc.property(delay, fc.double({ min: 0, max: 2, noNaN: true }), (before, more) => {
        assert.isAtLeast(rankOf(judged([0.4, 0.6], before + more)), rankOf(judged([0.4, 0.6], before)))
      })
    )
  })
})
