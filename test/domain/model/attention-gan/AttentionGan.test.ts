import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { attentionGan } from "../../../../src/domain/model/attention-gan/AttentionGan.ts"
import { generateImagesByPlan, latentPlanOf } from "../../../../src/domain/model/attention-gan/attentionGenerator.ts"
import { isParameterSpec, parameterCount } from "../../../../src/domain/nn/parameter.ts"
import { discriminatorLoss, generatorLoss } from "../../../../src/domain/objective/adversarial.ts"
import { gradient } from "../../../../src/domain/tensor/gradient.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import { flattenTree } from "../../../../src/domain/tensor/Tree.ts"
import { evaluateNamed, evaluateOne } from "../../../support/evaluateNamed.ts"
import { assertGradient } from "../../../support/gradientCheck.ts"
import { normals } from "../../../support/randomNumbers.ts"
import {
  mnistFormat,
  numbersFor,
  paperSettings,
  placeholdersOf,
  seeds,
  smallModels,
  smallSettings
} from "../smallModels.ts"

/** Both losses of a model on a batch, and the numbers that they depend on. */
const lossesOf = (settings: typeof paperSettings, format: typeof mnistFormat, batch: number, seed: number) => {
  const players = placeholdersOf(settings, format)
  const { model, generator, discriminator } = players
  const images = placeholder("images", [batch, format.channels, format.height, format.width])
  const made = model.generator.generate(generator, { batch, noise: "n" }).images
  const judge = (shown: typeof images) => model.discriminator.logits(discriminator, shown, { noise: "n" })
  return {
    ...players,
    lossOfD: discriminatorLoss(judge(images), judge(made)),
    lossOfG: generatorLoss(judge(made)),
    numbers: {
      ...numbersFor(seed, { ...players.generatorByPath, ...players.discriminatorByPath }),
      images: normals(seed, "images", images.shape)
    }
  }
}

describe("the parameters of the attention GAN", () => {
  const { generator, discriminator } = attentionGan(paperSettings, mnistFormat)
  const shapes = flattenTree(
    { generator: generator.parameters, discriminator: discriminator.parameters },
    isParameterSpec
  )

  // The names are those of checkpoints and exports: changing one breaks saved runs.
  it("have these names and, with the paper's settings, these shapes", () => {
    assert.deepStrictEqual(
      Object.entries(shapes).map(([path, { shape }]) => `${path} ${shape.join("x")}`),
      [
        "generator.initialHidden 1x256",
        "generator.initialCanvas 1x1x28x28",
        "generator.rnn.input.weight 100x256",
        "generator.rnn.input.bias 256",
        "generator.rnn.hidden.weight 256x256",
        "generator.rnn.hidden.bias 256",
        "generator.window.weight 256x5",
        "generator.window.bias 5",
        "generator.patch.weight 256x25",
        "generator.patch.bias 25",
        "discriminator.initialHidden 1x256",
        "discriminator.window.weight 256x5",
        "discriminator.window.bias 5",
        "discriminator.rnn.input.weight 281x256",
        "discriminator.rnn.input.bias 256",
        "discriminator.rnn.hidden.weight 256x256",
        "discriminator.rnn.hidden.bias 256",
        "discriminator.output.weight 256x1",
        "discriminator.output.bias 1"
      ]
    )
  })

  // Counted by hand from the shapes above.
  it("are 100,398 numbers in G and 139,782 in D with the paper's settings", () => {
    assert.strictEqual(parameterCount(generator.parameters), 256 + 784 + 25_856 + 65_792 + 1285 + 6425)
    assert.strictEqual(parameterCount(discriminator.parameters), 256 + 1285 + 72_192 + 65_792 + 257)
  })

  it("grow with the channels: patches and glimpses hold every channel", () => {
    const colour = attentionGan(paperSettings, { ...mnistFormat, channels: 3 })
    assert.deepStrictEqual(colour.generator.parameters.patch.weight.shape, [256, 75])
    assert.deepStrictEqual(colour.generator.parameters.initialCanvas.shape, [1, 3, 28, 28])
    assert.deepStrictEqual(colour.discriminator.parameters.rnn.input.weight.shape, [331, 256])
  })
})

describe("attentionGan", () => {
  it("draws by the plan of its settings", () => {
    const format = { channels: 1, height: 4, width: 4 }
    const plan = [
      { mean: 3, deviation: 0 },
      { mean: 0, deviation: 2 }
    ]
    for (const settings of [smallSettings(), smallSettings({ latentPlan: plan })]) {
      const { model, generator, generatorByPath } = placeholdersOf(settings, format)
      const numbers = numbersFor(1, generatorByPath)
      const call = { batch: 2, noise: "n" }
      const direct = generateImagesByPlan(generator, settings, format, { ...call, plan: latentPlanOf(settings) })
      assert.deepStrictEqual(
        evaluateOne(model.generator.generate(generator, call).images, numbers),
        evaluateOne(direct.images, numbers)
      )
    }
    assert.deepStrictEqual(latentPlanOf(smallSettings({ latentPlan: plan })), plan)
    assert.deepStrictEqual(latentPlanOf(smallSettings({ glimpses: 1 })), [{ mean: 0, deviation: 1 }])
  })

  const smooth = smallModels.filter(
    ({ settings: { activation } }) => activation.generator !== "relu" && activation.discriminator !== "relu"
  )

  it("has, in both losses, the gradient of its equations with respect to every parameter", () => {
    fc.assert(
      fc.property(smooth, seeds, ({ settings, format }, seed) => {
        const { lossOfD, lossOfG, generatorByPath, discriminatorByPath, numbers } = lossesOf(settings, format, 2, seed)
        assertGradient(lossOfD, { ...generatorByPath, ...discriminatorByPath }, numbers, { seed })
        assertGradient(lossOfG, { ...generatorByPath, ...discriminatorByPath }, numbers, { seed })
      }),
      { numRuns: 6 }
    )
  })

  it("learns every parameter: no gradient is zero, h_0 and c_0 included", () => {
    const settings = smallSettings({ filters: 3, units: 4 })
    const { lossOfD, lossOfG, generatorByPath, discriminatorByPath, numbers } = lossesOf(
      settings,
      { channels: 1, height: 5, width: 4 },
      3,
      1
    )
    const forG = gradient(lossOfG, generatorByPath)
    const forD = gradient(lossOfD, discriminatorByPath)
    const paths = [...Object.keys(forG), ...Object.keys(forD)]
    evaluateNamed([...Object.values(forG), ...Object.values(forD)], numbers).forEach((values, i) => {
      assert.isTrue(
        values.every((value) => value !== 0),
        paths[i]
      )
    })
    assert.includeMembers(paths, ["generator.initialHidden", "generator.initialCanvas", "discriminator.initialHidden"])
  })
})
