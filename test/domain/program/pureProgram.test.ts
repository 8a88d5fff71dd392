import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { classifierPreset } from "../../../src/domain/experiment/ClassifierExperiment.ts"
import { classifyingProgram } from "../../../src/domain/experiment/classifierTraining.ts"
import { decodeSettings, presetJson, presetNames } from "../../../src/domain/experiment/presets.ts"
import { imagesProgram } from "../../../src/domain/experiment/sampling.ts"
import { elboProgram } from "../../../src/domain/experiment/variationalTraining.ts"
import { classifierModel } from "../../../src/domain/model/classifier/Classifier.ts"
import { modelOf } from "../../../src/domain/model/modelOf.ts"
import { make } from "../../../src/domain/program/Program.ts"
import { nextName, pureProgram, stepAsFunction } from "../../../src/domain/program/pureProgram.ts"
import { anyBatch } from "../../../src/domain/tensor/anyBatch.ts"
import { add } from "../../../src/domain/tensor/arithmetic.ts"

describe("samples as a pure function", () => {
  // `sampleImages` takes it for granted.
  it.each(presetNames)("are one program for any batch of the model of the preset %s", (preset) => {
    const settings = Result.getOrThrow(decodeSettings(presetJson(preset)))
    const model = modelOf(settings.model, { channels: 1, height: 28, width: 28 })
    const options = { prefix: "", dropout: "inputs" } as const
    const { program, latents } = pureProgram(model.name, (batch) => imagesProgram(model, batch), options)
    assert.deepStrictEqual(program.outputs.images.shape, [anyBatch, 1, 28, 28])
    assert.isNotEmpty(latents)
  })

  it("are one program for any batch of the classifier, and of a variational model's bound", () => {
    const format = { channels: 1, height: 28, width: 28 }
    const settings = Result.getOrThrow(decodeSettings(presetJson("vae")))
    const model = modelOf(settings.model, format)
    assert(model.objective === "variational")
    const classifier = classifierModel(classifierPreset.model, format, 10)
    for (const known of [
      (batch: number) => elboProgram(model, batch),
      (batch: number) => classifyingProgram(classifier, batch)
    ]) {
      const { program } = pureProgram<"images", string>("known", known, { prefix: "", dropout: "inputs" })
      for (const { shape } of Object.values(program.outputs)) assert.strictEqual(shape[0], anyBatch)
    }
  })

  it("have the state that a step moves as inputs, and what becomes of it as outputs", () => {
    const one = { shape: [2], initialiser: { kind: "constant", value: 1 } } as const
    const walk = make("walk", {
      state: { x: one, step: one },
      step: ({ x, step }) => ({ next: { x: add(x, step) }, outputs: { x } })
    })
    const { state, inputs, outputs } = stepAsFunction(walk)
    assert.deepStrictEqual([Object.keys(state), Object.keys(inputs)], [["step"], ["x"]])
    assert.deepStrictEqual(Object.keys(outputs), ["x", nextName("x")])
    assert.strictEqual(outputs[nextName("x")], walk.next["x"])
  })
})
