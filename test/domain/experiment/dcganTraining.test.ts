import { assert, describe, it } from "@effect/vitest"
import { adversarialProgram, adversarialState } from "../../../src/domain/experiment/adversarialTraining.ts"
import { dcgan } from "../../../src/domain/model/dcgan/Dcgan.ts"
import { DcganSettings } from "../../../src/domain/model/dcgan/DcganSettings.ts"
import {
  isParameterSpec,
  type ParameterSpec,
  parameterPlaceholders,
  trainedParameters,
  trainedTensors
} from "../../../src/domain/nn/parameter.ts"
import { discriminatorLoss, generatorLoss } from "../../../src/domain/objective/adversarial.ts"
import { AdamSettings } from "../../../src/domain/optim/OptimizerSettings.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { stagesOf } from "../../../src/domain/tensor/stages.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { flattenTree, mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed, evaluateOne } from "../../support/evaluateNamed.ts"
import { normals } from "../../support/randomNumbers.ts"
import { plainUpdate } from "./plainUpdate.ts"

const settings = new DcganSettings({
  kind: "dcgan",
  latentSize: 2,
  generatorChannels: [2, 2],
  discriminatorChannels: [2, 2],
  kernelSize: 3,
  leak: 0.2,
  weightDeviation: 0.5
})
const format = { channels: 1, height: 4, width: 8 }
const batch = 3
const model = dcgan(settings, format)
const generator = parameterPlaceholders(model.generator.parameters, "generator")
const discriminator = parameterPlaceholders(model.discriminator.parameters, "discriminator")
const imagesShape = [batch, 1, 4, 8]
const images = placeholder("images", imagesShape)

const optimizers = {
  generatorOptimizer: new AdamSettings({ learningRate: 0.02, beta1: 0.6, beta2: 0.9, epsilon: 1e-3 }),
  discriminatorOptimizer: new AdamSettings({ learningRate: 0.3, beta1: 0.4, beta2: 0.8, epsilon: 1e-2 })
}

/** The trained parameters of a player as a program names them. */
const trainedOf = (player: "generator" | "discriminator") =>
  mapKeys(
    player === "generator"
      ? trainedTensors(model.generator.parameters, generator)
      : trainedTensors(model.discriminator.parameters, discriminator),
    (path) => `${player}.${path}`
  )

const mapKeys = <Value>(record: Readonly<Record<string, Value>>, f: (key: string) => string) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [f(key), value]))

const judge = (fakes: Tensor): Tensor => model.discriminator.logits(discriminator, fakes, { noise: "any", batches: 1 })

/** The mean and the variance of each channel of maps `[n, channels, rows, columns]`, by plain loops. */
const plainStatistics = (maps: Float64Array, [count = 1, channels = 1, ...plane]: ReadonlyArray<number>) => {
  const pixels = plane.reduce((size, n) => size * n, 1)
  return Array.from({ length: channels }, (_, channel) => {
    const values = Array.from({ length: count }, (_, i) =>
      Array.from(maps.slice((i * channels + channel) * pixels, (i * channels + channel + 1) * pixels))
    ).flat()
    const mean = values.reduce((total, value) => total + value, 0) / values.length
    return { mean, variance: values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length }
  })
}

