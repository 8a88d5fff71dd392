import * as Result from "effect/Result"
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { decaysOver } from "../../../src/domain/experiment/decaysOver.ts"
import { settingsFrom } from "../../../src/domain/experiment/presets.ts"
import { AdversarialTrainingSettings } from "../../../src/domain/experiment/TrainingSettings.ts"
import { AdamSettings } from "../../../src/domain/optim/OptimizerSettings.ts"

const adam = { kind: "adam", learningRate: 1e-3, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 } as const

const length = fc.option(fc.integer({ min: 1, max: 1e6 }), { nil: undefined })
const decay = length.map((updates) => ({
  shape: "cosine" as const,
  least: 1e-5,
  ...(updates !== undefined && { updates })
}))
const optimizer = fc
  .option(decay, { nil: undefined })
  .map((learningRateDecay) => new AdamSettings({ ...adam, ...(learningRateDecay && { learningRateDecay }) }))
const trainings = fc.record({ penalty: fc.option(decay, { nil: undefined }), G: optimizer, D: optimizer }).map(
  ({ penalty, G, D }) =>
    new AdversarialTrainingSettings({
      epochs: 3,
      batchSize: 10,
      sharedNoise: false,
      gradientPenalty: 5,
      ...(penalty && { gradientPenaltyDecay: penalty }),
      generatorOptimizer: G,
      discriminatorOptimizer: D
    })
)

/** The lengths of a training's decays; none where nothing falls. */
const lengthsOf = ({ gradientPenaltyDecay, ...optimizers }: AdversarialTrainingSettings) =>
  [
    gradientPenaltyDecay,
    ...[optimizers.generatorOptimizer, optimizers.discriminatorOptimizer].map((one) =>
      one.kind === "adam" ? one.learningRateDecay : undefined
    )
  ].map((one) => one && { updates: one.updates })

describe("decaysOver", () => {
  it("gives every decay without a length the whole training's, and changes nothing else", () => {
    fc.assert(
      fc.property(trainings, fc.integer({ min: 1, max: 1e6 }), (training, updates) => {
        const made = decaysOver(training, updates)
        assert.deepStrictEqual(
          lengthsOf(made),
          lengthsOf(training).map((one) => one && { updates: one.updates ?? updates })
        )
        assert.deepStrictEqual(decaysOver(made, updates + 1), made)
        const whole = new AdversarialTrainingSettings(made)
        if (lengthsOf(training).every((one) => one === undefined || one.updates !== undefined))
          assert.deepStrictEqual(whole, training)
      })
    )
  })

  it("leaves no decay of any training open that a preset describes", () => {
    const { training } = Result.getOrThrow(settingsFrom("modern"))
    assert(training.objective === "adversarial")
    const lengths = lengthsOf(new AdversarialTrainingSettings(decaysOver(training, 7000)))
    assert.deepStrictEqual(lengths, [{ updates: 7000 }, { updates: 7000 }, { updates: 7000 }])
  })
})
