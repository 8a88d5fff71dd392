import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { misfit, SettingsError, totalUpdates } from "../../../src/domain/experiment/ExperimentSettings.ts"
import { type PresetName, type SettingsJson, settingsFrom } from "../../../src/domain/experiment/presets.ts"

const paperWith = (changes: SettingsJson = {}) => Result.getOrThrow(settingsFrom("paper", [changes]))
const mnist = { channels: 1, height: 28, width: 28 }

describe("misfit", () => {
  it("finds nothing wrong with the paper's settings and MNIST", () => {
    assert.isUndefined(misfit(paperWith(), mnist, 50_000))
  })

  it("is found exactly where the filters exceed an axis or the batch exceeds the images", () => {
    const size = fc.integer({ min: 1, max: 9 })
    fc.assert(
      fc.property(size, size, size, size, size, (filters, height, width, batchSize, images) => {
        const settings = paperWith({ model: { filters }, training: { batchSize } })
        const found = misfit(settings, { channels: 1, height, width }, images)
        const expected =
          filters > height || filters > width ? "model.filters" : batchSize > images ? "training.batchSize" : undefined
        assert.strictEqual(found?.field, expected)
      })
    )
  })

  it("is found where the shards do not divide the batch", () => {
    const shared = (shards: number) => misfit(paperWith({ training: { shards } }), mnist, 50_000)
    for (const shards of [1, 2, 4, 100]) assert.isUndefined(shared(shards))
    assert.strictEqual(shared(3)?.message, "training.shards: a batch of 100 cannot be divided among 3 shards")
  })

  it("is found where a window of DRAW is larger than the images, or a penalty is asked of batch normalisation", () => {
    const of = (preset: PresetName, changes: SettingsJson, size: number) =>
      misfit(Result.getOrThrow(settingsFrom(preset, [changes])), { channels: 1, height: size, width: size }, 50_000)
    assert.isUndefined(of("draw", {}, 28))
    assert.strictEqual(
      of("draw", { model: { readFilters: 2 } }, 4)?.message,
      "model.writeFilters: 5 x 5 filters do not fit images of 4 x 4 pixels"
    )
    assert.isUndefined(of("draw-without-attention", {}, 4))
    assert.isUndefined(of("dcgan", {}, 28))
    assert.strictEqual(of("dcgan", { training: { gradientPenalty: 5 } }, 28)?.field, "training.gradientPenalty")
  })

  it("is found where updates are simultaneous but of other images", () => {
    const shared = (sharedNoise: boolean) =>
      misfit(paperWith({ training: { simultaneous: true, sharedNoise } }), mnist, 50_000)
    assert.isUndefined(shared(true))
    assert.strictEqual(
      shared(false)?.message,
      "training.sharedNoise: simultaneous updates are of the same images: set it to true"
    )
  })

  it("is found where a penalty falls whose weight follows D's lead, but not where none is left to fall", () => {
    const falling = (penalty: SettingsJson) =>
      misfit(
        paperWith({ training: { ...penalty, gradientPenaltyDecay: { shape: "cosine", least: 1 } } }),
        mnist,
        50_000
      )
    assert.isUndefined(falling({ gradientPenalty: 5 }))
    // Of a run that was made by an older modern preset with its penalty taken out, which goes on as before.
    assert.isUndefined(falling({}))
    const byLead = falling({ gradientPenalty: { perNatOfLead: 30 } })
    assert.strictEqual(byLead?.field, "training.gradientPenaltyDecay")
  })

  it("says what does not fit what", () => {
    const message = misfit(paperWith({ model: { filters: 9 } }), { channels: 1, height: 12, width: 8 }, 10)?.message
    assert.strictEqual(message, "model.filters: 9 x 9 filters do not fit images of 12 x 8 pixels")
    const wide = paperWith({ model: { reader: { filters: 9, glimpses: 2 } } })
    const ofReader = misfit(wide, { channels: 1, height: 12, width: 8 }, 10)?.message
    assert.strictEqual(ofReader, "model.reader.filters: 9 x 9 filters do not fit images of 12 x 8 pixels")
    assert.strictEqual(
      misfit(paperWith(), mnist, 60)?.message,
      "training.batchSize: a batch of 100 cannot be taken from 60 training images"
    )
  })
})

describe("misfit of a training and a model", () => {
  const vaeWith = (changes: SettingsJson = {}) => Result.getOrThrow(settingsFrom("vae", [changes]))

  it("is found where they are of two objectives, by either's kind", () => {
    const { model } = paperWith()
    assert.isUndefined(misfit(vaeWith(), mnist, 50_000))
    assert.strictEqual(
      misfit(vaeWith({ model: { ...model } }), mnist, 50_000)?.message,
      'training.objective: "variational" does not train a model of kind "attention-gan"; "adversarial" does'
    )
    assert.strictEqual(
      misfit(paperWith({ model: { ...vaeWith().model } }), mnist, 50_000)?.message,
      'training.objective: "adversarial" does not train a model of kind "vae"; "variational" does'
    )
  })

  it("is found where the best checkpoint is to be the best by what is not measured", () => {
    const best = (metric: string) => ({ reporting: { keepCheckpoints: { best: { metric, goal: "highest" } } } })
    assert.isUndefined(misfit(vaeWith(best("bound")), mnist, 50_000))
    assert.strictEqual(
      misfit(vaeWith(best("realAccuracy")), mnist, 50_000)?.message,
      'reporting.keepCheckpoints.best.metric: "realAccuracy" is not measured in this training; one of these is: bound, logLikelihood, divergence'
    )
  })
})

describe("totalUpdates", () => {
  it("of the paper's experiment is 24,500", () => {
    assert.strictEqual(totalUpdates(paperWith(), 500), 24_500)
  })

  it("is what updates says, if it says anything", () => {
    assert.strictEqual(totalUpdates(paperWith({ training: { updates: 7 } }), 500), 7)
  })
})

it("a SettingsError reads as field and problem", () => {
  const error = new SettingsError({ field: "model.units", problem: "too many" })
  assert.strictEqual(error.message, "model.units: too many")
})
