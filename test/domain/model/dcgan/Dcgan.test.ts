import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { misfit } from "../../../../src/domain/experiment/ExperimentSettings.ts"
import { settingsFrom } from "../../../../src/domain/experiment/presets.ts"
import { dcgan } from "../../../../src/domain/model/dcgan/Dcgan.ts"
import { DcganSettings } from "../../../../src/domain/model/dcgan/DcganSettings.ts"
import type { ImageFormat } from "../../../../src/domain/model/GenerativeModel.ts"
import {
  isParameterSpec,
  parameterCount,
  parameterPlaceholders,
  trainedParameters
} from "../../../../src/domain/nn/parameter.ts"
import { concatenate } from "../../../../src/domain/tensor/movement.ts"
import { inputsFirst } from "../../../../src/domain/tensor/order.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import { isTensor, type Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { flattenTree } from "../../../../src/domain/tensor/Tree.ts"
import { weightedSum } from "../../../../src/testing/losses.ts"
import { assertClose } from "../../../support/assertClose.ts"
import { evaluateNamed, evaluateOne } from "../../../support/evaluateNamed.ts"
import { assertGradient } from "../../../support/gradientCheck.ts"
import { normals } from "../../../support/randomNumbers.ts"
import { mnistFormat, seeds } from "../smallModels.ts"

const small = (max: number, min = 1) => fc.integer({ min, max })

/** Maps of one to three layers. */
const layers = fc
  .tuple(small(3), fc.array(small(3), { maxLength: 2 }))
  .map(([first, others]) => [first, ...others] as const)

/** Small DCGANs of unequal depth, for images of unequal axes, odd ones too, and several channels. */
const models = fc
  .record({
    latentSize: small(3),
    generatorChannels: layers,
    discriminatorChannels: layers,
    kernelSize: small(5, 2),
    channels: small(3),
    height: small(7),
    width: small(7)
  })
  .map(({ channels, height, width, ...sizes }) => {
    const settings = new DcganSettings({ kind: "dcgan", leak: 0.2, weightDeviation: 0.5, ...sizes })
    return modelWith(settings, { channels, height, width })
  })

const modelWith = (settings: DcganSettings, format: ImageFormat) => {
  const model = dcgan(settings, format)
  const generator = parameterPlaceholders(model.generator.parameters, "generator")
  const discriminator = parameterPlaceholders(model.discriminator.parameters, "discriminator")
  const byPath: Readonly<Record<string, Tensor>> = flattenTree({ generator, discriminator }, isTensor)
  return { model, format, generator, discriminator, byPath }
}

