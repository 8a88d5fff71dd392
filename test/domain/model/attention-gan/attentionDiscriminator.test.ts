import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { readerOf } from "../../../../src/domain/model/attention-gan/AttentionGanSettings.ts"
import { discriminate } from "../../../../src/domain/model/attention-gan/attentionDiscriminator.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import { assertClose } from "../../../support/assertClose.ts"
import { evaluateOne } from "../../../support/evaluateNamed.ts"
import { normals } from "../../../support/randomNumbers.ts"
import { matricesOf } from "../../attention/plainAttention.ts"
import { numbersFor, placeholdersOf, seeds, smallModels, under } from "../smallModels.ts"
import { plainLogit } from "./plainAttentionGan.ts"

describe("discriminate", () => {
  it("is eq. 3-5 in plain loops, for every image", () => {
    fc.assert(
      fc.property(smallModels, fc.integer({ min: 1, max: 3 }), seeds, ({ settings, format }, count, seed) => {
        const { channels, height, width } = format
        const { discriminator, discriminatorByPath } = placeholdersOf(settings, format)
        const parameters = numbersFor(seed, discriminatorByPath)
        const shape = [count, channels, height, width]
        const images = normals(seed, "images", shape)
        const logits = discriminate(discriminator, settings, placeholder("images", shape))
        assert.deepStrictEqual(logits.shape, [count])
        const sizes = { ...format, ...settings, ...readerOf(settings), activation: settings.activation.discriminator }
        const matrices = matricesOf(images, height, width)
        const expected = Array.from({ length: count }, (_, n) =>
          plainLogit(under("discriminator", parameters), sizes, matrices.slice(n * channels, (n + 1) * channels))
        )
        assertClose(evaluateOne(logits, { ...parameters, images }), expected, 1e-10)
      })
    )
  })

  it("judges each image by itself: the others of the batch do not influence it", () => {
    fc.assert(
      fc.property(smallModels, seeds, ({ settings, format }, seed) => {
        const { channels, height, width } = format
        const { discriminator, discriminatorByPath } = placeholdersOf(settings, format)
        const parameters = numbersFor(seed, discriminatorByPath)
        const shape = [2, channels, height, width]
        const logits = discriminate(discriminator, settings, placeholder("images", shape))
        const images = normals(seed, "images", shape)
        const other = images.map((value, i) => (i < images.length / 2 ? value + 1 : value))
        const [one, two] = [images, other].map((images) => evaluateOne(logits, { ...parameters, images }))
        assert.strictEqual(two?.[1], one?.[1])
      }),
      { numRuns: 30 }
    )
  })
})
