import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { decaysOver } from "../../../src/domain/experiment/decaysOver.ts"
import { ExperimentSettings } from "../../../src/domain/experiment/ExperimentSettings.ts"
import { type SettingsJson, settingsFrom, settingsJson } from "../../../src/domain/experiment/presets.ts"
import {
  decodeRunDescription,
  encodeRunDescription,
  incompatibility,
  type RunDescription
} from "../../../src/domain/experiment/RunDescription.ts"
import { AdversarialTrainingSettings } from "../../../src/domain/experiment/TrainingSettings.ts"

const describedWith = (
  changes: SettingsJson = {},
  format = { channels: 1, height: 28, width: 28 }
): RunDescription => ({
  settings: Result.getOrThrow(settingsFrom("paper", [changes])),
  format
})

const size = fc.integer({ min: 1, max: 64 })
const descriptions = fc
  .record({ seed: fc.nat(), units: size, batchSize: size, channels: size, height: size, width: size })
  .map(({ seed, units, batchSize, ...format }) =>
    describedWith({ seed, model: { units }, training: { batchSize } }, format)
  )

describe("a run's description", () => {
  it("is the same after a way through JSON, and in no conflict with itself", () => {
    fc.assert(
      fc.property(descriptions, (description) => {
        const read = Result.getOrThrow(
          decodeRunDescription(JSON.parse(JSON.stringify(encodeRunDescription(description))))
        )
        assert.deepStrictEqual(read, description)
        assert.isUndefined(incompatibility(read, description))
      })
    )
  })

  it("of a time when Adam was the only optimizer is read, and goes on", () => {
    const description = describedWith()
    const old: unknown = JSON.parse(JSON.stringify(encodeRunDescription(description)).replaceAll('"kind":"adam",', ""))
    assert.notInclude(JSON.stringify(old), "adam")
    const read = Result.getOrThrow(decodeRunDescription(old))
    assert.deepStrictEqual(read, description)
    assert.isUndefined(incompatibility(read, description))
  })

  it("that is not one is refused by the name of a field", () => {
    const sound = encodeRunDescription(describedWith())
    assert.isObject(sound)
    const messageOf = (json: unknown) =>
      Result.match(decodeRunDescription(json), { onFailure: ({ message }) => message, onSuccess: () => "" })
    const settings = settingsJson(describedWith().settings)
    assert.match(messageOf(null), /^checkpoint: description: expected object/)
    assert.match(messageOf({ settings }), /^checkpoint: format: is missing$/)
    assert.match(
      messageOf({ settings, format: { channels: 1, height: 0, width: 28 } }),
      /^checkpoint: format\.height: expected a value greater than 0, not 0$/
    )
    const altered: unknown = JSON.parse(JSON.stringify(sound).replace('"units":256', '"units":"many"'))
    assert.match(messageOf(altered), /^checkpoint: model\.units: expected .*number.*, not "many"$/)
  })
})

