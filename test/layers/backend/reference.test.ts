import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { exp } from "../../../src/domain/tensor/elementwise.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { outputsOf, programOf } from "../../support/programs.ts"
import { backendContract } from "./backendContract.ts"

backendContract("Reference", layerReference)

it.effect("Reference computes in float64", () =>
  Effect.gen(function* () {
    const x = placeholder("x", [])
    const { 0: y } = yield* outputsOf(programOf("exp", { x }, [exp(x)]), {
      x: { shape: [], values: Float64Array.of(0.1) }
    })
    assert.deepStrictEqual(y?.values, Float64Array.of(Math.exp(0.1)))
  }).pipe(Effect.provide(layerReference))
)
