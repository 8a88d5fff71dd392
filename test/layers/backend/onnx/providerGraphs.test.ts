import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as fc from "fast-check"
import * as ort from "onnxruntime-node"
import { uniform } from "../../../../src/domain/random/noise.ts"
import { conv2d } from "../../../../src/domain/tensor/convolution.ts"
import { type Shape, sizeOf } from "../../../../src/domain/tensor/Shape.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { type TensorData, tensorData } from "../../../../src/domain/tensor/TensorData.ts"
import { forWebGpu } from "../../../../src/layers/backend/onnx/forWebGpu.ts"
import { lowerProgram } from "../../../../src/layers/backend/onnx/lowering.ts"
import { encodeOnnxModel } from "../../../../src/layers/backend/onnx/onnxMessages.ts"
import { layerReference } from "../../../../src/layers/backend/reference.ts"
import { type PrimitiveCase, primitiveCases } from "../../../../src/testing/primitiveCases.ts"
import { outputsOf, programOf } from "../../../../src/testing/programs.ts"
import { casesProgram } from "./casesProgram.ts"

describe("what is written for providers other than cpu", () => {
  const { placeholder: _, noise: __, ...others } = primitiveCases
  it.effect("means the same in operator set 18, which cuda has all kernels for, as in 21", () =>
    Effect.promise(async () => {
      for (const [op, arbitrary] of Object.entries<fc.Arbitrary<PrimitiveCase>>(others)) {
        const { program, inputs } = casesProgram(arbitrary, 20)
        const { graph } = lowerProgram(program)
        const run = async (operatorSet: number) => {
          const session = await ort.InferenceSession.create(encodeOnnxModel(graph, operatorSet), {
            intraOpNumThreads: 1,
            graphOptimizationLevel: "all"
          })
          const feeds = graph.inputs.map(({ name, shape }) => {
            const values = Float32Array.from(inputs[name]?.values ?? [])
            return [name, new ort.Tensor("float32", values, shape)] as const
          })
          const results = await session.run(Object.fromEntries(feeds))
          await session.release()
          return Object.values(results).map(({ data, dims }) => [[...dims], data])
        }
        assert.deepStrictEqual(await run(18), await run(21), op)
      }
    })
  )

  it.effect("for webgpu has no product that transposes an operand of a batch, and the same results", () =>
    Effect.gen(function* () {
      const { program, inputs } = casesProgram(primitiveCases.matmul, 60)
      const plain = forWebGpu(program)
      const operators = (of: typeof program) => new Set(lowerProgram(of).graph.nodes.map(({ opType }) => opType))
      assert.isTrue(operators(program).has("FusedMatMul"))
      assert.isFalse(operators(plain).has("FusedMatMul"))
      assert.deepStrictEqual(yield* outputsOf(plain, inputs), yield* outputsOf(program, inputs))
    }).pipe(Effect.provide(layerReference))
  )

  it.effect("for webgpu has no convolution of 6, 9, 15, .. channels to a multiple of 4, and the same results", () =>
    Effect.gen(function* () {
      const sizes = [3, 4, 5, 6, 9, 12, 15, 24].flatMap((from) => [3, 4, 8].map((to) => ({ from, to })))
      const inputs: Record<string, TensorData> = {}
      const placeholders: Record<string, Tensor> = {}
      const operand = (name: string, shape: Shape) => {
        inputs[name] = tensorData(shape, uniform({ seed: 1, stream: name, step: 0 }, sizeOf(shape)))
        const tensor = placeholder(name, shape)
        placeholders[name] = tensor
        return tensor
      }
      const roots = sizes.map(({ from, to }) =>
        conv2d(operand(`x ${from} ${to}`, [2, from, 4, 3]), operand(`k ${from} ${to}`, [to, from, 3, 2]), {
          strides: [2, 1],
          padding: { before: [1, 0], after: [0, 1] }
        })
      )
      const program = programOf("convolutions", placeholders, roots)
      const fitting = forWebGpu(program)
      const channels = Object.values(fitting.outputs).map((y) => y.inputs[0]?.shape[1])
      assert.deepStrictEqual(
        channels,
        sizes.map(({ from, to }) => (to % 4 === 0 && [6, 9, 15].includes(from) ? from + 1 : from))
      )
      assert.deepStrictEqual(yield* outputsOf(fitting, inputs), yield* outputsOf(program, inputs))
    }).pipe(Effect.provide(layerReference))
  )
})
