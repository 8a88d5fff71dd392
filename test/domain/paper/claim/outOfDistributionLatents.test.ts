import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { judgeOutOfDistributionLatents } from "../../../../src/domain/paper/claim/outOfDistributionLatents.ts"
import { evidence, numbersWith, rankOf } from "./examples.ts"

const judged = (wild: ReadonlyArray<number>) =>
  judgeOutOfDistributionLatents([evidence("paper", { numbers: numbersWith({ wild }) })])

describe("C5", () => {
  it("holds if wild early latents ruin the shape and a wild last one leaves it", () => {
    assert.strictEqual(judged([0.9, 0.8, 0.2]).verdict, "holds")
    assert.strictEqual(judged([0.9, 0.6, 0.2]).verdict, "unclear")
    assert.strictEqual(judged([0.9, 0.4, 0.2]).verdict, "does not hold")
    assert.strictEqual(judged([0.4, 0.9, 0.2]).verdict, "does not hold")
    assert.strictEqual(judged([0.9, 0.9, 0.6]).verdict, "unclear")
    assert.strictEqual(judged([0.9, 0.9, 0.9]).verdict, "does not hold")
  })

  it("is never worse if early latents do more and the last does less", () => {
    const distance = fc.double({ min: 0, max: 1.5, noNaN: true })
    const part = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(distance, distance, distance, part, part, part, (one, three, six, p, q, r) => {
        const better = judged([one + p, three + q, six * r])
        assert.isAtLeast(rankOf(better), rankOf(judged([one, three, six])))
      })
    )
  })

  it("reports each distance", () => {
    assert.deepStrictEqual(
      judged([0.9, 0.8, 0.2]).measures.map(({ name, value }) => [name, value]),
      [
        ["relative distance, wild z_1", 0.9],
        ["relative distance, wild z_3", 0.8],
        ["relative distance, wild z_6", 0.2]
      ]
    )
  })
})
