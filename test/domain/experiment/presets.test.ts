import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import {
  adversarialPreset,
  decodeSettings,
  deepMerge,
  presetNames,
  type SettingsJson,
  settingsFrom,
  settingsJson
} from "../../../src/domain/experiment/presets.ts"
import type { TrainingSettings } from "../../../src/domain/experiment/TrainingSettings.ts"
import { parameterCount } from "../../../src/domain/nn/parameter.ts"

/** The message of settings that must be refused. */
const refusal = (changes: SettingsJson): string =>
  Result.match(settingsFrom("paper", [changes]), {
    onFailure: ({ message }) => message,
    onSuccess: () => assert.fail("accepted")
  })

/** The optimizers of both players. */
const optimizersOf = (training: TrainingSettings | undefined) =>
  training?.objective === "adversarial" ? [training.generatorOptimizer, training.discriminatorOptimizer] : []

/** Settings as JSON with parts of their training replaced, not overlaid. */
const overlayTraining = (json: unknown, changes: object): unknown => {
  if (typeof json !== "object" || json === null || !("training" in json)) return json
  return { ...json, training: { ...Object(json.training), ...changes } }
}

const json = fc.dictionary(
  fc.constantFrom("a", "b", "c", "__proto__", "constructor"),
  fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.integer(),
      fc.string(),
      fc.constant(null),
      fc.array(fc.integer(), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom("a", "b", "__proto__"), tie("value"), { noNullPrototype: true })
    )
  })).value,
  { noNullPrototype: true }
)

/** JSON without the fields that are null. */
const withoutNulls = (value: unknown): unknown =>
  typeof value !== "object" || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value).flatMap(([name, inner]) => (inner === null ? [] : [[name, withoutNulls(inner)]]))
      )

