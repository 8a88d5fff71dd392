import { assert, describe, it } from "@effect/vitest"
import { samplingGenerator, trainedGenerator } from "../../../src/domain/experiment/sampling.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"

const number = (value: number) => tensorData([1], Float32Array.of(value))

const state = {
  "generator.a.weight": number(1),
  "generator.b": number(2),
  "discriminator.a": number(3),
  "optimizer.generator.first.b": number(4)
}
const averaged = { ...state, "average.a.weight": number(5), "average.b": number(6) }

describe("samplingGenerator", () => {
  it("is G where there is no average of it, and nothing else", () => {
    assert.deepStrictEqual(samplingGenerator(state), { "generator.a.weight": number(1), "generator.b": number(2) })
  })

  it("is the average under G's names where there is one; of what it gives itself too", () => {
    const expected = { "generator.a.weight": number(5), "generator.b": number(6) }
    assert.deepStrictEqual(samplingGenerator(averaged), expected)
    assert.deepStrictEqual(samplingGenerator(samplingGenerator(averaged)), expected)
  })
})

describe("trainedGenerator", () => {
  it("is G itself, whatever the average is", () => {
    assert.deepStrictEqual(trainedGenerator(averaged), trainedGenerator(state))
    assert.deepStrictEqual(Object.keys(trainedGenerator(averaged)), ["generator.a.weight", "generator.b"])
  })
})
