import { readFileSync, writeFileSync } from "node:fs"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { settingsFrom } from "../../src/domain/experiment/presets.ts"
import { modelOf } from "../../src/domain/model/modelOf.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { Dataset } from "../../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../../src/layers/dataset/mnist.ts"
import { trainModel } from "../../src/programs/training/trainModel.ts"
import { firstDraw } from "../support/firstDraw.ts"
import { firstModern } from "../support/firstModern.ts"
import { unclipped } from "../support/unclipped.ts"

/**
 * The losses of the first five updates on one shard, as the build of 29 November 2026 (commit 9fd847f) computed them, before programs
 * were made from functions. A redesign may round otherwise; it may not compute something else.
 */
const file = new URL("../fixtures/preset-losses.json", import.meta.url)
const presets = {
  paper: settingsFrom("paper", [unclipped]),
  modern: settingsFrom("paper", [firstModern]),
  baseline: settingsFrom("baseline", [unclipped]),
  goodfellow: settingsFrom("goodfellow"),
  draw: settingsFrom("draw", [firstDraw]),
  vae: settingsFrom("vae"),
  dcgan: settingsFrom("dcgan")
}
const updates = 5

const lossesOf = (preset: (typeof presets)[keyof typeof presets]) =>
  Effect.gen(function* () {
    const settings = yield* Effect.fromResult(preset)
    const { training } = yield* Dataset
    const options = { ...settings.training, seed: settings.seed, updates, shards: 1 }
    return yield* trainModel(modelOf(settings.model, training), options).pipe(
      Stream.map(({ metrics }) => metrics),
      Stream.runCollect
    )
  })

describe("presets", () => {
  const world = Layer.merge(layerOnnxRuntime, layerMnist).pipe(Layer.provideMerge(NodeServices.layer))
  const recorded: Readonly<Record<string, ReadonlyArray<Readonly<Record<string, number>>>>> = process.env["RECORD"]
    ? {}
    : JSON.parse(readFileSync(file, "utf8"))

  it.live.each(Object.entries(presets))(
    "%s: the losses of five updates are those of the build before the redesign",
    ([preset, settings]) =>
      Effect.gen(function* () {
        const losses = yield* lossesOf(settings)
        if (process.env["RECORD"]) {
          Object.assign(recorded, { [preset]: losses })
          writeFileSync(file, `${JSON.stringify(recorded, undefined, 1)}\n`)
        }
        const before = recorded[preset] ?? []
        assert.strictEqual(before.length, updates)
        losses.forEach((metrics, i) => {
          for (const [name, value] of Object.entries(metrics)) {
            const was = before[i]?.[name] ?? Number.NaN
            // Rounding about doubles from update to update; accuracies are counts of a hundred logits.
            const tolerance = name.endsWith("Accuracy") ? 0.02 : 2e-6 * 2 ** i * Math.max(1, Math.abs(was))
            assert.closeTo(value, was, tolerance, `${name} of update ${i + 1}`)
          }
        })
      }).pipe(Effect.provide(world)),
    120_000
  )
})
