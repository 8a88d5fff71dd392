import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeSettings, presetJson, presetNames } from "../../../src/domain/experiment/presets.ts"
import { imagesProgram } from "../../../src/domain/experiment/sampling.ts"
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
