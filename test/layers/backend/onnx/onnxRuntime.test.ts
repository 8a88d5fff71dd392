import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { exp } from "../../../../src/domain/tensor/elementwise.ts"
import type { Program } from "../../../../src/domain/tensor/Program.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Node } from "../../../../src/domain/tensor/Tensor.ts"
import { layerOnnxRuntime } from "../../../../src/layers/backend/onnx/onnxRuntime.ts"
import { float32, lists, outputsOf } from "../../../../src/testing/programs.ts"

const x = placeholder("x", [2, 3])

/** A program made past the language's checks, which is the only way to have the engine refuse one. */
const forged = (y: Node<"matmul"> | Node<"reshape">): Program => ({
  name: "forged",
  state: {},
  inputs: { x },
  next: {},
  outputs: { y: exp(y) }
})

describe("errors of the engine carry the primitive", () => {
  const inputs = { x: float32([1, 2, 3, 4, 5, 6], [2, 3]) }

  it.effect("while compiling", () =>
    Effect.gen(function* () {
      const product = forged({
        op: "matmul",
        inputs: [x, x],
        parameters: { transposeA: false, transposeB: false },
        shape: [2, 3]
      })
      const error = yield* Effect.flip(outputsOf(product, inputs))
      assert.strictEqual(error.during, "compile")
      assert.strictEqual(error.primitive, "matmul([2, 3] [2, 3]) : [2, 3]")
      assert.match(
        error.message,
        /^onnxruntime-cpu could not compile "forged" at matmul\(\[2, 3\] \[2, 3\]\) : \[2, 3\]: /
      )
      assert.instanceOf(error.cause, Error)
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  // ONNX Runtime also writes this error to stderr.
  it.effect("while running", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        outputsOf(forged({ op: "reshape", inputs: [x], parameters: { shape: [7] }, shape: [7] }), inputs)
      )
      assert.strictEqual(error.during, "run")
      assert.strictEqual(error.primitive, "reshape([2, 3]) : [7]")
      assert.include(error.message, "cannot be reshaped")
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("and the executable goes on as before", () =>
    Effect.gen(function* () {
      yield* Effect.flip(
        outputsOf(forged({ op: "reshape", inputs: [x], parameters: { shape: [7] }, shape: [7] }), inputs)
      )
      const sound = { name: "sound", state: {}, inputs: { x }, next: {}, outputs: { y: exp(x) } }
      assert.closeTo(lists(yield* outputsOf(sound, inputs))["y"]?.[0] ?? 0, Math.E, 1e-6)
    }).pipe(Effect.provide(layerOnnxRuntime))
  )
})
