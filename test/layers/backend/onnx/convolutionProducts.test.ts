import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { uniform } from "../../../../src/domain/random/noise.ts"
import { multiply } from "../../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../../src/domain/tensor/broadcast.ts"
import { conv2d, convTranspose2d } from "../../../../src/domain/tensor/convolution.ts"
import { gradient } from "../../../../src/domain/tensor/gradient.ts"
import { type Shape, sizeOf } from "../../../../src/domain/tensor/Shape.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import { tensorData } from "../../../../src/domain/tensor/TensorData.ts"
import { mapRecord } from "../../../../src/domain/tensor/Tree.ts"
import { lowerProgram } from "../../../../src/layers/backend/onnx/lowering.ts"
import { layerOnnxRuntime } from "../../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../../src/layers/backend/reference.ts"
import { type ConvolutionCase, convolutionCases } from "../../../../src/testing/convolutionCases.ts"
import { outputsOf, programOf } from "../../../../src/testing/programs.ts"
import { assertAgree } from "../../../support/numbers.ts"

/** A convolution, its adjoint, and the gradients of both by all operands; the squares use each result in another order too. */
const programFor = ({ image, kernel, result, options }: ConvolutionCase) => {
  const shapes: Readonly<Record<"x" | "k" | "y", Shape>> = { x: image, k: kernel, y: result }
  const inputs = mapRecord(shapes, (shape, stream) =>
    tensorData(
      shape,
      uniform({ seed: 1, stream, step: 0 }, sizeOf(shape)).map((u) => u - 0.5)
    )
  )
  const { x, k, y } = mapRecord(shapes, (shape, name) => placeholder(name, shape))
  const made = conv2d(x, k, options)
  const back = convTranspose2d(y, k, { ...options, size: [image[2], image[3]] })
  const losses = [sum(multiply(multiply(made, made), y)), sum(multiply(multiply(back, back), x))]
  const roots = [made, back, ...losses.flatMap((loss) => Object.values(gradient(loss, { x, k, y })))]
  return { program: programOf("convolutions", { x, k, y }, roots), inputs }
}

const assertAsReference = (drawn: ConvolutionCase) =>
  Effect.gen(function* () {
    const { program, inputs } = programFor(drawn)
    const made = yield* Effect.provide(outputsOf(program, inputs), layerOnnxRuntime)
    const expected = yield* Effect.provide(outputsOf(program, inputs), layerReference)
    for (const [root, { values }] of Object.entries(expected)) {
      assertAgree(made[root]?.values ?? [], values, 1e-4, root)
    }
  })

const operatorsOf = (drawn: ConvolutionCase, convolutions: "operators" | "products"): ReadonlyArray<string> => {
  const { program } = programFor(drawn)
  return lowerProgram(program, { convolutions }).graph.nodes.map(({ opType }) => opType)
}

/** The same with so many times the channels. */
const wide = ({ image, kernel, result, options }: ConvolutionCase, times: number): ConvolutionCase => ({
  image: [image[0], image[1] * times, image[2], image[3]],
  kernel: [kernel[0] * times, kernel[1] * times, kernel[2], kernel[3]],
  result: [result[0], result[1] * times, result[2], result[3]],
  options
})

const halving = { strides: [2, 2], dilations: [1, 1], padding: { before: [1, 1], after: [1, 1] } } as const

describe("convolutions as products of matrices", () => {
  it.effect("mean the same, and so do their gradients, whatever the strides, dilations and padding", () =>
    Effect.forEach(fc.sample(convolutionCases, { numRuns: 30, seed: 2026 }), (drawn) =>
      assertAsReference(wide(drawn, 16))
    )
  )

  it.effect("mean the same where a batch is cut into parts", () =>
    assertAsReference({ image: [34, 16, 14, 14], kernel: [32, 16, 4, 4], result: [34, 32, 7, 7], options: halving })
  )

  it("take the place of the format's operators where there are channels enough, and only if they are asked for", () => {
    const small = { image: [2, 2, 6, 6], kernel: [2, 2, 4, 4], result: [2, 2, 3, 3], options: halving } as const
    const isConvolution = (op: string): boolean => op === "Conv" || op === "ConvTranspose"
    assert.isFalse(operatorsOf(wide(small, 16), "products").some(isConvolution))
    assert.isTrue(operatorsOf(small, "products").some(isConvolution))
    assert.isTrue(operatorsOf(wide(small, 16), "operators").some(isConvolution))
    assert.isFalse(operatorsOf(wide(small, 16), "operators").includes("Gather"))
  })

  it("leave a transposed one that steps over pixels to the engine: no entry of the kernel leads to them", () => {
    const apart = { ...halving, strides: [3, 3] } as const
    const drawn = { image: [2, 32, 6, 6], kernel: [32, 32, 2, 2], result: [2, 32, 3, 3], options: apart } as const
    assert.isTrue(operatorsOf(drawn, "products").includes("ConvTranspose"))
  })
})
