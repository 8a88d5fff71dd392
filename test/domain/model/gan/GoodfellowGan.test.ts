import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { adversarialProgram } from "../../../../src/domain/experiment/adversarialTraining.ts"
import { goodfellowGan } from "../../../../src/domain/model/gan/GoodfellowGan.ts"
import { GoodfellowGanSettings } from "../../../../src/domain/model/gan/GoodfellowGanSettings.ts"
import { initialise, parameterCount, parameterPlaceholders } from "../../../../src/domain/nn/parameter.ts"
import { AdamSettings } from "../../../../src/domain/optim/OptimizerSettings.ts"
import { noiseNumbers } from "../../../../src/domain/random/noiseSource.ts"
import { inputsFirst } from "../../../../src/domain/tensor/order.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import { isTensor, type Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { filled } from "../../../../src/domain/tensor/TensorData.ts"
import { flattenTree } from "../../../../src/domain/tensor/Tree.ts"
import { weightedSum } from "../../../../src/testing/losses.ts"
import { assertClose } from "../../../support/assertClose.ts"
import { evaluateOne } from "../../../support/evaluateNamed.ts"
import { assertGradient } from "../../../support/gradientCheck.ts"
import { plainLinear } from "../../../support/plainLinear.ts"
import { normalsFor } from "../../../support/randomNumbers.ts"

/** The authors' published MNIST configuration, restated in PAPER section 3. */
const published = new GoodfellowGanSettings({
  kind: "goodfellow-gan",
  latentSize: 100,
  generatorUnits: 1200,
  discriminatorUnits: 240,
  pieces: 5,
  keepInputs: 0.8,
  keepHidden: 0.5,
  generatorBound: 0.05,
  discriminatorBound: 0.005
})
const small = new GoodfellowGanSettings({
  ...published,
  latentSize: 3,
  generatorUnits: 5,
  discriminatorUnits: 4,
  pieces: 3
})
const format = { channels: 2, height: 3, width: 2 }
const seeds = fc.nat({ max: 1_000_000 })

const placeholdersOf = (settings: GoodfellowGanSettings) => {
  const model = goodfellowGan(settings, format)
  const generator = parameterPlaceholders(model.generator.parameters, "generator")
  const discriminator = parameterPlaceholders(model.discriminator.parameters, "discriminator")
  return { model, generator, discriminator, byPath: flattenTree({ generator, discriminator }, isTensor) }
}

const plainMaxout = (values: ReadonlyArray<number>, pieces: number): ReadonlyArray<number> =>
  Array.from({ length: values.length / pieces }, (_, unit) =>
    Math.max(...values.slice(unit * pieces, (unit + 1) * pieces))
  )

describe("goodfellowGan's generator", () => {
  it("is sigmoid(W relu(W relu(W z))) of uniform latents, in plain loops", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { model, generator, byPath } = placeholdersOf(small)
        const numbers = normalsFor(seed, byPath, 0.5)
        const { images, trajectory } = model.generator.generate(generator, { batch: 4, noise: "g" })
        assert.isUndefined(trajectory)
        assert.deepStrictEqual(images.shape, [4, 2, 3, 2])
        const source = inputsFirst([images]).find((node) => node.op === "noise")
        assert.isTrue(source?.op === "noise" && source.parameters.stream === "g/z")
        if (source?.op !== "noise") return
        const latents = noiseNumbers(source, { seed: 1, step: 2 })
        const expected = Array.from({ length: 4 }, (_, row) => {
          const z = Array.from(latents.slice(row * 3, row * 3 + 3), (u) => (u - 0.5) * 2 * Math.sqrt(3))
          const hidden1 = plainLinear(numbers, "generator.hidden1", z).map((v) => Math.max(v, 0))
          const hidden2 = plainLinear(numbers, "generator.hidden2", hidden1).map((v) => Math.max(v, 0))
          return plainLinear(numbers, "generator.output", hidden2).map((v) => 1 / (1 + Math.exp(-v)))
        }).flat()
        assertClose(evaluateOne(images, numbers, { seed: 1, step: 2 }), expected, 1e-12)
      }),
      { numRuns: 30 }
    )
  })

  it("begins with latents of mean 0 and variance 1, and the pixels' mean logits as its bias", () => {
    const { model } = placeholdersOf(published)
    const mean = filled([2, 3, 2], 0.25)
    const numbers = initialise({ generator: model.generator.parameters }, 1, { mean, sample: mean })
    assertClose(numbers["generator.output.bias"]?.values ?? [], new Array(12).fill(Math.log(0.25 / 0.75)), 1e-6)
  })
})

