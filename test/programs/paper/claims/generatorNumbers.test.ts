import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { pixelMarginals } from "../../../../src/domain/data/Images.ts"
import { syntheticImages } from "../../../../src/domain/data/syntheticImages.ts"
import { attentionGan } from "../../../../src/domain/model/attention-gan/AttentionGan.ts"
import { standardLatents } from "../../../../src/domain/model/latentPlan.ts"
import { initialise } from "../../../../src/domain/nn/parameter.ts"
import { GeneratorNumbers } from "../../../../src/domain/paper/claim/GeneratorNumbers.ts"
import { tensorData } from "../../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../../src/layers/backend/onnx/onnxRuntime.ts"
import { generatorNumbers } from "../../../../src/programs/paper/claims/generatorNumbers.ts"
import { samplePickFreeze } from "../../../../src/programs/paper/claims/samplePickFreeze.ts"
import { plannedImages, type TrainedAttentionGan } from "../../../../src/programs/paper/probeFigures.ts"
import { smallSettings } from "../../../domain/model/smallModels.ts"

/** An untrained model of T steps for images of 6 rows and 5 columns. */
const untrained = (changes: Parameters<typeof smallSettings>[0] = {}): TrainedAttentionGan => {
  const settings = smallSettings({ filters: 3, glimpses: 4, units: 6, latentSize: 3, ...changes })
  const format = { channels: 1, height: 6, width: 5 }
  const images = syntheticImages({ count: 9, ...format, seed: 3, stream: "test" })
  const model = attentionGan(settings, format)
  const tensors = initialise({ generator: model.generator.parameters }, 4, pixelMarginals(images, 4))
  return { settings, format, tensors, seed: 11 }
}

/** The model with some of its parameters set to zero. */
const silenced = (trained: TrainedAttentionGan, pattern: RegExp): TrainedAttentionGan => ({
  ...trained,
  tensors: Object.fromEntries(
    Object.entries(trained.tensors).map(([path, data]) => [
      path,
      pattern.test(path)
        ? tensorData(
            data.shape,
            data.values.map(() => 0)
          )
        : data
    ])
  )
})

describe("the pick-freeze design", () => {
  it.effect("has the samples as A, others as B, and groups between them", () =>
    Effect.gen(function* () {
      const trained = untrained()
      const samples = yield* plannedImages(trained, standardLatents(4), 120)
      const { a, b, mixed } = yield* samplePickFreeze(trained, [[], [1, 2, 3, 4], [2]], 120)
      assert.deepStrictEqual([...a.shape], [120, 1, 6, 5])
      for (const [i, value] of a.values.entries()) assert.approximately(value, samples.values[i] ?? -1, 1e-6)
      assert.deepStrictEqual(mixed[0]?.values, a.values)
      assert.deepStrictEqual(mixed[1]?.values, b.values)
      assert.notDeepEqual(b.values, a.values)
      for (const other of [a, b]) assert.notDeepEqual(mixed[2]?.values, other.values)
      const fewer = yield* samplePickFreeze(trained, [[2]], 7)
      assert.deepStrictEqual(fewer.mixed[0]?.values, mixed[2]?.values.slice(0, 7 * 30))
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("has images in [0, 1] of a canvas without a link too", () =>
    Effect.gen(function* () {
      const { a } = yield* samplePickFreeze(untrained({ canvas: "linear" }), [], 20)
      assert.isTrue(a.values.every((value) => value >= 0 && value <= 1))
    }).pipe(Effect.provide(layerOnnxRuntime))
  )
})

describe("the numbers of a generator", () => {
  it.effect("are JSON, finite, the same when taken again, and one for each step", () =>
    Effect.gen(function* () {
      const found = yield* generatorNumbers(untrained(), { rows: 130 })
      const Text = Schema.fromJsonString(GeneratorNumbers)
      const text = yield* Schema.encodeEffect(Text)(found)
      assert.notMatch(text, /NaN|Infinity|null/)
      assert.deepStrictEqual(yield* Schema.decodeEffect(Text)(text), found)
      assert.deepStrictEqual(yield* generatorNumbers(untrained(), { rows: 130 }), found)
      assert.strictEqual(found.drawing.count, 65)
      assert.strictEqual(found.latents.count, 130)
      assert.lengthOf(found.drawing.steps, 4)
      assert.lengthOf(found.latents.first, 4)
      assert.lengthOf(found.latents.total, 4)
      assert.deepStrictEqual(
        found.wild.map(({ step }) => step),
        [1, 2, 4]
      )
      for (const { distance } of found.wild) assert.isAbove(distance.value, 0.1)
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("see no interactions where the recurrent network forgets", () =>
    Effect.gen(function* () {
      // Without recurrence h_t is a function of z_t alone, and the canvas a sum of what each step writes.
      const { latents } = yield* generatorNumbers(silenced(untrained(), /rnn\.hidden/), { rows: 400 })
      const sum = latents.total.reduce((total, { value }) => total + value, 0)
      assert.closeTo(sum, 1, 0.1)
      const later = (latents.total[2]?.value ?? 0) + (latents.total[3]?.value ?? 0)
      assert.closeTo(latents.later.value, later, 0.05)
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("leave nothing to later latents where there are none", () =>
    Effect.gen(function* () {
      const { latents } = yield* generatorNumbers(untrained({ glimpses: 2 }), { rows: 20 })
      assert.deepStrictEqual(latents.later, { value: 0, standardError: 0 })
      assert.lengthOf(latents.total, 2)
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("cannot be taken of a generator that draws one image", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(generatorNumbers(silenced(untrained(), /rnn\.input/), { rows: 20 }))
      assert.strictEqual(error._tag, "MeasureError")
      assert.include(error.message, "all images are the same")
    }).pipe(Effect.provide(layerOnnxRuntime))
  )
})
