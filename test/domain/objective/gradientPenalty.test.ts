import { describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { gradientPenalty } from "../../../src/domain/objective/adversarial.ts"
import { add, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { tanh } from "../../../src/domain/tensor/elementwise.ts"
import { matmul } from "../../../src/domain/tensor/matmul.ts"
import { reshape } from "../../../src/domain/tensor/movement.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient, numericGradient } from "../../support/gradientCheck.ts"
import { normals, normalsFor } from "../../support/randomNumbers.ts"
import { numbersFor, placeholdersOf, smallSettings } from "../model/smallModels.ts"

const seeds = fc.nat({ max: 1_000_000 })

describe("gradientPenalty", () => {
  it("is what is worked out by hand of l = w x1 + tanh(v x2): E[w^2 + (v (1 - tanh(v x2)^2))^2] / 2", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const n = 3
        const given = { w: placeholder("w", []), v: placeholder("v", []), x: placeholder("x", [n, 1, 1, 2]) }
        const flat = reshape(given.x, [n, 2])
        const pick = (column: number) => placeholder(`pick${column}`, [2, 1])
        const logits = reshape(
          add(multiply(matmul(flat, pick(0)), given.w), tanh(multiply(matmul(flat, pick(1)), given.v))),
          [n]
        )
        const drawn = normalsFor(seed, given)
        const numbers = { ...drawn, pick0: [1, 0], pick1: [0, 1] }
        const [w = 0, v = 0] = [drawn["w"]?.[0], drawn["v"]?.[0]]
        const slopes = Array.from({ length: n }, (_, i) => v * (1 - Math.tanh(v * (drawn["x"]?.[2 * i + 1] ?? 0)) ** 2))
        const expected = slopes.reduce((total, slope) => total + w ** 2 + slope ** 2, 0) / (2 * n)
        assertClose(evaluateOne(gradientPenalty(logits, given.x), numbers), [expected], 1e-12)
      })
    )
  })

  const format = { channels: 1, height: 4, width: 5 }
  describe.each(["plain", "gated"] as const)("of the attention discriminator with the %s cell", (cell) => {
    const { model, discriminator, discriminatorByPath } = placeholdersOf(smallSettings({ cell }), format)
    const images = placeholder("images", [2, 1, 4, 5])
    const logits = model.discriminator.logits(discriminator, images, { noise: "any" })
    const penalty = gradientPenalty(logits, images)
    const numbersOf = (seed: number) => ({
      ...numbersFor(seed, discriminatorByPath),
      images: normals(seed, "images", images.shape)
    })

    it("is half the mean squared slope of the logits, by finite differences", () => {
      fc.assert(
        fc.property(seeds, (seed) => {
          const numbers = numbersOf(seed)
          const slopes = numericGradient(sum(logits), numbers, "images")
          assertClose(
            evaluateOne(penalty, numbers),
            [slopes.reduce((total, slope) => total + slope ** 2, 0) / (2 * 2)],
            1e-7
          )
        }),
        { numRuns: 5 }
      )
    })

    it("has the second derivatives of finite differences, through the reader's filters", () => {
      fc.assert(
        fc.property(seeds, (seed) => assertGradient(penalty, discriminatorByPath, numbersOf(seed), { seed })),
        { numRuns: 3 }
      )
    })
  })
})