describe("goodfellowGan's discriminator", () => {
  const images = placeholder("images", [3, 2, 3, 2])

  it("without dropout is W maxout(maxout(x)), in plain loops", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const settings = new GoodfellowGanSettings({ ...small, keepInputs: 1, keepHidden: 1 })
        const { model, discriminator, byPath } = placeholdersOf(settings)
        const numbers = normalsFor(seed, { ...byPath, images }, 0.7)
        const logits = model.discriminator.logits(discriminator, images, { noise: "d" })
        const expected = Array.from({ length: 3 }, (_, row) => {
          const x = Array.from(numbers["images"]?.slice(row * 12, row * 12 + 12) ?? [])
          const hidden1 = plainMaxout(plainLinear(numbers, "discriminator.hidden1", x), 3)
          const hidden2 = plainMaxout(plainLinear(numbers, "discriminator.hidden2", hidden1), 3)
          return plainLinear(numbers, "discriminator.output", hidden2)
        }).flat()
        assertClose(evaluateOne(logits, numbers), expected, 1e-12)
      }),
      { numRuns: 30 }
    )
  })

  it("draws three masks, of inputs and both hidden layers, from streams of the call's name", () => {
    const { model, discriminator } = placeholdersOf(small)
    const logits = model.discriminator.logits(discriminator, images, { noise: "d" })
    const masks = inputsFirst([logits]).flatMap((node) => (node.op === "noise" ? [node.parameters] : []))
    assert.deepStrictEqual(
      masks.map(({ stream, distribution, shape }) => [stream, distribution, shape]),
      [
        ["d/dropout/inputs", { kind: "bernoulli", probability: 0.8 }, [3, 12]],
        ["d/dropout/hidden1", { kind: "bernoulli", probability: 0.5 }, [3, 4]],
        ["d/dropout/hidden2", { kind: "bernoulli", probability: 0.5 }, [3, 4]]
      ]
    )
  })

  it("has, like the generator, the gradient of its equations, with the masks held", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { model, generator, discriminator, byPath } = placeholdersOf(small)
        const drawn = model.generator.generate(generator, { batch: 3, noise: "g" }).images
        const loss = weightedSum(model.discriminator.logits(discriminator, drawn, { noise: "d" }))
        const parameters: Readonly<Record<string, Tensor>> = byPath
        assertGradient(loss, parameters, normalsFor(seed, byPath, 0.5), { seed, spacing: 1e-5, kinks: true })
      }),
      { numRuns: 10 }
    )
  })
})

describe("the published configuration", () => {
  it("has 784-pixel players of the published sizes", () => {
    const model = goodfellowGan(published, { channels: 1, height: 28, width: 28 })
    // 100-1200-1200-784, and 784-(240 x 5)-(240 x 5)-1, with biases.
    assert.strictEqual(parameterCount(model.generator.parameters), 101 * 1200 + 1201 * 1200 + 1201 * 784)
    assert.strictEqual(parameterCount(model.discriminator.parameters), 785 * 1200 + 241 * 1200 + 241)
  })

  it("makes a training program like any other adversarial model", () => {
    const optimizer = new AdamSettings({ learningRate: 1e-3, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 })
    const program = adversarialProgram(goodfellowGan(small, format), {
      batchSize: 4,
      sharedNoise: false,
      generatorOptimizer: optimizer,
      discriminatorOptimizer: optimizer
    })
    assert.includeMembers(Object.keys(program.state), ["generator.hidden1.weight", "discriminator.output.bias"])
  })

  it("is refused with a field out of range, by name", () => {
    const decode = Schema.decodeUnknownExit(GoodfellowGanSettings)
    for (const change of [
      { keepInputs: 0 },
      { keepHidden: 1.5 },
      { pieces: 0 },
      { latentSize: 1.5 },
      { generatorBound: -1 }
    ]) {
      const exit = decode({ ...published, ...change })
      assert.strictEqual(exit._tag, "Failure")
      assert.include(JSON.stringify(exit), Object.keys(change)[0] ?? "")
    }
  })
})