describe("conflict", () => {
  const paper = describedWith()

  it("is none where only length, reporting or name differ", () => {
    for (const changes of [
      { training: { epochs: 3 } },
      { training: { updates: 3 } },
      { training: { shards: 1 } },
      { model: { cell: "plain" } },
      { reporting: { logEveryUpdates: 1 } },
      { name: "other" }
    ]) {
      assert.isUndefined(incompatibility(paper, describedWith(changes)), JSON.stringify(changes))
      assert.isUndefined(incompatibility(describedWith(changes), paper))
    }
  })

  it("names the first field that decides what is computed, what it was, and what it is to be", () => {
    const cases: ReadonlyArray<readonly [SettingsJson, string, string, string]> = [
      [{ seed: 5 }, "seed", "0", "5"],
      [{ dataset: { kind: "idx", directory: "d" } }, "dataset.kind", '"mnist"', '"idx"'],
      [{ model: { canvas: "linear" } }, "model.canvas", '"sigmoid"', '"linear"'],
      [{ model: { activation: { generator: "relu" } } }, "model.activation.generator", '"tanh"', '"relu"'],
      [{ model: { cell: "gated" } }, "model.cell", '"plain"', '"gated"'],
      [{ training: { averageDecay: 0.9 } }, "training.averageDecay", "not set", "0.9"],
      [{ training: { sharedNoise: true } }, "training.sharedNoise", "false", "true"],
      [{ training: { generatorOptimizer: { beta1: 0.5 } } }, "training.generatorOptimizer.beta1", "0.75", "0.5"],
      [
        { training: { generatorOptimizer: { maxGradientNorm: null } } },
        "training.generatorOptimizer.maxGradientNorm",
        "5",
        "not set"
      ],
      [{ training: { shards: 2 } }, "training.shards", "1", "2"]
    ]
    for (const [changes, field, was, is] of cases) {
      const found = incompatibility(paper, describedWith(changes))
      assert.strictEqual(found?.field, field)
      assert.include(found?.problem, `was made with ${was}, but ${is} is asked for`)
      // Both ways round.
      assert.strictEqual(incompatibility(describedWith(changes), paper)?.field, field)
    }
  })

  it("says what stands in the place of a value: fields within it, or the one that it is within", () => {
    const number = describedWith({ training: { gradientPenalty: 5 } })
    const byLead = describedWith({ training: { gradientPenalty: { perNatOfLead: 30 } } })
    const forwards = "was made with 5, but training.gradientPenalty.perNatOfLead=30 is asked for"
    assert.include(incompatibility(number, byLead)?.problem, forwards)
    const back = "was made with 30, but training.gradientPenalty=5 is asked for"
    assert.include(incompatibility(byLead, number)?.problem, back)
  })

  it("of a decay's length says how to keep all the old ones, and of no other setting", () => {
    const modern = (updates: number, changes: SettingsJson = {}): RunDescription => {
      const penalty = { gradientPenalty: 5, gradientPenaltyDecay: { shape: "cosine", least: 2 } }
      const settings = Result.getOrThrow(settingsFrom("modern", [{ training: penalty }, changes]))
      assert(settings.training.objective === "adversarial")
      const training = new AdversarialTrainingSettings(decaysOver(settings.training, updates))
      return { settings: new ExperimentSettings({ ...settings, training }), format: paper.format }
    }
    const found = incompatibility(modern(15000), modern(20000))
    assert.strictEqual(found?.field, "training.gradientPenaltyDecay.updates")
    assert.include(found?.problem, "made with 15000, but 20000 is asked for")
    const kept = [...(found?.problem ?? "").matchAll(/--set training\.(\S+)=15000/g)].map(([, path]) => path)
    assert.sameMembers(kept, [
      "gradientPenaltyDecay.updates",
      "generatorOptimizer.learningRateDecay.updates",
      "discriminatorOptimizer.learningRateDecay.updates"
    ])
    // Shorter is refused as well.
    assert.include(incompatibility(modern(20000), modern(15000))?.problem, "=20000")
    for (const changes of [{ seed: 5 }, { training: { gradientPenaltyDecay: { least: 1 } } }]) {
      assert.notInclude(incompatibility(modern(15000), modern(20000, changes))?.problem, "--set")
    }
    const constant = describedWith({ training: { gradientPenalty: 5 } })
    const falling = describedWith({
      training: { gradientPenalty: 5, gradientPenaltyDecay: { shape: "linear", least: 1, updates: 7 } }
    })
    for (const one of [incompatibility(constant, falling), incompatibility(falling, constant)]) {
      assert.match(one?.field ?? "", /^training\.gradientPenaltyDecay\./)
      assert.notInclude(one?.problem, "--set")
    }
  })

  it("sees a setting that only one of the two has", () => {
    const plan = Array.from({ length: 6 }, () => ({ mean: 0, deviation: 2 }))
    const found = incompatibility(paper, describedWith({ model: { latentPlan: plan } }))
    assert.strictEqual(found?.field, "model.latentPlan.0.mean")
    assert.include(found?.problem, "was made with not set, but 0 is asked for")
  })

  it("sees images of another size", () => {
    const found = incompatibility(paper, describedWith({}, { channels: 3, height: 28, width: 28 }))
    assert.strictEqual(found?.field, "format.channels")
  })
})
