import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { vae } from "../../../../src/domain/model/vae/Vae.ts"
import { VaeSettings } from "../../../../src/domain/model/vae/VaeSettings.ts"
import { initialise, parameterPlaceholders } from "../../../../src/domain/nn/parameter.ts"
import { subtract } from "../../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../../src/domain/tensor/broadcast.ts"
import { normalNoise, placeholder } from "../../../../src/domain/tensor/source.ts"
import { isTensor } from "../../../../src/domain/tensor/Tensor.ts"
import { filled } from "../../../../src/domain/tensor/TensorData.ts"
import { flattenTree } from "../../../../src/domain/tensor/Tree.ts"
import { assertClose } from "../../../support/assertClose.ts"
import { evaluateNamed, evaluateOne } from "../../../support/evaluateNamed.ts"
import { assertGradient } from "../../../support/gradientCheck.ts"
import { plainLinear } from "../../../support/plainLinear.ts"
import { normalsFor } from "../../../support/randomNumbers.ts"

const settings = new VaeSettings({ kind: "vae", latentSize: 3, units: [5, 4], activation: "tanh" })
const format = { channels: 2, height: 3, width: 2 }
const pixels = 12
const count = 3
const model = vae(settings, format)
const generator = parameterPlaceholders(model.generator.parameters, "generator")
const encoder = parameterPlaceholders(model.encoder.parameters, "encoder")
const byPath = flattenTree({ generator, encoder }, isTensor)
const images = placeholder("images", [count, 2, 3, 2])
const seeds = fc.nat({ max: 1_000_000 })

type Numbers = Readonly<Record<string, ArrayLike<number>>>

const plainDecoder = (numbers: Numbers, z: ReadonlyArray<number>): ReadonlyArray<number> =>
  plainLinear(
    numbers,
    "generator.output",
    plainLinear(
      numbers,
      "generator.hidden.layer2",
      plainLinear(numbers, "generator.hidden.layer1", z).map(Math.tanh)
    ).map(Math.tanh)
  )

const noise = { seed: 1, step: 2 }
const rowsOf = (values: ArrayLike<number>, size: number): ReadonlyArray<ReadonlyArray<number>> =>
  Array.from({ length: values.length / size }, (_, i) => Array.from(values).slice(i * size, (i + 1) * size))

const given = (seed: number) => {
  const numbers = normalsFor(seed, { ...byPath, images }, 0.5)
  return { ...numbers, images: Float64Array.from(numbers["images"] ?? [], (value) => 1 / (1 + Math.exp(-4 * value))) }
}

describe("the variational autoencoder", () => {
  it("infers what plain loops do", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const numbers = given(seed)
        const { logLikelihood, divergence, reconstruction } = model.infer({ generator, encoder }, images, {
          noise: "i"
        })
        const [likelihoods = [], divergences = [], drawn = []] = evaluateNamed(
          [logLikelihood, divergence, reconstruction],
          numbers,
          noise
        )
        const epsilons = rowsOf(evaluateOne(normalNoise("i/z", [count, 3]), {}, noise), 3)
        const expected = rowsOf(numbers.images, pixels).map((x, n) => {
          const below = plainLinear(numbers, "encoder.hidden.layer1", x).map(Math.tanh)
          const top = plainLinear(numbers, "encoder.hidden.layer2", below).map(Math.tanh)
          const means = plainLinear(numbers, "encoder.mean", top)
          const variances = plainLinear(numbers, "encoder.logVariance", top).map(Math.exp)
          const z = means.map((mean, j) => mean + Math.sqrt(variances[j] ?? 0) * (epsilons[n]?.[j] ?? 0))
          const probabilities = plainDecoder(numbers, z).map((logit) => 1 / (1 + Math.exp(-logit)))
          return {
            probabilities,
            logLikelihood: probabilities.reduce(
              (total, p, i) => total + (x[i] ?? 0) * Math.log(p) + (1 - (x[i] ?? 0)) * Math.log(1 - p),
              0
            ),
            divergence: means.reduce((total, mean, j) => {
              const variance = variances[j] ?? 0
              return total + (mean ** 2 + variance - 1 - Math.log(variance)) / 2
            }, 0)
          }
        })
        const all = <Key extends keyof (typeof expected)[number]>(key: Key) => expected.flatMap((one) => one[key])
        assertClose(likelihoods, all("logLikelihood"), 1e-11)
        assertClose(divergences, all("divergence"), 1e-11)
        assertClose(drawn, all("probabilities"), 1e-11)
        assert.deepStrictEqual(
          [logLikelihood.shape, divergence.shape, reconstruction.shape],
          [[count], [count], images.shape]
        )
      }),
      { numRuns: 30 }
    )
  })

  it("draws images from the prior by its decoder alone", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const numbers = given(seed)
        const drawn = model.generator.generate(generator, { batch: count, noise: "g" })
        assert.deepStrictEqual(drawn.images.shape, images.shape)
        assert.isUndefined(drawn.trajectory)
        const z = rowsOf(evaluateOne(normalNoise("g/z", [count, 3]), {}, noise), 3)
        const expected = z.flatMap((row) => plainDecoder(numbers, row).map((logit) => 1 / (1 + Math.exp(-logit))))
        assertClose(evaluateOne(drawn.images, numbers, noise), expected, 1e-11)
      }),
      { numRuns: 20 }
    )
  })

  it("has the gradients of finite differences, through the draw of the latents", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { logLikelihood, divergence } = model.infer({ generator, encoder }, images, { noise: "i" })
        assertGradient(sum(subtract(logLikelihood, divergence)), byPath, given(seed), { seed })
      }),
      { numRuns: 5 }
    )
  })

  it("begins with the pixels' mean logits as the decoder's bias", () => {
    const mean = filled([2, 3, 2], 0.25)
    const numbers = initialise({ generator: model.generator.parameters }, 1, { mean, sample: mean })
    assertClose(numbers["generator.output.bias"]?.values ?? [], new Array(12).fill(Math.log(0.25 / 0.75)), 1e-6)
  })
})

describe("VaeSettings", () => {
  it("refuses what no network has", () => {
    const decode = Schema.decodeUnknownOption(VaeSettings)
    const refused = (changes: object) => decode({ ...settings, ...changes })._tag === "None"
    assert.isFalse(refused({}))
    for (const changes of [
      { units: [] },
      { units: [0] },
      { latentSize: 0 },
      { latentSize: 1e9 },
      { activation: "x" }
    ]) {
      assert.isTrue(refused(changes), JSON.stringify(changes))
    }
  })
})
