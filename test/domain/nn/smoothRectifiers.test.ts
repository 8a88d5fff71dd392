import { assert, describe, it } from "@effect/vitest"
import { gelu, silu } from "../../../src/domain/nn/activation.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { assertAgree, listOf } from "../../support/numbers.ts"

const x = placeholder("x", [5])
const given = [-3, -0.5, 0, 1, 2.5]

describe("smooth rectifiers", () => {
  it("silu is x sigmoid(x)", () => {
    const wanted = given.map((n) => n / (1 + Math.exp(-n)))
    assertAgree(listOf(silu(x), { x: given }), wanted, 1e-14, "silu")
    assertGradient(sum(silu(x)), { x }, { x: given }, { what: "silu" })
  })

  it("gelu is x times the normal distribution, to 5e-4", () => {
    // Phi(-3), Phi(-0.5), Phi(0), Phi(1), Phi(2.5), from a table.
    const phi = [0.001349898, 0.308537539, 0.5, 0.841344746, 0.993790335]
    const exact = given.map((n, i) => n * (phi[i] ?? 0))
    assertAgree(listOf(gelu(x), { x: given }), exact, 5e-4, "gelu")
    const form = given.map((n) => (n / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (n + 0.044715 * n ** 3))))
    assertAgree(listOf(gelu(x), { x: given }), form, 1e-14, "gelu's form")
    assertGradient(sum(gelu(x)), { x }, { x: given }, { what: "gelu" })
    assert.deepStrictEqual(listOf(gelu(x), { x: [1e30, -1e10, 0, 40, -40] }), [1e30, -0, 0, 40, -0])
  })
})
