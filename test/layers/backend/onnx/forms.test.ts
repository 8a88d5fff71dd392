import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { leakyRelu } from "../../../../src/domain/nn/activation.ts"
import { batchNormParameters, batchNormTrain } from "../../../../src/domain/nn/batchNorm.ts"
import { uniform } from "../../../../src/domain/random/noise.ts"
import { add, multiply, square, subtract } from "../../../../src/domain/tensor/arithmetic.ts"
import { greater, where } from "../../../../src/domain/tensor/comparison.ts"
import { conv2d } from "../../../../src/domain/tensor/convolution.ts"
import { relu } from "../../../../src/domain/tensor/elementwise.ts"
import { gradient } from "../../../../src/domain/tensor/gradient.ts"
import { concatenate, reshape, slice, transpose } from "../../../../src/domain/tensor/movement.ts"
import { mean } from "../../../../src/domain/tensor/reduction.ts"
import { type Shape, sizeOf } from "../../../../src/domain/tensor/Shape.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../../src/domain/tensor/TensorData.ts"
import { mapRecord } from "../../../../src/domain/tensor/Tree.ts"
import { lowerProgram } from "../../../../src/layers/backend/onnx/lowering.ts"
import { layerOnnxRuntime } from "../../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../../src/layers/backend/reference.ts"
import { outputsOf, programOf } from "../../../../src/testing/programs.ts"
import { assertAgree } from "../../../support/numbers.ts"

const images = [4, 16, 3, 5]
const shapes: Readonly<Record<"x" | "k" | "bias" | "plane", Shape>> = {
  x: images,
  k: [16, 16, 3, 3],
  bias: [1, 16, 1, 1],
  plane: [3, 5]
}
const sources = mapRecord(shapes, (shape, name) => placeholder(name, shape))
const numbers = mapRecord(shapes, (shape, stream) =>
  tensorData(
    shape,
    uniform({ seed: 1, stream, step: 0 }, sizeOf(shape)).map((u) => 0.3 * (u - 0.5))
  )
)
const convolved = (x: Tensor): Tensor => conv2d(x, sources.k, { padding: 1 })

/** What programs do with images, from images to images; some of it cannot be done with channels last. */
const steps: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  convolution: convolved,
  "a bias": (x) => add(x, sources.bias),
  "a factor for each pixel": (x) => multiply(x, sources.plane),
  "a leaky rectifier": (x) => leakyRelu(x, 0.2),
  "a choice": (x) => where(greater(x, sources.bias), x, multiply(x, x)),
  "two batches": (x) => reshape(relu(reshape(x, [2, 2, 16, 15])), images),
  "pixels in another order": (x) => reshape(relu(reshape(x, [4, 240])), images),
  "means over channels": (x) => add(x, mean(x, [1], true)),
  "means of each channel": (x) => add(x, reshape(mean(x, [0, 2, 3]), [1, 16, 1, 1])),
  "means of each pixel": (x) => add(x, mean(x, [0, 1])),
  "means of rows": (x) => add(x, reshape(mean(x, [2]), [4, 16, 1, 5])),
  "centred channels": (x) => subtract(x, mean(x, [0, 2, 3], true)),
  halves: (x) => concatenate([slice(x, [2, 0, 0, 0], [2, 16, 3, 5]), slice(x, [0, 0, 0, 0], [2, 16, 3, 5])], 0),
  "batch and channels": (x) => transpose(relu(transpose(x, [1, 0, 2, 3])), [1, 0, 2, 3])
}

const assertAsReference = (roots: ReadonlyArray<Tensor>) =>
  Effect.gen(function* () {
    const program = programOf("images", sources, roots)
    const made = yield* Effect.provide(outputsOf(program, numbers), layerOnnxRuntime)
    const expected = yield* Effect.provide(outputsOf(program, numbers), layerReference)
    for (const [root, { values }] of Object.entries(expected)) {
      assertAgree(made[root]?.values ?? [], values, 2e-4, root)
    }
  })

describe("the order in which images are kept", () => {
  it.effect("changes nothing, whatever comes between convolutions, and in their gradients", () =>
    Effect.forEach(
      fc.sample(fc.array(fc.constantFrom(...Object.keys(steps)), { minLength: 1, maxLength: 6 }), {
        numRuns: 16,
        seed: 2026
      }),
      (names) => {
        const last = names.reduce((x, name) => steps[name]?.(x) ?? x, convolved(sources.x))
        const { k, bias } = gradient(mean(square(last)), sources)
        return assertAsReference([last, k, bias])
      }
    )
  )

  it.effect("stays that of products between convolutions with batch normalisation and rectifiers", () =>
    Effect.gen(function* () {
      const statistics = mapRecord(batchNormParameters(16), () => sources.bias)
      const layer = (x: Tensor): Tensor => leakyRelu(batchNormTrain(statistics, convolved(x), 2).normalised, 0.2)
      const roots = [layer(layer(layer(sources.x)))]
      const { graph } = lowerProgram(programOf("layers", sources, roots), { convolutions: "products" })
      const moved = graph.nodes.filter(({ opType, name }) => opType === "Transpose" && !name.startsWith("conv2d"))
      // The result, to the order of its axes.
      assert.isAtMost(moved.length, 1)
      yield* assertAsReference(roots)
    })
  )
})
