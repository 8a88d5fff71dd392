import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { layerOnnxRuntimeWeb } from "../../../../src/layers/backend/onnx/onnxRuntimeWeb.ts"

// What it computes is held to the laws in a browser: test/browser.
describe("Backends.onnxRuntimeWeb", () => {
  it.effect("says that there is no WebGPU where there is none, and takes nothing else instead", () =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(Effect.scoped(Layer.build(layerOnnxRuntimeWeb({ provider: "webgpu" }))))
      assert.match(message, /^onnxruntime-web-webgpu could not start .*: this browser has no WebGPU \(navigator\.gpu\)/)
    })
  )
})
