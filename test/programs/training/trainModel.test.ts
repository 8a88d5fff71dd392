import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { pixelMeans } from "../../../src/domain/data/Images.ts"
import type { SettingsJson } from "../../../src/domain/experiment/presets.ts"
import { modelOf } from "../../../src/domain/model/modelOf.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { layerSynthetic } from "../../../src/layers/dataset/synthetic.ts"
import { initialState, trainModel } from "../../../src/programs/training/trainModel.ts"
import { assertSameBits, changedPaths, layerTinyData, tinySettings } from "./tinyExperiment.ts"

const format = { channels: 1, height: 6, width: 5 }

/** Metrics of every update of a run on 240 images of 6 x 5, and the state it ended with. */
const train = (updates: number, changes: SettingsJson) =>
  Effect.gen(function* () {
    const { model, training, seed } = tinySettings({ training: { batchSize: 20, updates, ...changes } })
    const gan = modelOf(model, format)
    const elements = yield* Stream.runCollect(trainModel(gan, { ...training, seed }))
    const last = elements.at(-1)
    assert.isDefined(last)
    if (last === undefined) return assert.fail("no updates")
    const start = yield* initialState(gan, { ...training, seed })
    return { metrics: elements.map(({ metrics }) => metrics), start, end: (yield* last.snapshot).tensors }
  }).pipe(Effect.provide([layerOnnxRuntime, layerSynthetic({ count: 240, ...format, seed: 0 })], { local: true }))

const meanOf = (
  metrics: ReadonlyArray<Readonly<Record<string, number>>>,
  name: string,
  from: number,
  to: number
): number => {
  const part = metrics.slice(from, to)
  return part.reduce((sum, record) => sum + (record[name] ?? Number.NaN), 0) / part.length
}

// As good as frozen: Adam's steps are about as long as the learning rate.
const frozen = { learningRate: 1e-12 }
const lively = { learningRate: 0.01 }

describe("trainModel", () => {
  it.effect("a discriminator learns to tell a frozen generator's images from real ones", () =>
    Effect.gen(function* () {
      const { metrics } = yield* train(150, { generatorOptimizer: frozen, discriminatorOptimizer: lively })
      // At the start D knows nothing: both halves of eq. 9 are about log 2.
      assert.approximately(metrics[0]?.["discriminatorLoss"] ?? 0, 2 * Math.log(2), 0.3)
      assert.isBelow(meanOf(metrics, "discriminatorLoss", 130, 150), 0.5)
      assert.isAbove(meanOf(metrics, "realAccuracy", 130, 150), 0.85)
      assert.isAbove(meanOf(metrics, "generatedAccuracy", 130, 150), 0.85)
      // It is G's loss that D's learning raises.
      assert.isAbove(meanOf(metrics, "generatorLoss", 130, 150), 1.5 * meanOf(metrics, "generatorLoss", 0, 5))
    })
  )

  it.effect("a generator learns to please a frozen discriminator", () =>
    Effect.gen(function* () {
      const { metrics } = yield* train(150, { generatorOptimizer: lively, discriminatorOptimizer: frozen })
      assert.isBelow(meanOf(metrics, "generatorLoss", 130, 150), meanOf(metrics, "generatorLoss", 0, 20) - 0.1)
      // Real images are judged as before: D has not moved.
      assert.approximately(
        meanOf(metrics, "realAccuracy", 132, 144),
        meanOf(metrics, "realAccuracy", 0, 12),
        1e-6,
        "the same 240 images, an epoch each"
      )
    })
  )

  it.effect("moves every parameter of both players, and counts its updates", () =>
    Effect.gen(function* () {
      const { start, end } = yield* train(3, {})
      assert.sameMembers([...changedPaths(start, end)], Object.keys(start))
      for (const player of ["generator", "discriminator"]) {
        assert.deepStrictEqual([...(end[`optimizer.${player}.updates`]?.values ?? [])], [3])
      }
    })
  )

  it.effect("tells where it stands, and may be asked for its snapshot when it has ended", () =>
    Effect.gen(function* () {
      const { model, training, seed } = tinySettings()
      const last = yield* trainModel(modelOf(model, format), { ...training, seed }).pipe(Stream.runLast)
      const { update, totalUpdates, epoch, snapshot } = Option.getOrThrow(last)
      assert.deepStrictEqual([update, totalUpdates, epoch], [12, 12, 2])
      const first = yield* snapshot
      assert.strictEqual(first.update, 12)
      assertSameBits((yield* snapshot).tensors, first.tensors)
    }).pipe(Effect.provide([layerOnnxRuntime, layerTinyData]))
  )

  it.effect("begins c_0 at the data's means, as logits (section 2.4)", () =>
    Effect.gen(function* () {
      const { training } = yield* Dataset
      const settings = tinySettings()
      const state = yield* initialState(modelOf(settings.model, format), { ...settings.training, seed: 1 })
      const means = pixelMeans(training).values
      const canvas = state["generator.initialCanvas"]
      assert.deepStrictEqual([...(canvas?.shape ?? [])], [1, 1, 6, 5])
      for (const [i, logit] of (canvas?.values ?? []).entries()) {
        const bounded = Math.min(Math.max(means[i] ?? 0, 0.01), 0.99)
        assert.approximately(1 / (1 + Math.exp(-logit)), bounded, 1e-5)
      }
    }).pipe(Effect.provide(layerTinyData))
  )
})
