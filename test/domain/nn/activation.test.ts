import { assert, describe, it } from "@effect/vitest"
import { activationNames, activations } from "../../../src/domain/nn/activation.ts"
import { constant } from "../../../src/domain/tensor/source.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"

describe("activations", () => {
  const numbers = [-1000, -2, -0.5, 0, 0.5, 2, 1000]
  const formulas: Record<(typeof activationNames)[number], (x: number) => number> = {
    tanh: Math.tanh,
    sigmoid: (x) => 1 / (1 + Math.exp(-x)),
    relu: (x) => (x > 0 ? x : 0)
  }

  it.each(activationNames)("%s is the function of that name", (name) => {
    const computed = evaluateOne(activations[name](constant(tensorData([7], Float64Array.from(numbers)))))
    assertClose(computed, numbers.map(formulas[name]), 1e-15)
  })

  it("are exactly the named ones", () => {
    assert.sameMembers(Object.keys(activations), [...activationNames])
  })
})
