import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { backendNamed, backendNames } from "../../../../src/layers/backend/selection/backendNamed.ts"
import { engineNames } from "../../../../src/layers/backend/selection/engineNames.ts"
import { engineLayers } from "../../../../src/layers/backend/selection/engines.ts"
import { TensorBackend } from "../../../../src/layers/backend/TensorBackend.ts"
import { isInstalled } from "../tfjs/installed.ts"

describe("backendNamed", () => {
  it("knows every engine, and auto", () => {
    for (const name of engineNames) assert.strictEqual(Result.getOrThrow(backendNamed(name)), engineLayers[name])
    assert.isTrue(Result.isSuccess(backendNamed("auto")))
  })

  it("lists all names where another is given", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom("cuda", "ONNXRUNTIME", "", "toString")), (name) => {
        fc.pre(!backendNames.some((known) => known === name))
        const error = Result.getOrThrow(Result.flip(backendNamed(name)))
        assert.strictEqual(
          error.message,
          `there is no backend "${name}", but onnxruntime, onnxruntime:cuda, onnxruntime:webgpu, tfjs-node-gpu, tfjs-node, tfjs-wasm, tfjs-cpu, reference, auto`
        )
      })
    )
  })

  it.effect("gives backends that say what they are", () =>
    Effect.gen(function* () {
      const expected = { onnxruntime: "onnxruntime-cpu", "tfjs-wasm": "tfjs-wasm", reference: "reference" }
      for (const [name, own] of Object.entries(expected)) {
        const layer = Result.getOrThrow(backendNamed(name))
        const backend = yield* Effect.provide(TensorBackend, layer, { local: true })
        assert.strictEqual(backend.name, own)
      }
    })
  )

  it.effect.skipIf(isInstalled("@tensorflow/tfjs-node-gpu"))("says how to get a package that is missing", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.provide(TensorBackend, engineLayers["tfjs-node-gpu"], { local: true }))
      assert.match(
        error.message,
        /^tfjs-node-gpu could not start .*@tensorflow\/tfjs-node-gpu is not installed; install it with "npm install @tensorflow\/tfjs-node-gpu@4\.22\.0"/
      )
    })
  )
})