/** Random numbers for placeholders by path; variances are positive. */
const numbersFor = (seed: number, placeholders: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(
    Object.entries(placeholders).map(([path, { shape }]) => [
      path,
      normals(seed, path, shape, 0.5).map((n) => (path.endsWith("Variance") ? Math.exp(n) : n))
    ])
  )

const images = (format: ImageFormat, count: number, name = "images") =>
  placeholder(name, [count, format.channels, format.height, format.width])

describe("dcgan's generator", () => {
  it("draws images of the format in [0, 1] from uniform latents on [-1, 1]", () => {
    fc.assert(
      fc.property(models, seeds, ({ model, format, generator, byPath }, seed) => {
        for (const batches of [undefined, 1] as const) {
          const call = { batch: 3, noise: "g", ...(batches === undefined ? {} : { batches }) }
          const { images, trajectory } = model.generator.generate(generator, call)
          assert.isUndefined(trajectory)
          assert.deepStrictEqual(images.shape, [3, format.channels, format.height, format.width])
          const values = evaluateOne(images, numbersFor(seed, byPath))
          assert.isTrue(values.every((value) => value >= 0 && value <= 1))
          const sources = inputsFirst([images]).flatMap((node) => (node.op === "noise" ? [node.parameters] : []))
          assert.deepStrictEqual(
            sources.map(({ stream, distribution }) => [stream, distribution]),
            [["g/z", { kind: "uniform" }]]
          )
        }
      }),
      { numRuns: 30 }
    )
  })

  it("draws an image from its own latent alone when it samples, and not in training", () => {
    const { model, generator, byPath } = modelWith(
      new DcganSettings({
        kind: "dcgan",
        latentSize: 3,
        generatorChannels: [3, 2],
        discriminatorChannels: [2, 3],
        kernelSize: 4,
        leak: 0.2,
        weightDeviation: 0.5
      }),
      { channels: 1, height: 8, width: 4 }
    )
    const numbers = numbersFor(1, byPath)
    // The first latents of a stream are the same however many are drawn.
    const first = (call: { readonly batch: number; readonly batches?: number }) =>
      evaluateOne(model.generator.generate(generator, { noise: "g", ...call }).images, numbers).slice(0, 2 * 32)
    assert.deepStrictEqual(first({ batch: 2 }), first({ batch: 5 }))
    assert.notDeepEqual(first({ batch: 2, batches: 1 }), first({ batch: 5, batches: 1 }))
  })
})

describe("dcgan's discriminator", () => {
  it("judges batches in one pass as it judges each by itself", () => {
    fc.assert(
      fc.property(models, seeds, ({ model, format, discriminator, byPath }, seed) => {
        const [real, drawn] = [images(format, 2, "real"), images(format, 2, "drawn")]
        const logits = (images: Tensor, batches: number) =>
          model.discriminator.logits(discriminator, images, { noise: "d", batches })
        const [both = [], ofReal = [], ofDrawn = []] = evaluateNamed(
          [logits(concatenate([real, drawn], 0), 2), logits(real, 1), logits(drawn, 1)],
          numbersFor(seed, { ...byPath, real, drawn })
        )
        assertClose(both, [...ofReal, ...ofDrawn], 1e-12)
      }),
      { numRuns: 50 }
    )
  })

  it("judges an image by itself where there is no training", () => {
    fc.assert(
      fc.property(models, seeds, ({ model, format, discriminator, byPath }, seed) => {
        const [one, other] = [images(format, 1, "one"), images(format, 1, "other")]
        const logits = (images: Tensor) => model.discriminator.logits(discriminator, images, { noise: "d" })
        const [together = [], alone = []] = evaluateNamed(
          [logits(concatenate([one, other], 0)), logits(one)],
          numbersFor(seed, { ...byPath, one, other })
        )
        assertClose([together[0] ?? 0], [alone[0] ?? Number.NaN], 1e-12)
      }),
      { numRuns: 50 }
    )
  })
})

describe("dcgan", () => {
  it("has the gradient of its equations, in training", () => {
    fc.assert(
      fc.property(models, seeds, ({ model, generator, discriminator, byPath }, seed) => {
        const { images } = model.generator.generate(generator, { batch: 3, noise: "g", batches: 1 })
        const loss = weightedSum(model.discriminator.logits(discriminator, images, { noise: "d", batches: 1 }))
        const trained = Object.fromEntries(Object.entries(byPath).filter(([path]) => !path.includes("running")))
        assertGradient(loss, trained, numbersFor(seed, byPath), { seed, spacing: 1e-5, kinks: true })
      }),
      { numRuns: 10 }
    )
  })

  it("tells the next values of exactly the parameters that are not trained", () => {
    fc.assert(
      fc.property(models, ({ model, format, generator, discriminator }) => {
        const untrained = (specs: typeof model.generator.parameters | typeof model.discriminator.parameters) => {
          const trained = trainedParameters(specs)
          return Object.keys(flattenTree(specs, isParameterSpec)).filter((path) => trained[path] === undefined)
        }
        const ofG = model.generator.statistics?.(generator, { batch: 2, noise: "g", batches: 1 }) ?? {}
        const shown = images(format, 4)
        const ofD = model.discriminator.statistics?.(discriminator, shown, { noise: "d", batches: 2 }) ?? {}
        assert.sameMembers(Object.keys(ofG), untrained(model.generator.parameters))
        assert.sameMembers(Object.keys(ofD), untrained(model.discriminator.parameters))
        assert.isAbove(Object.keys(ofG).length, 0)
      }),
      { numRuns: 20 }
    )
  })

  it("makes images of any size, from one pixel on", () => {
    const settings = Result.getOrThrow(settingsFrom("dcgan"))
    for (const format of [
      { channels: 1, height: 1, width: 1 },
      { channels: 1, height: 27, width: 30 },
      { channels: 3, height: 32, width: 64 }
    ]) {
      assert.isUndefined(misfit(settings, format, 1000))
    }
  })

  it("refuses settings out of range, by field", () => {
    for (const [field, value] of [
      ["kernelSize", 1],
      ["leak", 1.5],
      ["weightDeviation", 0],
      ["generatorChannels", []],
      ["discriminatorChannels", [0, 64]],
      ["latentSize", 1.5]
    ] as const) {
      const decoded = settingsFrom("dcgan", [{ model: { [field]: value } }])
      assert.match(Result.isFailure(decoded) ? decoded.failure.message : "accepted", new RegExp(`model\\.${field}`))
    }
  })

  // Radford 2015, section 3 and "details of adversarial training".
  it("has in its preset the published numbers", () => {
    const { model: settings, training } = Result.getOrThrow(settingsFrom("dcgan"))
    if (settings.kind !== "dcgan") assert.fail("another model")
    assert.deepInclude(settings, { latentSize: 100, leak: 0.2, weightDeviation: 0.02 })
    if (!("generatorOptimizer" in training)) assert.fail("another objective")
    for (const optimizer of [training.generatorOptimizer, training.discriminatorOptimizer]) {
      assert.deepInclude(optimizer, { kind: "adam", learningRate: 2e-4, beta1: 0.5, beta2: 0.999 })
    }
    const { generator, discriminator } = dcgan(settings, mnistFormat)
    // 28 x 28 pixels, halved three times: 4 x 4.
    const taps = settings.kernelSize ** 2
    const [g1, g2, g3] = [128, 64, 32]
    const ofG = 100 * 16 * g1 + 2 * g1 + taps * g1 * g2 + 2 * g2 + taps * g2 * g3 + 2 * g3 + taps * g3 + 1
    assert.deepStrictEqual(settings.generatorChannels, [g1, g2, g3])
    assert.strictEqual(parameterCount(generator.parameters), ofG)
    const [d1, d2, d3] = [32, 64, 128]
    const ofD = taps * d1 + d1 + taps * d1 * d2 + 2 * d2 + taps * d2 * d3 + 2 * d3 + 16 * d3 + 1
    assert.deepStrictEqual(settings.discriminatorChannels, [d1, d2, d3])
    assert.strictEqual(parameterCount(discriminator.parameters), ofD)
  })
})
