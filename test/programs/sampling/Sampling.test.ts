import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { pixelMarginals } from "../../../src/domain/data/Images.ts"
import { syntheticImages } from "../../../src/domain/data/syntheticImages.ts"
import type { AttentionGanSettings } from "../../../src/domain/model/attention-gan/AttentionGanSettings.ts"
import { modelOf } from "../../../src/domain/model/modelOf.ts"
import { initialise } from "../../../src/domain/nn/parameter.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { sampleImages, sampleTrajectories } from "../../../src/programs/sampling/Sampling.ts"
import { assertClose } from "../../support/assertClose.ts"
import { tinySettings } from "../training/tinyExperiment.ts"

/** The tiny model for colour images of 6 rows and 5 columns, and parameters for it as they are before training. */
const untrained = (channels: number, changes: Partial<AttentionGanSettings> = {}) => {
  const settings = tinySettings({ model: { ...changes } }).model
  const images = syntheticImages({ count: 9, channels, height: 6, width: 5, seed: 3, stream: "test" })
  const model = modelOf(settings, { channels, height: 6, width: 5 })
  const parameters = initialise({ generator: model.generator.parameters }, 4, pixelMarginals(images, 4))
  return { model, parameters }
}

const imageOf = ({ shape, values }: TensorData, i: number): ReadonlyArray<number> => {
  const size = shape.slice(1).reduce((product, n) => product * n, 1)
  return [...values.subarray(i * size, (i + 1) * size)]
}

describe("sampleImages", () => {
  it.effect("draws image i whatever the count, beyond one batch too", () =>
    Effect.gen(function* () {
      for (const channels of [1, 3]) {
        const { model, parameters } = untrained(channels)
        const many = yield* sampleImages(model, parameters, { count: 203, seed: 11 })
        assert.deepStrictEqual([...many.shape], [203, channels, 6, 5])
        for (const count of [1, 2, 99, 100, 101, 200]) {
          const few = yield* sampleImages(model, parameters, { count, seed: 11 })
          assert.deepStrictEqual([...few.shape], [count, channels, 6, 5])
          assert.deepStrictEqual([...few.values], [...many.values.subarray(0, few.values.length)], `${count}`)
        }
        // Every image is another one: of another latent, also in the second batch.
        assert.strictEqual(new Set(Array.from({ length: 203 }, (_, i) => imageOf(many, i).join())).size, 203)
      }
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("draws others from another seed, and numbers within [0, 1] from a canvas without a link too", () =>
    Effect.gen(function* () {
      const { model, parameters } = untrained(1, { canvas: "linear" })
      const drawn = yield* sampleImages(model, parameters, { count: 50, seed: 1 })
      const others = yield* sampleImages(model, parameters, { count: 50, seed: 2 })
      assert.notDeepEqual(drawn.values, others.values)
      assert.isTrue(drawn.values.every((value) => value >= 0 && value <= 1))
      assert.isTrue(drawn.values.some((value) => value === 0))
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("agrees on both backends", () =>
    Effect.gen(function* () {
      const { model, parameters } = untrained(1)
      const draw = sampleImages(model, parameters, { count: 5, seed: 1 })
      const onnx = yield* Effect.provide(draw, layerOnnxRuntime)
      const reference = yield* Effect.provide(draw, layerReference)
      for (const [i, value] of onnx.values.entries()) assert.approximately(value, reference.values[i] ?? -1, 1e-5)
    })
  )

  it.effect("of parameters that are not the model's fails and says which is missing", () =>
    Effect.gen(function* () {
      const { model, parameters } = untrained(1)
      const { "generator.patch.bias": _, ...rest } = parameters
      const error = yield* Effect.flip(sampleImages(model, rest, { count: 1, seed: 1 }))
      assert.include(error.message, "generator.patch.bias")
    }).pipe(Effect.provide(layerOnnxRuntime))
  )
})

describe("sampleTrajectories", () => {
  it.effect("end in the images that sampleImages draws, and begin with c_0", () =>
    Effect.gen(function* () {
      for (const channels of [1, 3]) {
        const { model, parameters } = untrained(channels)
        const images = yield* sampleImages(model, parameters, { count: 10, seed: 7 })
        const { canvases, windows } = yield* sampleTrajectories(model, parameters, { count: 10, seed: 7 })
        assert.strictEqual(canvases.length, 3)
        for (const canvas of canvases) assert.deepStrictEqual([...canvas.shape], [10, channels, 6, 5])
        // To float32's rounding: without the steps in between, the writes are added up otherwise.
        assertClose(canvases.at(-1)?.values ?? [], images.values, 1e-6, "the last canvas")
        const start = parameters["generator.initialCanvas"]?.values ?? []
        const first = canvases[0]
        assert.isDefined(first)
        if (first === undefined) return
        for (let i = 0; i < 10; i++) {
          for (const [j, value] of imageOf(first, i).entries()) {
            assert.approximately(value, 1 / (1 + Math.exp(-(start[j] ?? 0))), 1e-6)
          }
        }
        assert.deepStrictEqual(
          windows.map((step) => step.length),
          [10, 10]
        )
        // Small first weights begin with the whole image in view (PAPER 2.1: centre (A+1)/2, (B+1)/2).
        for (const { centreX, centreY, stride, sigma } of windows.flat()) {
          assert.approximately(centreX, 3, 2)
          assert.approximately(centreY, 3.5, 2)
          assert.isAbove(stride, 0)
          assert.isAbove(sigma, 0)
        }
      }
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("go on beyond one batch as sampleImages does", () =>
    Effect.gen(function* () {
      const { model, parameters } = untrained(3)
      const images = yield* sampleImages(model, parameters, { count: 230, seed: 7 })
      const { canvases, windows } = yield* sampleTrajectories(model, parameters, { count: 230, seed: 7 })
      for (const canvas of canvases) assert.deepStrictEqual([...canvas.shape], [230, 3, 6, 5])
      assertClose(canvases.at(-1)?.values ?? [], images.values, 1e-6, "the last canvas")
      for (const step of windows) assert.strictEqual(new Set(step.map(({ centreX }) => centreX)).size, 230)
      const few = yield* sampleTrajectories(model, parameters, { count: 100, seed: 7 })
      assert.deepStrictEqual(
        few.windows,
        windows.map((step) => step.slice(0, 100))
      )
      for (const [t, canvas] of few.canvases.entries()) {
        assert.deepStrictEqual(canvas.values, canvases[t]?.values.slice(0, canvas.values.length))
      }
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("image i's does not depend on the count", () =>
    Effect.gen(function* () {
      const { model, parameters } = untrained(1)
      const many = yield* sampleTrajectories(model, parameters, { count: 100, seed: 7 })
      const few = yield* sampleTrajectories(model, parameters, { count: 4, seed: 7 })
      assert.deepStrictEqual(
        few.windows,
        many.windows.map((step) => step.slice(0, 4))
      )
      for (const [t, canvas] of few.canvases.entries()) {
        assert.deepStrictEqual(
          [...canvas.values],
          [...(many.canvases[t]?.values.subarray(0, canvas.values.length) ?? [])]
        )
      }
    }).pipe(Effect.provide(layerOnnxRuntime))
  )
})
