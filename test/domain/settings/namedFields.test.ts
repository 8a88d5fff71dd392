import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { settingsFrom } from "../../../src/domain/experiment/presets.ts"
import {
  AdamSettings,
  AdversarialTrainingSettings,
  AttentionGanSettings,
  ExperimentSettings,
  MomentumSettings,
  SettingsError,
  VaeSettings
} from "../../../src/index.ts"

const adam = { learningRate: 1e-3, beta1: 0.5, beta2: 0.9, epsilon: 1e-8 }
const paper = Result.getOrThrow(settingsFrom("paper"))
const { model, training } = paper

/** What a constructor says, given fields that may be of any type. */
const refusal = <Input>(settings: new (input: Input) => unknown, ...given: ReadonlyArray<unknown>): string => {
  try {
    Reflect.construct(settings, given)
  } catch (error) {
    assert.instanceOf(error, SettingsError)
    return error instanceof SettingsError ? error.message : ""
  }
  return "nothing"
}

describe("a constructor of settings", () => {
  it("names the field, what was found and what would be right", () => {
    for (const [learningRate, found] of [
      [-1, "a value greater than 0, not -1"],
      [0, "a value greater than 0, not 0"],
      [Number.POSITIVE_INFINITY, "a finite number, not Infinity"],
      [Number.NaN, "a finite number, not NaN"],
      ["1", 'number, not "1"']
    ]) {
      const message = refusal(AdamSettings, { ...adam, learningRate })
      assert.isTrue(message.startsWith(`AdamSettings.learningRate: expected ${found}`), message)
    }
    assert.strictEqual(refusal(AdamSettings, { ...adam, beta1: 1 }), "AdamSettings.beta1: must lie in [0, 1), not 1")
    assert.strictEqual(refusal(AdamSettings, { ...adam }), "nothing")
  })

  it("names every field at fault, what is missing, and fields of fields", () => {
    assert.strictEqual(
      refusal(AdamSettings, { ...adam, learningRate: -1, epsilon: -2 }),
      "AdamSettings.learningRate: expected a value greater than 0, not -1; epsilon: expected a value greater than 0, not -2"
    )
    assert.match(
      refusal(MomentumSettings, { kind: "momentum" }),
      /^MomentumSettings\.learningRate: is missing; decayFactor: is/
    )
    assert.match(refusal(AdamSettings), /^AdamSettings\.learningRate: is missing; /)
    assert.strictEqual(refusal(AdamSettings, 5), "AdamSettings: expected object, not 5")
    assert.strictEqual(
      refusal(VaeSettings, { kind: "vae", latentSize: 0, units: [4], activation: "tanh" }),
      "VaeSettings.latentSize: expected a value greater than 0, not 0"
    )
    assert.match(
      refusal(AttentionGanSettings, { ...model, activation: { generator: "tanh", discriminator: "x" } }),
      /^AttentionGanSettings\.activation\.discriminator: expected .*"tanh".*, not "x"$/
    )
    assert.strictEqual(
      refusal(AttentionGanSettings, { ...model, latentPlan: [] }),
      "AttentionGanSettings.latentPlan: must have one entry a glimpse: 6, not 0"
    )
    assert.strictEqual(
      refusal(AdversarialTrainingSettings, { ...training, batchSize: 0.5 }),
      "AdversarialTrainingSettings.batchSize: expected an integer, not 0.5"
    )
    assert.strictEqual(
      refusal(ExperimentSettings, { ...paper, seed: -1 }),
      "ExperimentSettings.seed: expected a value greater than or equal to 0, not -1"
    )
  })

  it("makes what it is given, of one kind with what is decoded", () => {
    const made = new ExperimentSettings({ ...paper })
    assert.deepStrictEqual(made, paper)
    assert.instanceOf(made, ExperimentSettings)
  })
})