describe("presets", () => {
  it("are complete and sound", () => {
    for (const name of presetNames) {
      const settings = Result.getOrThrow(settingsFrom(name))
      assert.strictEqual(settings.name, name)
    }
  })

  // PAPER section 2, the table's first row; section 3.1 for the data.
  it("the paper's has the paper's numbers", () => {
    const { dataset, model, training } = Result.getOrThrow(settingsFrom("paper"))
    assert.deepStrictEqual(dataset, { kind: "mnist" })
    assert.deepInclude(model, { filters: 5, glimpses: 6, units: 256, latentSize: 100, canvasStart: "marginals" })
    // N(0, 1) at every step.
    assert.notProperty(model, "latentPlan")
    assert.deepInclude(training, { epochs: 49, batchSize: 100, sharedNoise: false })
    assert.isUndefined(training.updates)
    assert(training.objective === "adversarial")
    for (const optimizer of [training.generatorOptimizer, training.discriminatorOptimizer]) {
      assert.deepInclude(optimizer, { learningRate: 3.75e-4, beta1: 0.75, beta2: 0.999 })
      // Which the paper leaves open: decision 35.
      assert.deepInclude(optimizer, { maxGradientNorm: 5 })
    }
  })

  it("the baseline's, the 4 x 4 filters' and the zero canvas's have the paper's numbers (PAPER section 2, table; section 3)", () => {
    const [paper, baseline, four, zero] = (["paper", "baseline", "four-filters", "zero-canvas"] as const).map((name) =>
      Result.getOrThrow(settingsFrom(name))
    )
    const adams = (settings: typeof paper) =>
      optimizersOf(settings?.training).map((adam) => [
        adam?.learningRate,
        ...(adam?.kind === "adam" ? [adam.beta1, adam.beta2] : [])
      ])
    assert.deepStrictEqual(baseline?.training.epochs, 99)
    assert.deepStrictEqual(adams(baseline), [
      [1e-3, 0.5, 0.999],
      [1e-3, 0.5, 0.999]
    ])
    assert.deepInclude(baseline?.model, { kind: "goodfellow-gan", latentSize: 100, generatorUnits: 1200 })
    assert.deepStrictEqual(four?.training.epochs, 71)
    assert.deepStrictEqual(adams(four), [
      [0.5e-3, 0.9, 0.999],
      [0.5e-3, 0.9, 0.999]
    ])
    const as = (settings: typeof paper, changes: object): unknown => ({ ...settings?.model, ...changes })
    assert.deepStrictEqual(as(four, { filters: 5 }), as(paper, {}))
    assert.deepStrictEqual(as(zero, { canvasStart: "marginals" }), as(paper, {}))
    assert.notDeepEqual(as(four, {}), as(paper, {}))
    assert.notDeepEqual(as(zero, {}), as(paper, {}))
    assert.deepStrictEqual(zero?.training, paper?.training)
  })

  // goodfeli/adversarial, mnist.yaml; D's loss is halved there, which momentum feels as half the step size.
  it("modern is the paper's model with gates, larger windows, a reader of its own, softer writing and one latent, trained with an average, a penalty that follows D's lead and step sizes that fall", () => {
    const [paper, modern] = (["paper", "modern"] as const).map((name) => Result.getOrThrow(settingsFrom(name)))
    assert(modern?.model.kind === "attention-gan" && modern.training.objective === "adversarial")
    const { filters, latentSteps, reader, readingStart, writingStart, writingBlur, ...rest } = modern.model
    assert.deepEqual<unknown>({ ...rest, filters: 5 }, { ...paper?.model, cell: "gated" })
    // Both go through windows that are coarser than the image, G in more steps.
    assert.isAbove(reader?.filters ?? 0, 5)
    assert.isBelow(reader?.filters ?? 28, 28)
    assert.isBelow(filters, 28)
    assert.isAbove(reader?.glimpses ?? 0, 1)
    assert.isAbove(modern.model.glimpses, reader?.glimpses ?? 99)
    assert.strictEqual(latentSteps, 1)
    assert.isAtLeast(writingBlur ?? 0, 1)
    // D begins with the whole image in view, through filters wide enough to leave no gaps; G within it.
    assert.deepEqual({ ...readingStart }, { logVariance: 1, logStride: 0 })
    assert.isBelow(writingStart?.logStride ?? 0, 0)
    const { epochs, averageDecay = 0, gradientPenalty, gradientPenaltyDecay } = modern.training
    const { generatorOptimizer, discriminatorOptimizer } = modern.training
    assert.isAtMost(epochs, paper?.training.epochs ?? 0)
    assert.deepInclude(modern.training, { batchSize: 100, sharedNoise: false })
    assert(typeof gradientPenalty === "object")
    assert.isUndefined(gradientPenaltyDecay)
    assert.isAbove(averageDecay, 0.99)
    for (const optimizer of [generatorOptimizer, discriminatorOptimizer]) {
      // They fall over the whole training, however long it is made.
      assert(optimizer.kind === "adam")
      assert.isAbove(optimizer.maxGradientNorm ?? 0, 1)
      assert.isDefined(optimizer.learningRateDecay)
      assert.strictEqual(optimizer.learningRateDecay?.updates, undefined)
    }
  })

  it.each([
    { training: { gradientPenalty: 0 }, field: "training.gradientPenalty" },
    { training: { gradientPenalty: "5" }, field: "training.gradientPenalty" },
    { training: { gradientPenalty: { perNatOfLead: 0 } }, field: "training.gradientPenalty.perNatOfLead" },
    { training: { averageDecay: 1 }, field: "training.averageDecay" },
    { training: { averageDecay: 0 }, field: "training.averageDecay" },
    { model: { cell: "lstm" }, field: "model.cell" }
  ])("refuse $field of $training $model by its path", ({ field, ...changes }) => {
    assert.include(refusal(changes), field)
  })

  it("goodfellow is the baseline's network under the optimizer of its authors' published configuration", () => {
    const [baseline, goodfellow] = (["baseline", "goodfellow"] as const).map((name) =>
      Result.getOrThrow(settingsFrom(name))
    )
    assert.deepStrictEqual(goodfellow?.model, baseline?.model)
    const common = {
      kind: "momentum",
      decayFactor: 1.000004,
      initialMomentum: 0.5,
      finalMomentum: 0.7,
      rampUpdates: 249 * 500
    }
    assert.deepInclude(goodfellow?.training, { batchSize: 100, sharedNoise: true, simultaneous: true })
    const [generatorOptimizer, discriminatorOptimizer] = optimizersOf(goodfellow?.training)
    assert.deepEqual({ ...generatorOptimizer }, { ...common, learningRate: 0.1, leastLearningRate: 1e-6 })
    assert.deepEqual({ ...discriminatorOptimizer }, { ...common, learningRate: 0.05, leastLearningRate: 5e-7 })
  })

  it("settings are the same after a way through JSON", () => {
    for (const name of presetNames) {
      const settings = Result.getOrThrow(settingsFrom(name))
      const text = JSON.stringify(settingsJson(settings))
      assert.deepStrictEqual(Result.getOrThrow(decodeSettings(JSON.parse(text))), settings)
    }
  })
})

