import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { softplus } from "../../../../src/domain/tensor/elementwise.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import { lowerProgram } from "../../../../src/layers/backend/onnx/lowering.ts"
import { layerOnnxRuntime } from "../../../../src/layers/backend/onnx/onnxRuntime.ts"
import { TensorBackend } from "../../../../src/layers/backend/TensorBackend.ts"
import { float32, programOf } from "../../../../src/testing/programs.ts"

/** From -90 to 90, near 0 in steps that halve, and what is no number or no finite one. */
const given = Float32Array.from({ length: 6000 }, (_, i) => {
  if (i < 5000) return (i - 2500) * 0.036
  const near = 2 ** (-(i - 5000) / 25)
  return i % 2 === 0 ? near : -near
})
given.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0, -0], 5000)

const programOfMany = () => programOf("many", { x: placeholder("x", [6000]) }, [softplus(placeholder("x", [6000]))])

describe("softplus of many numbers", () => {
  it.effect(
    "is by the engine's vectorised operators, and within two units of float32 of the true one, however small",
    () =>
      Effect.gen(function* () {
        const executable = yield* (yield* TensorBackend).compile(programOfMany(), {})
        yield* executable.step({ inputs: { x: float32(given, [6000]) }, noise: { seed: 0, step: 0 } })
        const [made] = Object.values(yield* executable.readOutputs)
        given.forEach((x, i) => {
          const expected = Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
          const found = made?.values[i] ?? Number.POSITIVE_INFINITY
          // What float32 has no normal number for counts as zero.
          const allowed = 2 ** -22 * Math.abs(expected) + 2 ** -126
          const same = Object.is(found, Math.fround(expected)) || Math.abs(found - expected) <= allowed
          assert.isTrue(same, `softplus(${x}) is ${found} instead of ${expected}`)
        })
      }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))
  )

  it("is one operator where convolutions are: in exported files, and on other engines", () => {
    const operators = (options: Parameters<typeof lowerProgram>[1]) =>
      lowerProgram(programOfMany(), options).graph.nodes.map(({ opType }) => opType)
    assert.deepStrictEqual(operators({}), ["Softplus"])
    assert.notInclude(operators({ convolutions: "products" }), "Softplus")
  })
})
