import { assert, describe, it } from "@effect/vitest"
import { ClassifierExperiment, classifierPreset } from "../../../src/domain/experiment/ClassifierExperiment.ts"
import {
  classifierIdentity,
  classifierIncompatibility
} from "../../../src/domain/experiment/classifierIncompatibility.ts"
import { classifierModel } from "../../../src/domain/model/classifier/Classifier.ts"
import { add, multiply } from "../../../src/domain/tensor/arithmetic.ts"

const format = { channels: 1, height: 28, width: 28 }
const model = classifierModel(classifierPreset.model, format, 10)
const data = { name: "mnist", digests: { images: "a", labels: "b" } }
const identity = classifierIdentity(model, classifierPreset, data)

const withSettings = (changes: Partial<ClassifierExperiment>) =>
  classifierIdentity(model, new ClassifierExperiment({ ...classifierPreset, ...changes }), data)

const fieldOf = (found: typeof identity): string | undefined =>
  classifierIncompatibility(found, identity, "some/folder")?.field.replace("classifier: ", "")

describe("classifierIncompatibility", () => {
  it("is none for a checkpoint of the same classifier, also when it comes from JSON", () => {
    assert.isUndefined(fieldOf(identity))
    assert.isUndefined(fieldOf(JSON.parse(JSON.stringify(identity))))
  })

  it("names the model, each setting, the format, the classes and the data", () => {
    const { optimizer } = classifierPreset
    const cases: ReadonlyArray<readonly [field: string, found: typeof identity]> = [
      ["model", { ...identity, model: "attention-gan" }],
      ["settings.seed", withSettings({ seed: 7 })],
      ["settings.epochs", withSettings({ epochs: 100 })],
      ["settings.batchSize", withSettings({ batchSize: 1 })],
      ["settings.shift", withSettings({ shift: 9 })],
      ["settings.averageDecay", withSettings({ averageDecay: 0.5 })],
      ["settings.optimizer.learningRate", withSettings({ optimizer: { ...optimizer, learningRate: 1 } })],
      ["settings.model.kernels.1", withSettings({ model: { ...classifierPreset.model, kernels: [16, 1] } })],
      [
        "format.width",
        classifierIdentity(
          classifierModel(classifierPreset.model, { ...format, width: 27 }, 10),
          classifierPreset,
          data
        )
      ],
      ["classes", classifierIdentity(classifierModel(classifierPreset.model, format, 9), classifierPreset, data)],
      ["dataset", classifierIdentity(model, classifierPreset, { ...data, name: "digits" })],
      ["dataset", classifierIdentity(model, classifierPreset, { ...data, digests: { images: "a" } })],
      ["dataset", classifierIdentity(model, classifierPreset, { ...data, digests: { ...data.digests, more: "c" } })]
    ]
    for (const [field, found] of cases) assert.strictEqual(fieldOf(found), field)
  })

  it("knows data by their digests, whatever their folder is called, and names both where they differ", () => {
    const named = (name: string, labels = "b") =>
      classifierIdentity(model, classifierPreset, { name, digests: { images: "a", labels } })
    assert.isUndefined(classifierIncompatibility(named("folder:own"), named("folder:moved"), "some/folder"))
    assert.include(
      classifierIncompatibility(named("folder:own"), named("folder:own", "c"), "some/folder")?.problem,
      "other data (labels differs: SHA-256 b there, SHA-256 c here)"
    )
    // The same files, divided by another rule.
    assert.include(classifierIncompatibility(named("idx:own"), named("fashion-mnist"), "some/folder")?.problem, '"idx"')
  })

  it("names the program if the code behind the same settings computes something else, in training or classifying", () => {
    const changed = (changes: Partial<typeof model>) =>
      fieldOf(classifierIdentity({ ...model, ...changes }, classifierPreset, data))
    assert.strictEqual(
      changed({ features: (parameters, images) => multiply(model.features(parameters, images), 0.5) }),
      "program"
    )
    assert.strictEqual(changed({ logits: (parameters, seen) => add(model.logits(parameters, seen), 1) }), "program")
    assert.isUndefined(changed({ logits: (parameters, seen) => model.logits(parameters, seen) }))
  })

  it("says what was there, what is wanted, and what to do", () => {
    assert.strictEqual(
      classifierIncompatibility(withSettings({ epochs: 100 }), identity, "some/folder")?.message,
      `classifier: settings.epochs: the checkpoint in some/folder was made with 100, but ${classifierPreset.epochs} ` +
        "is asked for: remove it, or use another folder"
    )
  })
})
