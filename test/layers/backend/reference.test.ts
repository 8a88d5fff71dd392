import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { exp } from "../../../src/domain/tensor/elementwise.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { conformance } from "../../../src/testing/conformance.ts"
import { outputsOf, programOf } from "../../../src/testing/programs.ts"
import { noTolerance } from "../../../src/testing/tolerances.ts"
import { backendContract } from "./backendContract.ts"

backendContract(
  "Reference",
  layerReference,
  // Compared with itself: the slow laws would show nothing more.
  conformance({ tolerances: noTolerance, drift: 0, updateDrift: 0, runs: 20 })
)

it.effect("Reference computes in float64", () =>
  Effect.gen(function* () {
    const x = placeholder("x", [])
    const { 0: y } = yield* outputsOf(programOf("exp", { x }, [exp(x)]), {
      x: { shape: [], values: Float64Array.of(0.1) }
    })
    assert.deepStrictEqual(y?.values, Float64Array.of(Math.exp(0.1)))
  }).pipe(Effect.provide(layerReference))
)
