import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { Evidence } from "../../../../src/domain/paper/claim/evidence.ts"
import { judgeSharperSamples } from "../../../../src/domain/paper/claim/sharperSamples.ts"
import { about, evidence, measuresWith, rankOf } from "./examples.ts"

interface Numbers {
  readonly sharpness: number
  readonly precision?: number
  readonly greyness?: number
}

/** Where greyness is not given, it speaks for the claim. */
const training = (name: string, { sharpness, precision = 0.8, greyness }: Numbers): Evidence =>
  evidence(name, {
    measures: measuresWith({
      sharpness: about(sharpness),
      precision,
      greyness: about(greyness ?? (name === "paper" ? 1 : 1.3))
    })
  })

const judged = (paper: Numbers, baseline: Numbers) =>
  judgeSharperSamples([training("paper", paper), training("baseline", baseline)])

describe("C1", () => {
  it("holds for a sharp model and a blurred baseline, and not the other way round", () => {
    assert.strictEqual(judged({ sharpness: 1 }, { sharpness: 0.7 }).verdict, "holds")
    assert.strictEqual(judged({ sharpness: 0.7 }, { sharpness: 1.1 }).verdict, "does not hold")
    assert.strictEqual(judged({ sharpness: 0.92 }, { sharpness: 0.9 }).verdict, "unclear")
  })

  it("does not hold of a baseline that is sharper than real digits, unless it may be noise", () => {
    assert.strictEqual(judged({ sharpness: 1.2 }, { sharpness: 1.1 }).verdict, "does not hold")
    const noisy = judged({ sharpness: 1.2 }, { sharpness: 1.1, precision: 0.6 })
    assert.strictEqual(noisy.verdict, "unclear")
    assert.include(noisy.reason, "may owe to noise")
  })

  it.each<readonly [paper: Partial<Numbers>, baseline: Partial<Numbers>, verdict: string]>([
    [{ sharpness: 0.91 }, { sharpness: 0.7 }, "holds"],
    [{ sharpness: 0.89 }, { sharpness: 0.7 }, "unclear"],
    [{ sharpness: 0.81 }, { sharpness: 0.7 }, "unclear"],
    [{ sharpness: 0.79 }, { sharpness: 0.7 }, "does not hold"],
    [{ sharpness: 1.1 }, { sharpness: 0.94 }, "holds"],
    [{ sharpness: 1.1 }, { sharpness: 0.96 }, "unclear"],
    [{ sharpness: 1.1 }, { sharpness: 0.99 }, "unclear"],
    [{ sharpness: 1.1 }, { sharpness: 1.01 }, "does not hold"],
    [{ sharpness: 0.91 }, { sharpness: 0.85 }, "holds"],
    [{ sharpness: 0.91 }, { sharpness: 0.87 }, "unclear"],
    [{ greyness: 1.09 }, {}, "holds"],
    [{ greyness: 1.11 }, {}, "unclear"],
    [{ greyness: 1.19 }, {}, "unclear"],
    [{ greyness: 1.21 }, { greyness: 1.4 }, "does not hold"],
    [{ greyness: 0.9 }, { greyness: 1.06 }, "holds"],
    [{ greyness: 0.9 }, { greyness: 1.04 }, "unclear"],
    [{ greyness: 0.9 }, { greyness: 1.01 }, "unclear"],
    [{ greyness: 0.9 }, { greyness: 0.99 }, "does not hold"]
  ])("turns at its bounds: %o against %o %s", (paper, baseline, verdict) => {
    assert.strictEqual(judged({ sharpness: 1, ...paper }, { sharpness: 0.7, ...baseline }).verdict, verdict)
  })

  it("excuses a sharp baseline for a lower precision only beyond the error that its number of samples leaves", () => {
    const of = (name: string, sharpness: number, precision: number, count: number) =>
      evidence(name, {
        measures: measuresWith({
          count,
          precision,
          sharpness: about(sharpness),
          greyness: about(name === "paper" ? 1 : 1.3)
        })
      })
    const verdict = (count: number) =>
      judgeSharperSamples([of("paper", 1.2, 0.8, count), of("baseline", 1.1, 0.7, count)]).verdict
    // Twice the error of the difference: 2 sqrt((0.16 + 0.21) / n) is 0.12 for 100 samples, and 0.086 for 200.
    assert.strictEqual(verdict(100), "does not hold")
    assert.strictEqual(verdict(200), "unclear")
  })

  it("is at best unclear if it is the proposed model that is less precise", () => {
    assert.strictEqual(judged({ sharpness: 1, precision: 0.5 }, { sharpness: 0.7 }).verdict, "unclear")
  })

  it("makes no excuse for greyness", () => {
    const grey = judged({ sharpness: 1.2, greyness: 0.8 }, { sharpness: 1.1, precision: 0.6, greyness: 0.7 })
    assert.strictEqual(grey.verdict, "does not hold")
    const both = judged({ sharpness: 1, greyness: 1 }, { sharpness: 0.7, greyness: 1.3 })
    assert.strictEqual(both.verdict, "holds")
    assert.isTrue(both.measures.some(({ name, value }) => name.startsWith("greyness") && value === 1.3))
  })

  it("is never worse for a more blurred baseline or a sharper and more precise model", () => {
    const sharpness = fc.double({ min: 0.3, max: 1.5, noNaN: true })
    const step = fc.double({ min: 0, max: 0.5, noNaN: true })
    const precision = fc.double({ min: 0.1, max: 0.6, noNaN: true })
    fc.assert(
      fc.property(sharpness, sharpness, precision, precision, step, step, (model, base, good, bad, more, less) => {
        const before = rankOf(judged({ sharpness: model, precision: good }, { sharpness: base, precision: bad }))
        const after = judged(
          { sharpness: model + more, precision: good + 0.3 * less },
          { sharpness: base - less * 0.5, precision: bad }
        )
        assert.isAtLeast(rankOf(after), before)
      })
    )
  })
})
