import * as Result from "effect/Result"
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { decaysOver } from "../../../src/domain/experiment/decaysOver.ts"
import { type PresetName, presetNames, settingsFrom } from "../../../src/domain/experiment/presets.ts"
import {
  AdversarialTrainingSettings,
  type TrainingSettings,
  VariationalTrainingSettings
} from "../../../src/domain/experiment/TrainingSettings.ts"
import { trainingProgram, trainingState } from "../../../src/domain/experiment/trainingProgram.ts"
import { modelOf } from "../../../src/domain/model/modelOf.ts"
import type { DecaySettings } from "../../../src/domain/optim/DecaySettings.ts"
import { AdamSettings, MomentumSettings } from "../../../src/domain/optim/OptimizerSettings.ts"

const adam = { kind: "adam", learningRate: 1e-3, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 } as const
const momentum = new MomentumSettings({
  ...{ kind: "momentum", learningRate: 0.1, decayFactor: 1.000004, leastLearningRate: 1e-6 },
  ...{ initialMomentum: 0.5, finalMomentum: 0.7, rampUpdates: 250 }
})

const length = fc.option(fc.integer({ min: 1, max: 1e6 }), { nil: undefined })
const decay = length.map((updates) => ({
  shape: "cosine" as const,
  least: 1e-5,
  ...(updates !== undefined && { updates })
}))
const falling = fc.option(decay, { nil: undefined })
const optimizer = fc.oneof(
  fc.constant(momentum),
  falling.map((learningRateDecay) => new AdamSettings({ ...adam, ...(learningRateDecay && { learningRateDecay }) }))
)
const adversarial = fc.record({ penalty: falling, G: optimizer, D: optimizer }).map(
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
const variational = optimizer.map(
  (one) =>
    new VariationalTrainingSettings({
      objective: "variational",
      epochs: 3,
      batchSize: 10,
      binarise: true,
      optimizer: one
    })
)
const trainings: fc.Arbitrary<TrainingSettings> = fc.oneof(adversarial, variational)

/** The decays of a training, by where they stand. */
const decaysOf = (training: TrainingSettings): Readonly<Record<string, DecaySettings | undefined>> => {
  const { gradientPenaltyDecay, ...optimizers } =
    training.objective === "adversarial"
      ? {
          gradientPenaltyDecay: training.gradientPenaltyDecay,
          generatorOptimizer: training.generatorOptimizer,
          discriminatorOptimizer: training.discriminatorOptimizer
        }
      : { gradientPenaltyDecay: undefined, optimizer: training.optimizer }
  const rates = Object.entries(optimizers).map(
    ([name, one]) => [name, one.kind === "adam" ? one.learningRateDecay : undefined] as const
  )
  return Object.fromEntries([["gradientPenaltyDecay", gradientPenaltyDecay] as const, ...rates])
}

/** The lengths of a training's decays; none where nothing falls. */
const lengthsOf = (training: TrainingSettings, open?: number) =>
  Object.entries(decaysOf(training)).map(([name, one]) => [name, one && { updates: one.updates ?? open }])

/** A training as plain JSON, without the lengths of its decays. */
const besidesLengths = (training: TrainingSettings): unknown =>
  JSON.parse(JSON.stringify(training), (key, value) =>
    key.endsWith("Decay") && typeof value === "object" ? { ...value, updates: undefined } : value
  )

describe("decaysOver", () => {
  it("gives every decay without a length the whole training's, and changes nothing else", () => {
    fc.assert(
      fc.property(trainings, fc.integer({ min: 1, max: 1e6 }), (training, updates) => {
        const made = decaysOver(training, updates)
        assert.deepStrictEqual(lengthsOf(made), lengthsOf(training, updates))
        assert.deepStrictEqual(besidesLengths(made), besidesLengths(training))
        assert.deepStrictEqual(decaysOver(made, updates + 1), made)
      })
    )
  })

  it("takes a length below 1 for 1", () => {
    fc.assert(
      fc.property(trainings, fc.integer({ min: -5, max: 0 }), (training, updates) => {
        assert.deepStrictEqual(decaysOver(training, updates), decaysOver(training, 1))
      })
    )
  })

  it.each(presetNames)("leaves no decay open of the training that the preset %s describes", (name) => {
    const { training } = Result.getOrThrow(settingsFrom(name))
    const made = decaysOver(training, 7000)
    assert.deepStrictEqual(lengthsOf(made), lengthsOf(training, 7000))
    const open = lengthsOf(training).filter(([, one]) => one !== undefined)
    // One for each optimizer that has one.
    const decays: Partial<Record<PresetName, number>> = { modern: 2, draw: 1 }
    assert.lengthOf(open, decays[name] ?? 0)
  })
})

describe("a decay without a length", () => {
  const refused = (build: () => unknown): string => {
    try {
      build()
    } catch (error) {
      assert.instanceOf(error, RangeError)
      return String(error)
    }
    return assert.fail("not refused")
  }
  const open = { shape: "cosine", least: 1e-5 } as const
  const rate = new AdamSettings({ ...adam, learningRateDecay: open })
  const small = { model: { filters: 3, glimpses: 2, units: 6, latentSize: 3 } }
  const format = { channels: 1, height: 12, width: 12 }
  const cure = "missing; give a number, or use `decaysOver(training, updates)`"

  it("is refused by its path, with what to do, and is cured by that", () => {
    const { model: settings, training } = Result.getOrThrow(settingsFrom("modern", [small]))
    assert(training.objective === "adversarial")
    const model = modelOf(settings, format)
    for (const [path, change] of [
      ["generatorOptimizer.learningRateDecay", { generatorOptimizer: rate }],
      ["discriminatorOptimizer.learningRateDecay", { discriminatorOptimizer: rate }],
      ["gradientPenaltyDecay", { gradientPenalty: 5, gradientPenaltyDecay: open }]
    ] as const) {
      const options = { ...decaysOver(training, 1), shards: 1, ...change }
      assert.include(
        refused(() => trainingProgram(model, options)),
        `${path}.updates: ${cure}`
      )
      trainingProgram(model, decaysOver(options, 1))
    }
  })

  it("is refused likewise in a variational training, and in the state of either", () => {
    const { model: settings, training } = Result.getOrThrow(settingsFrom("vae"))
    assert(training.objective === "variational")
    const model = modelOf(settings, format)
    const options = { ...training, shards: 1, optimizer: rate }
    for (const build of [() => trainingProgram(model, options), () => trainingState(model, options)]) {
      assert.include(refused(build), `optimizer.learningRateDecay.updates: ${cure}`)
    }
    trainingProgram(model, decaysOver(options, 1))
  })
})
