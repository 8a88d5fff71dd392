import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { encodeSafetensors } from "../../../src/domain/checkpoint/safetensors.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { codeBlock, imageSummaries, parameterSummaries, progressSummaries } from "../../../src/layers/log/summaries.ts"
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

  /** The first 33 bytes of a PNG of 258 x 3 pixels. */
  const png = (colourType: number): Uint8Array =>
    Uint8Array.of(
      ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52],
      ...[0, 0, 1, 2, 0, 0, 0, 3, 8, colourType, 0, 0, 0, 1, 2, 3, 4]
    )

  it("is an image of the channels that its colour type has, and nothing of what is no PNG", () => {
    const channels = [0, 1, 2, 3, 4, 5, 6, 7].map((colourType) => {
      const [summary] = imageSummaries("a.png", png(colourType))
      return summary !== undefined && "image" in summary ? summary.image.colorspace : undefined
    })
    assert.deepStrictEqual(channels, [1, undefined, 3, 3, 2, undefined, 4, undefined])
    // Also where the bytes begin within others.
    const within = Uint8Array.of(9, 9, 9, ...png(2), 9).subarray(3)
    assert.deepInclude(imageSummaries("a.png", within), {
      tag: "pictures/a",
      image: { width: 258, height: 3, colorspace: 3, encodedImageString: within }
    })
    for (let i = 0; i < 8; i++) assert.isEmpty(imageSummaries("a.png", png(2).with(i, 1)), `byte ${i}`)
    assert.isEmpty(imageSummaries("a.png", png(2).subarray(0, 20)))
  })

  it("is an image under the name of its file, without the folder and the last .png of it", () => {
    const tagOf = (path: string) => imageSummaries(path, png(2))[0]?.tag
    assert.deepStrictEqual(["runs/one/a.PNG", "C:\\runs\\b.png.old.png", "c"].map(tagOf), [
      "pictures/a",
      "pictures/b.png.old",
      "pictures/c"
    ])
  })

  it("is text in a fence that is longer than any in it", () => {
    assert.strictEqual(codeBlock("a"), "```\na\n```")
    assert.strictEqual(codeBlock("a ` b"), "```\na ` b\n```")
    assert.strictEqual(codeBlock("```\n`````"), "``````\n```\n`````\n``````")
  })
})
