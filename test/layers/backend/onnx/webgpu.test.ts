import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as fc from "fast-check"
import { uniform } from "../../../../src/domain/random/noise.ts"
import { conv2d } from "../../../../src/domain/tensor/convolution.ts"
import { type Shape, sizeOf } from "../../../../src/domain/tensor/Shape.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { type TensorData, tensorData } from "../../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntimeWith } from "../../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../../src/layers/backend/reference.ts"
import { probeEngine } from "../../../../src/layers/backend/selection/probeEngine.ts"
import { TensorBackend } from "../../../../src/layers/backend/TensorBackend.ts"
import { type PrimitiveCase, primitiveCases } from "../../../../src/testing/primitiveCases.ts"
import { outputsOf, programOf } from "../../../../src/testing/programs.ts"
import { backendContract } from "../backendContract.ts"
import { casesProgram } from "./casesProgram.ts"
import { afterSmallUpdates, greatestDifference } from "./smallUpdate.ts"

const layerWebGpu = layerOnnxRuntimeWith({ providers: ["webgpu"] })

// In a process of its own: where there is no adapter, its libraries are not even loaded here.
const { status, device, problem } = await Effect.runPromise(
  probeEngine("onnxruntime:webgpu", { timed: false, limitSeconds: 60 })
)

if (status !== "present") {
  it.skip(`WebGPU: no adapter here (${problem})`, () => {})
} else {
  backendContract(`OnnxRuntime webgpu on ${device?.description}`, layerWebGpu)

  describe("OnnxRuntime webgpu against Reference", () => {
    layer(layerWebGpu)((it) => {
      it.effect("says that it is webgpu", () =>
        Effect.map(TensorBackend, ({ name }) => assert.strictEqual(name, "onnxruntime-webgpu"))
      )

      // Worst seen with SwiftShader over 40 cases of each: 3.6 units of 2^-24, of exp.
      it.effect(
        "every primitive, within 16 units of float32",
        () =>
          Effect.gen(function* () {
            // WebGPU promises sine and cosine to 2^-11 only, and only from -pi to pi; the cases go to 1000.
            const { placeholder: _, noise: __, sin: ___, cos: ____, ...others } = primitiveCases
            for (const [op, arbitrary] of Object.entries<fc.Arbitrary<PrimitiveCase>>(others)) {
              const { program, inputs } = casesProgram(arbitrary, 4)
              const found = yield* outputsOf(program, inputs)
              const expected = yield* outputsOf(program, inputs).pipe(Effect.provide(layerReference, { local: true }))
              for (const [name, { shape, values }] of Object.entries(expected)) {
                assert.deepStrictEqual(found[name]?.shape, shape)
                values.forEach((value, i) => {
                  const tolerance = 16 * 2 ** -24 * Math.max(1, Math.abs(value))
                  assert.closeTo(found[name]?.values[i] ?? Number.NaN, value, tolerance, `${op} ${name} ${i}`)
                })
              }
            }
          }),
        120_000
      )

      // ONNX Runtime's own kernel is wrong for some of these: see forWebGpu.
      it.effect("convolutions of any number of channels, among them the gradients of kernels over batches", () =>
        Effect.gen(function* () {
          const inputs: Record<string, TensorData> = {}
          const placeholders: Record<string, Tensor> = {}
          const operand = (name: string, shape: Shape) => {
            inputs[name] = tensorData(shape, uniform({ seed: 1, stream: name, step: 0 }, sizeOf(shape)))
            const tensor = placeholder(name, shape)
            placeholders[name] = tensor
            return tensor
          }
          const roots = Array.from({ length: 21 }, (_, i) => i + 1).map((from) =>
            conv2d(operand(`x ${from}`, [2, from, 6, 5]), operand(`k ${from}`, [from % 2 === 0 ? 8 : 4, from, 3, 3]))
          )
          const program = programOf("convolutions", placeholders, roots)
          const found = yield* outputsOf(program, inputs)
          const expected = yield* outputsOf(program, inputs).pipe(Effect.provide(layerReference, { local: true }))
          assert.isAtMost(greatestDifference(found, expected), 1e-4)
        })
      )

      it.effect(
        "updates of a small model",
        () =>
          Effect.gen(function* () {
            const found = yield* afterSmallUpdates(3)
            const expected = yield* afterSmallUpdates(3).pipe(Effect.provide(layerReference, { local: true }))
            assert.isAtMost(greatestDifference(found, expected), 1e-5)
          }),
        120_000
      )
    })
  })
}