describe("overlay", () => {
  it("keeps what the other does not mention, takes what it does, and nests", () => {
    assert.deepStrictEqual(deepMerge({ a: { b: 1, c: 2 }, d: 3 }, { a: { b: 9 }, e: 4 }), {
      a: { b: 9, c: 2 },
      d: 3,
      e: 4
    })
    assert.deepStrictEqual(deepMerge({ a: { b: 1 } }, { a: [1] }), { a: [1] })
    assert.deepStrictEqual(deepMerge({ a: [1, 2] }, { a: { b: 1 } }), { a: { b: 1 } })
    // RFC 7396, appendix A.
    assert.deepStrictEqual(deepMerge({ a: "b", b: "c" }, { a: null }), { b: "c" })
    assert.deepStrictEqual(deepMerge({ a: { b: "c" } }, { a: { b: "d", c: null } }), { a: { b: "d" } })
    assert.deepStrictEqual(deepMerge({ e: null }, { a: 1 }), { e: null, a: 1 })
    assert.deepStrictEqual(deepMerge({}, { a: { bb: { ccc: null } } }), { a: { bb: {} } })
  })

  it("replaces an object of another kind whole", () => {
    const under = { dataset: { kind: "idx", directory: "data" } }
    assert.deepStrictEqual(deepMerge(under, { dataset: { kind: "mnist" } }), { dataset: { kind: "mnist" } })
    assert.deepStrictEqual(deepMerge(under, { dataset: { kind: "idx" } }), under)
    assert.deepStrictEqual(deepMerge(under, { dataset: { kind: null } }), { dataset: { directory: "data" } })
    assert.deepStrictEqual(deepMerge(under, { dataset: { directory: "other" } }), {
      dataset: { kind: "idx", directory: "other" }
    })
  })

  it("with nothing changes nothing; over nothing, and over itself, is itself but for what it takes away; twice is once", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        assert.deepStrictEqual(deepMerge(a, {}), a)
        const whole = deepMerge({}, a)
        assert.deepStrictEqual<unknown>(whole, withoutNulls(a))
        assert.deepStrictEqual(deepMerge(whole, a), whole)
        assert.deepStrictEqual(deepMerge(deepMerge(a, b), b), deepMerge(a, b))
        assert.isUndefined(Reflect.get({}, "a"))
      })
    )
  })
})

