import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { windowTable } from "../../../src/domain/attention/window.ts"
import { attentionGan } from "../../../src/domain/model/attention-gan/AttentionGan.ts"
import { readImages } from "../../../src/domain/model/attention-gan/attentionDiscriminator.ts"
import { draw } from "../../../src/domain/model/draw/Draw.ts"
import { DrawSettings } from "../../../src/domain/model/draw/DrawSettings.ts"
import { initialise, parameterPlaceholders } from "../../../src/domain/nn/parameter.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed } from "../../support/evaluateNamed.ts"
import { seeds, smallSettings } from "./smallModels.ts"

const format = { channels: 1, height: 5, width: 7 }
const batch = 2
const images = placeholder("images", [batch, 1, format.height, format.width])

const starts = fc.record({
  logVariance: fc.double({ min: -3, max: 3, noNaN: true }),
  logStride: fc.double({ min: -3, max: 3, noNaN: true })
})

/** What a model's fresh parameters are, and images, by name. */
const freshNumbers = (parameters: Parameters<typeof initialise>[0], seed: number) => {
  const half = tensorData([1, format.height, format.width], new Float32Array(format.height * format.width).fill(0.5))
  const found = initialise(parameters, seed, { mean: half, sample: half })
  return {
    ...Object.fromEntries(Object.entries(found).map(([path, { values }]) => [path, Float64Array.from(values)])),
    images: new Float64Array(batch * format.height * format.width).fill(0.25)
  }
}

/** Every window must be in the middle, with the stride and sigma of the start and an intensity of 1. */
const assertStarts = (
  tables: ReadonlyArray<Tensor>,
  numbers: ReturnType<typeof freshNumbers>,
  { logVariance, logStride }: typeof starts extends fc.Arbitrary<infer Start> ? Start : never,
  filters: number
) => {
  const stride = ((Math.max(format.height, format.width) - 1) / (filters - 1)) * Math.exp(logStride)
  const one = [(format.width + 1) / 2, (format.height + 1) / 2, stride, Math.exp(logVariance / 2), 1]
  for (const row of evaluateNamed(tables, numbers)) {
    const expected = Array.from({ length: row.length / one.length }, () => one).flat()
    assertClose(row, expected, 1e-5)
  }
}

describe("windows before training, where the hidden state does not move them", () => {
  it("of both players of the attention GAN are where the settings say", () => {
    fc.assert(
      fc.property(seeds, starts, starts, (seed, readingStart, writingStart) => {
        const settings = smallSettings({ windowScale: 0, filters: 3, readingStart, writingStart })
        const model = attentionGan(settings, format)
        const tree = { generator: model.generator.parameters, discriminator: model.discriminator.parameters }
        const numbers = freshNumbers(tree, seed)
        const generator = parameterPlaceholders(tree.generator, "generator")
        const discriminator = parameterPlaceholders(tree.discriminator, "discriminator")
        const { windows } = readImages(discriminator, settings, images)
        assertStarts(windows.map(windowTable), numbers, readingStart, 3)
        const { trajectory } = model.generator.generate(generator, { batch: batch, noise: "g" })
        assertStarts(trajectory?.windows ?? [], numbers, writingStart, 3)
        assert.lengthOf(trajectory?.windows ?? [], settings.glimpses)
      }),
      { numRuns: 20 }
    )
  })

  it("without settings have the whole image in view, filters one pixel wide", () => {
    const model = attentionGan(smallSettings({ windowScale: 0, filters: 3 }), format)
    const tree = { generator: model.generator.parameters }
    const { trajectory } = model.generator.generate(parameterPlaceholders(tree.generator, "generator"), {
      batch: 1,
      noise: "g"
    })
    assertStarts(trajectory?.windows ?? [], freshNumbers(tree, 1), { logVariance: 0, logStride: 0 }, 3)
  })

  it("of DRAW's reader are where the settings say", () => {
    fc.assert(
      fc.property(seeds, starts, (seed, readingStart) => {
        const settings = new DrawSettings({
          kind: "draw",
          attention: true,
          readFilters: 3,
          writeFilters: 2,
          glimpses: 2,
          units: 3,
          latentSize: 2,
          windowScale: 0,
          readingStart
        })
        const model = draw(settings, format)
        const tree = { generator: model.generator.parameters, encoder: model.encoder.parameters }
        const generator = parameterPlaceholders(tree.generator, "generator")
        const encoder = parameterPlaceholders(tree.encoder, "encoder")
        const { readings } = model.infer({ generator, encoder }, images, { noise: "i" })
        assert.lengthOf(readings ?? [], 2)
        assertStarts(readings ?? [], freshNumbers(tree, seed), readingStart, 3)
      }),
      { numRuns: 10 }
    )
  })
})
