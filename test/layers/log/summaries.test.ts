import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { encodeSafetensors } from "../../../src/domain/checkpoint/safetensors.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { codeBlock, parameterSummaries, progressSummaries } from "../../../src/layers/log/summaries.ts"
import { progress } from "./trainingEvents.ts"

describe("what TensorBoard is shown", () => {
  it("is every metric under its name, and the run's epoch and speed", () => {
    const event = progress({ metrics: { loss: 2, nan: Number.NaN }, epoch: 1.5, updatesPerSecond: 30 })
    assert.deepStrictEqual(progressSummaries(event), [
      { tag: "metrics/loss", simpleValue: 2 },
      { tag: "metrics/nan", simpleValue: Number.NaN },
      { tag: "run/epoch", simpleValue: 1.5 },
      { tag: "run/updatesPerSecond", simpleValue: 30 }
    ])
  })

  it("is a histogram of every parameter that has finite numbers, none of the optimiser's", () => {
    const two = tensorData([2], Float32Array.of(1, 1))
    const bytes = encodeSafetensors({
      "generator.a.b": two,
      "optimizer.a": two,
      "an.optimizer.a": two,
      "generator.lost": tensorData([1], Float32Array.of(Number.NaN))
    })
    const tags = Result.getOrThrow(parameterSummaries(bytes)).map(({ tag }) => tag)
    assert.deepStrictEqual(tags.toSorted(), ["an/optimizer.a", "generator/a.b"])
    assert.isTrue(Result.isFailure(parameterSummaries(bytes.subarray(1))))
  })

  it("is text in a fence that is longer than any in it", () => {
    assert.strictEqual(codeBlock("a"), "```\na\n```")
    assert.strictEqual(codeBlock("a ` b"), "```\na ` b\n```")
    assert.strictEqual(codeBlock("```\n`````"), "``````\n```\n`````\n``````")
  })
})