describe("decodeSettings", () => {
  it("names a misspelt field, a missing one, and one of the wrong type, by path", () => {
    assert.strictEqual(refusal({ model: { filterz: 3 } }), "model.filterz: there is no such setting")
    // What takes nothing away would go unseen.
    assert.strictEqual(refusal({ model: { filterz: null } }), "model.filterz: there is no such setting")
    assert.strictEqual(refusal({ trainnig: null }), "trainnig: there is no such setting")
    assert.strictEqual(refusal({ training: { epochs: null } }), "training.epochs: is missing")
    assert.strictEqual(refusal({ training: { batchSize: "4" } }), 'training.batchSize: expected number, not "4"')
    assert.strictEqual(refusal({ dataset: { kind: "idx" } }), "dataset.directory: is missing")
    assert.strictEqual(refusal({ model: { units: 2.5 } }), "model.units: expected an integer, not 2.5")
    assert.strictEqual(
      refusal({ training: [] }),
      'training: expected settings of a training whose objective is "adversarial" or "variational", not an array'
    )
    assert.strictEqual(
      refusal({ model: { activation: { generator: "tnh" } } }),
      'model.activation.generator: expected "tanh" | "sigmoid" | "relu", not "tnh"'
    )
  })

  it("takes a training without objective for an adversarial one, as older settings have it, and else one of its own", () => {
    const settings = Result.getOrThrow(settingsFrom("paper"))
    const { objective: _objective, ...older } = { ...settings.training }
    assert.deepStrictEqual(
      Result.getOrThrow(decodeSettings({ ...Object(settingsJson(settings)), training: older })),
      settings
    )
    assert.include(
      refusal({ training: { objective: "both" } }),
      'training: expected settings of a training whose objective is "adversarial" or "variational"'
    )
    // Of another objective, nothing is kept of what it is laid over.
    assert.match(refusal({ training: { objective: "variational", epochs: 1 } }), /training\.batchSize: is missing/)
    assert.notInclude(refusal({ training: { objective: "variational", epochs: 1 } }), "generatorOptimizer")
  })

  it("takes an optimizer without kind for Adam, as older settings have it, and else the one of its kind", () => {
    const adam = { learningRate: 1, beta1: 0.5, beta2: 0.9, epsilon: 1 }
    const json = settingsJson(Result.getOrThrow(settingsFrom("paper")))
    const decoded = decodeSettings(overlayTraining(json, { generatorOptimizer: adam }))
    assert.deepEqual({ ...optimizersOf(Result.getOrThrow(decoded).training)[0] }, { ...adam, kind: "adam" })
    const refused = (generatorOptimizer: unknown) => refusal({ training: { generatorOptimizer } })
    const field = "training.generatorOptimizer"
    assert.strictEqual(refused({ beta1: 1 }), `${field}.beta1: must lie in [0, 1), not 1`)
    assert.include(refused({ kind: "sgd" }), `${field}: expected settings of an optimizer of kind "adam" or "momentum"`)
    assert.match(
      refused({ kind: "momentum", learningRate: 1 }),
      /^training\.generatorOptimizer\.decayFactor: is missing/
    )
    assert.notInclude(refused({ kind: "momentum", learningRate: 1 }), "beta1")
  })

  it("names every fault, on one line", () => {
    const message = refusal({ seed: -1, model: { glimpses: 0, filterz: 1 } })
    for (const part of ["seed: ", "model.glimpses: ", "model.filterz: "]) assert.include(message, part)
    assert.notInclude(message, "\n")
  })

  it("of what is no object at all says so", () => {
    for (const wrong of [null, 1, "text", [], undefined]) {
      const message = Result.match(decodeSettings(wrong), { onFailure: (error) => error.message, onSuccess: () => "" })
      assert.match(message, /^settings: expected object/)
    }
  })

  it("answers anything laid over a preset with settings or one line that names a field", () => {
    const fields = fc.constantFrom("name", "seed", "dataset", "model", "training", "reporting", "other")
    fc.assert(
      fc.property(fc.dictionary(fields, fc.jsonValue(), { noNullPrototype: true }), (changes) => {
        const decoded = settingsFrom("paper", [changes])
        if (Result.isFailure(decoded)) assert.match(decoded.failure.message, /^[^\n]+: [^\n]+$/)
        else assert.deepStrictEqual(Result.getOrThrow(decodeSettings(settingsJson(decoded.success))), decoded.success)
      }),
      { numRuns: 300 }
    )
  })

  it("is not reached by prototypes", () => {
    const changes: SettingsJson = JSON.parse('{ "model": { "__proto__": { "filters": 2 } } }')
    assert.strictEqual(refusal(changes), "model.__proto__: there is no such setting")
    assert.isUndefined(Reflect.get({}, "filters"))
  })
})

describe("adversarialPreset", () => {
  it("is the model of the preset's settings, where it has two players", () => {
    const format = { channels: 1, height: 12, width: 12 }
    const models = presetNames.map((name) => {
      const { objective } = Result.getOrThrow(settingsFrom(name)).training
      if (objective === "adversarial") return adversarialPreset(name, format).name
      assert.throws(
        () => adversarialPreset(name, format),
        `"${name}" has no discriminator: its objective is variational`
      )
      return objective
    })
    assert.sameMembers([...new Set(models)], ["attention-gan", "goodfellow-gan", "dcgan", "variational"])
  })

  it("takes changes of the model's settings, and says which of them is wrong", () => {
    const format = { channels: 1, height: 12, width: 12 }
    const few = adversarialPreset("paper", format, { units: 16 })
    assert.isBelow(
      parameterCount(few.generator.parameters),
      parameterCount(adversarialPreset("paper", format).generator.parameters)
    )
    assert.throws(() => adversarialPreset("paper", format, { units: 0 }), "units")
  })
})
