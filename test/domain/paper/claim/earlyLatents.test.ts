import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { judgeEarlyLatents } from "../../../../src/domain/paper/claim/earlyLatents.ts"
import { evidence, numbersWith, rankOf } from "./examples.ts"

const judged = (...later: ReadonlyArray<number>) =>
  judgeEarlyLatents(later.map((share, seed) => evidence("paper", { seed, numbers: numbersWith({ later: share }) })))

describe("C4", () => {
  it("holds if the later latents decide less than a quarter, and not if more than a half", () => {
    assert.strictEqual(judged(0.1).verdict, "holds")
    assert.strictEqual(judged(0.3).verdict, "unclear")
    assert.strictEqual(judged(0.2495).verdict, "unclear")
    assert.strictEqual(judged(0.6).verdict, "does not hold")
  })

  it("is less sure of seeds that differ than of one", () => {
    assert.strictEqual(judged(0.1, 0.2).verdict, "unclear")
    assert.strictEqual(judged(0.1, 0.11, 0.12).verdict, "holds")
    assert.notInclude(judged(0.1, 0.11, 0.12).reason, "One seed")
    assert.include(judged(0.1).reason, "One seed proves little")
  })

  it("reports every index, and what the early ones explain", () => {
    const { measures } = judged(0.1)
    const names = measures.map(({ name }) => name)
    for (const t of [1, 2, 3]) {
      assert.include(names, `first-order index, t = ${t}`)
      assert.include(names, `total index, t = ${t}`)
    }
    assert.closeTo(measures[0]?.value ?? 0, 0.9, 1e-12)
  })

  it("is never worse for a smaller share", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(share, share, (more, part) => {
        assert.isAtLeast(rankOf(judged(more * part)), rankOf(judged(more)))
      })
    )
  })
})
