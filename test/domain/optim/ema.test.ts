import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { ParameterSpec } from "../../../src/domain/nn/parameter.ts"
import { emaParameters, emaStep } from "../../../src/domain/optim/ema.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"

const average = { w: placeholder("a", [2]) }
const parameters = { w: placeholder("theta", [2]) }

/** The averages after each of some parameters, one update each. */
const course = (decay: number, first: ReadonlyArray<number>, thetas: ReadonlyArray<ReadonlyArray<number>>) => {
  const moved = emaStep(average, parameters, { decay, updates: placeholder("updates", []) })
  const after: Array<ArrayLike<number>> = [first]
  thetas.forEach((theta, t) => {
    const a = Float64Array.from(after[t] ?? [])
    after.push(evaluateOne(moved.w, { a, theta: Float64Array.from(theta), updates: [t] }))
  })
  return after.slice(1)
}

const pair = fc.tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: -9, max: 9, noNaN: true }))

describe("emaStep", () => {
  it("is the mean of all parameters so far, each newer one weighing more by 1 / decay; the first average counts for nothing", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(0, 1 - 1e-9), fc.double({ min: 0.1, max: 0.9999, noNaN: true })),
        pair,
        fc.array(pair, { minLength: 1, maxLength: 8 }),
        (decay, first, thetas) => {
          course(decay, first, thetas).forEach((a, t) => {
            const weights = Array.from({ length: t + 1 }, (_, i) => decay ** (t - i))
            const total = weights.reduce((sum, weight) => sum + weight, 0)
            const expected = [0, 1].map((k) =>
              weights.reduce((sum, weight, i) => sum + (weight * (thetas[i]?.[k] ?? Number.NaN)) / total, 0)
            )
            assertClose(a, expected, 1e-6)
          })
        }
      )
    )
  })
})

describe("emaParameters", () => {
  it("shares the first numbers of the parameters under the prefix", () => {
    const initialiser = { kind: "glorot", scale: 1 } as const
    const spec: { readonly cell: { readonly weight: ParameterSpec } } = {
      cell: { weight: { shape: [2, 3], initialiser } }
    }
    assert.deepStrictEqual(emaParameters(spec, "generator"), {
      cell: { weight: { shape: [2, 3], initialiser, initialisedLike: "generator.cell.weight" } }
    })
  })
})