describe.each([
  { sharedNoise: false, offered: "generator" },
  { sharedNoise: true, offered: "discriminator" }
])("adversarialProgram of a DCGAN with sharedNoise = $sharedNoise", ({ sharedNoise, offered }) => {
  const program = adversarialProgram(model, { ...optimizers, batchSize: batch, sharedNoise })
  const before: Record<string, Float64Array> = {
    ...Object.fromEntries(
      Object.entries(program.state).map(([path, { shape }]) => [
        path,
        path.endsWith(".updates")
          ? Float64Array.of(3)
          : normals(3, path, shape, 0.5).map((n) =>
              path.includes(".second.") || path.endsWith("Variance") ? Math.abs(n) : n
            )
      ])
    ),
    images: normals(3, "images", imagesShape)
  }
  const names = [...Object.keys(program.next), ...Object.keys(program.outputs)]
  const values = evaluateNamed([...Object.values(program.next), ...Object.values(program.outputs)], before)
  const after = Object.fromEntries(names.map((name, i) => [name, values[i] ?? new Float64Array(0)]))

  const fakesOf = (noise: string): Tensor => model.generator.generate(generator, { batch, noise, batches: 1 }).images
  const fakes = evaluateOne(fakesOf("discriminator"), before)

  it("is Adam on the trained parameters, real and generated images each normalised by themselves", () => {
    // Two passes of D over one batch each, where the program has one over both.
    const lossOfD = discriminatorLoss(judge(images), judge(placeholder("fakes", imagesShape)))
    const updatedD = plainUpdate(
      "discriminator",
      optimizers.discriminatorOptimizer,
      lossOfD,
      { ...before, fakes },
      trainedOf("discriminator")
    )
    const lossOfG = generatorLoss(judge(fakesOf(offered)))
    const numbersForG = { ...before, ...updatedD }
    const updatedG = plainUpdate(
      "generator",
      optimizers.generatorOptimizer,
      lossOfG,
      numbersForG,
      trainedOf("generator")
    )
    for (const [path, expected] of Object.entries({ ...updatedD, ...updatedG })) {
      assertClose(after[path] ?? [], expected, 1e-7, path)
    }
    assertClose(after["discriminatorLoss"] ?? [], evaluateOne(lossOfD, { ...before, fakes }), 1e-10)
    assertClose(after["generatorLoss"] ?? [], evaluateOne(lossOfG, numbersForG), 1e-7)
  })

  it("moves running statistics a tenth of the way to those of the player's own pass", () => {
    // The maps in front of G's first normalisation are a plain product of the latents.
    const { weight } = generator.project
    const latents = evaluateOne(noiseOf(fakesOf(offered)), {}).map((u) => 2 * u - 1)
    const [latentSize = 1, wide = 1] = weight.shape
    const projected = Float64Array.from({ length: batch * wide }, (_, i) => {
      let total = 0
      for (let k = 0; k < latentSize; k++) {
        total +=
          (latents[Math.floor(i / wide) * latentSize + k] ?? 0) *
          (before["generator.project.weight"]?.[k * wide + (i % wide)] ?? 0)
      }
      return total
    })
    plainStatistics(projected, [batch, 2, 1, 2]).forEach(({ mean, variance }, channel) => {
      const path = "generator.project.normalisation"
      const moved = (name: string, target: number) => 0.9 * (before[`${path}.${name}`]?.[channel] ?? 0) + 0.1 * target
      assertClose([after[`${path}.runningMean`]?.[channel] ?? 0], [moved("runningMean", mean)], 1e-12)
      assertClose([after[`${path}.runningVariance`]?.[channel] ?? 0], [moved("runningVariance", variance)], 1e-12)
    })
  })

  it("moves D's running statistics by both batches, and by its first pass only", () => {
    const next = (fakes: Tensor) =>
      model.discriminator.statistics?.(discriminator, fakes, { noise: "any", batches: 1 }) ?? {}
    const [real, shown] = [next(images), next(placeholder("fakes", imagesShape))]
    assert.isAbove(Object.keys(real).length, 0)
    for (const path of Object.keys(real)) {
      const [ofReal = [], ofShown = []] = evaluateNamed([real[path] ?? images, shown[path] ?? images], {
        ...before,
        fakes
      })
      const expected = Array.from(ofReal, (value, i) => (value + (ofShown[i] ?? Number.NaN)) / 2)
      assertClose(after[`discriminator.${path}`] ?? [], expected, 1e-12, path)
    }
  })
})

/** The uniform numbers that images are drawn from. */
const noiseOf = (fakes: Tensor): Tensor => {
  const visit = (node: Tensor): Tensor | undefined =>
    node.op === "noise" ? node : node.inputs.map(visit).find((found) => found !== undefined)
  return visit(fakes) ?? assert.fail("no noise")
}

describe("the state of a DCGAN's training", () => {
  const state = flattenTree<ParameterSpec>(adversarialState(model, optimizers), isParameterSpec)

  it("has the running statistics among the parameters, and no moments for them", () => {
    const running = Object.keys(state).filter((path) => path.includes("running"))
    assert.deepStrictEqual(running, [
      "generator.project.normalisation.runningMean",
      "generator.project.normalisation.runningVariance",
      "generator.enlarge.layer1.normalisation.runningMean",
      "generator.enlarge.layer1.normalisation.runningVariance",
      "discriminator.reduce.layer1.normalisation.runningMean",
      "discriminator.reduce.layer1.normalisation.runningVariance"
    ])
    const moments = Object.keys(state).filter((path) => path.startsWith("optimizer.generator.first."))
    assert.deepStrictEqual(
      moments,
      Object.keys(trainedParameters(model.generator.parameters)).map((path) => `optimizer.generator.first.${path}`)
    )
  })

  it("is its program's", () => {
    const program = adversarialProgram(model, { ...optimizers, batchSize: batch, sharedNoise: true })
    const shapes = (tensors: Readonly<Record<string, { readonly shape: ReadonlyArray<number> }>>) =>
      mapRecord(tensors, ({ shape }) => shape)
    assert.deepStrictEqual(shapes(program.state), shapes(state))
    assert.deepStrictEqual(Object.keys(program.next), Object.keys(state))
  })

  it("meets once for each normalisation forwards and once backwards, and for each player's gradients", () => {
    const program = adversarialProgram(model, { ...optimizers, batchSize: 4, shards: 2, sharedNoise: true })
    // G's two, D's one, back through it, D's gradients; D's one, back through it, back through G's two, G's gradients; the end.
    assert.strictEqual(stagesOf(program).length, 11)
  })
})
