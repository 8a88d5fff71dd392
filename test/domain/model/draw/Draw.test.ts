import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { draw } from "../../../../src/domain/model/draw/Draw.ts"
import { DrawSettings } from "../../../../src/domain/model/draw/DrawSettings.ts"
import { drawFromLatents } from "../../../../src/domain/model/draw/drawDecoder.ts"
import { initialise, parameterPlaceholders } from "../../../../src/domain/nn/parameter.ts"
import { subtract } from "../../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../../src/domain/tensor/broadcast.ts"
import { stack } from "../../../../src/domain/tensor/movement.ts"
import { normalNoise, placeholder } from "../../../../src/domain/tensor/source.ts"
import { isTensor } from "../../../../src/domain/tensor/Tensor.ts"
import { filled } from "../../../../src/domain/tensor/TensorData.ts"
import { flattenTree } from "../../../../src/domain/tensor/Tree.ts"
import { assertClose } from "../../../support/assertClose.ts"
import { evaluateNamed, evaluateOne } from "../../../support/evaluateNamed.ts"
import { assertGradient } from "../../../support/gradientCheck.ts"
import { plainSigmoid } from "../../../support/plainLstm.ts"
import { normalsFor } from "../../../support/randomNumbers.ts"
import { type Numbers, plainDraw } from "./plainDraw.ts"

const format = { channels: 2, height: 4, width: 5 }
const pixels = 40
const count = 3
const latentSize = 2
const noise = { seed: 1, step: 2 }
const seeds = fc.nat({ max: 1_000_000 })
const glimpseCounts = fc.integer({ min: 1, max: 3 })

const settingsOf = (attention: boolean, glimpses: number): DrawSettings =>
  new DrawSettings({
    kind: "draw",
    attention,
    readFilters: 2,
    writeFilters: 3,
    glimpses,
    units: 4,
    latentSize,
    windowScale: 0.1,
    readingStart: { logVariance: 1, logStride: -0.5 }
  })

const modelOf = (attention: boolean, glimpses: number) => {
  const settings = settingsOf(attention, glimpses)
  const model = draw(settings, format)
  const generator = parameterPlaceholders(model.generator.parameters, "generator")
  const encoder = parameterPlaceholders(model.encoder.parameters, "encoder")
  const images = placeholder("images", [count, 2, 4, 5])
  const inferred = model.infer({ generator, encoder }, images, { noise: "i" })
  const byPath = flattenTree({ generator, encoder }, isTensor)
  return { settings, model, generator, images, inferred, byPath }
}

/** Numbers for all parameters, and images in [0, 1]. */
const given = ({ byPath, images }: ReturnType<typeof modelOf>, seed: number) => {
  const numbers = normalsFor(seed, { ...byPath, images }, 0.4)
  return { ...numbers, images: Float64Array.from(numbers["images"] ?? [], (value) => plainSigmoid(4 * value)) }
}

/** What is drawn for the latents of each step, `[n][T][latentSize]`, by the streams of training. */
const epsilonsOf = (glimpses: number): ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>> => {
  const steps = Array.from({ length: glimpses }, (_, t) =>
    evaluateOne(normalNoise(`i/z${t + 1}`, [count, latentSize]), {}, noise)
  )
  return Array.from({ length: count }, (_, n) =>
    steps.map((values) => Array.from(values.slice(n * latentSize, (n + 1) * latentSize)))
  )
}

describe.each([true, false])("DRAW, attention: %s", (attention) => {
  it("infers what plain loops do", () => {
    fc.assert(
      fc.property(glimpseCounts, seeds, (glimpses, seed) => {
        const made = modelOf(attention, glimpses)
        const { logLikelihood, divergence, reconstruction, readings = [], trajectory } = made.inferred
        const numbers: Numbers & { images: Float64Array } = given(made, seed)
        const epsilons = epsilonsOf(glimpses)
        const expected = epsilons.map((ofImage, n) =>
          plainDraw(
            numbers,
            made.settings,
            format,
            Array.from(numbers.images.slice(n * pixels, (n + 1) * pixels)),
            ofImage
          )
        )
        const [likelihoods = [], divergences = [], drawn = []] = evaluateNamed(
          [logLikelihood, divergence, reconstruction],
          numbers,
          noise
        )
        assertClose(
          likelihoods,
          expected.map((one) => one.logLikelihood),
          1e-11
        )
        assertClose(
          divergences,
          expected.map((one) => one.divergence),
          1e-11
        )
        assertClose(
          drawn,
          expected.flatMap(({ canvases }) => (canvases.at(-1) ?? []).map(plainSigmoid)),
          1e-11
        )
        assert.isTrue(divergences.every((value) => value >= 0))
        assert.strictEqual(readings.length, attention ? glimpses : 0)
        assert.strictEqual(trajectory?.windows.length, attention ? glimpses : undefined)
        for (const [t, reading] of readings.entries()) {
          assert.deepStrictEqual(reading.shape, [count, 5])
          const wanted = expected.flatMap((one) => one.readings[t] ?? [])
          assertClose(evaluateOne(reading, numbers, noise), wanted, 1e-11, `reading window ${t}`)
        }
        for (const [t, window] of (trajectory?.windows ?? []).entries()) {
          const wanted = expected.flatMap((one) => one.writings[t] ?? [])
          assertClose(evaluateOne(window, numbers, noise), wanted, 1e-11, `writing window ${t}`)
        }
        for (const [t, canvas] of (trajectory?.canvases ?? []).entries()) {
          const wanted = expected.flatMap((one) => (one.canvases[t] ?? []).map(plainSigmoid))
          const shown = evaluateOne(canvas, numbers, noise)
          assertClose(shown, wanted.slice(0, shown.length), 1e-11, `canvas ${t}`)
        }
      }),
      { numRuns: 20 }
    )
  })

  it("has the gradients of finite differences, through the draws of all steps", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const made = modelOf(attention, 2)
        const { logLikelihood, divergence } = made.inferred
        assertGradient(sum(subtract(logLikelihood, divergence)), made.byPath, given(made, seed), { seed })
      }),
      { numRuns: 3 }
    )
  })

  it("where the posterior is the prior, diverges by nothing and draws what its decoder alone does", () => {
    fc.assert(
      fc.property(glimpseCounts, seeds, (glimpses, seed) => {
        const made = modelOf(attention, glimpses)
        const silenced = Object.entries(given(made, seed)).map(([path, values]) => [
          path,
          /^encoder\.(mean|logVariance)\./.test(path) ? values.map(() => 0) : values
        ])
        const numbers = Object.fromEntries(silenced)
        const latents = stack(
          Array.from({ length: glimpses }, (_, t) => normalNoise(`i/z${t + 1}`, [count, latentSize])),
          0
        )
        const alone = drawFromLatents(made.generator, { settings: made.settings, format }, latents)
        const { divergence, reconstruction } = made.inferred
        const [diverged = [], drawn = [], expected = []] = evaluateNamed(
          [divergence, reconstruction, alone.images],
          numbers,
          noise
        )
        assertClose(diverged, [0, 0, 0], 1e-13)
        assertClose(drawn, expected, 1e-13)
      }),
      { numRuns: 10 }
    )
  })

  it("draws from the prior as many images as asked for, and tells its steps where it has windows", () => {
    const made = modelOf(attention, 3)
    const { images, trajectory } = made.model.generator.generate(made.generator, { batch: 4, noise: "g" })
    assert.deepStrictEqual(images.shape, [4, 2, 4, 5])
    assert.strictEqual(trajectory?.canvases.length, attention ? 4 : undefined)
    for (const window of trajectory?.windows ?? []) assert.deepStrictEqual(window.shape, [4, 5])
    const shown = evaluateOne(images, given(made, 1), noise)
    assert.isTrue(shown.every((value) => value > 0 && value < 1))
  })
})

it("the reading window begins as the settings say", () => {
  const { model } = modelOf(true, 1)
  const mean = filled([1, 2, 4, 5], 0.5)
  const first = initialise({ encoder: model.encoder.parameters }, 1, { mean, sample: mean })
  assert.deepStrictEqual(Array.from(first["encoder.reader.window.bias"]?.values ?? []), [0, 0, 1, -0.5, 0])
})

describe("DrawSettings", () => {
  it("refuses what no network has", () => {
    const decode = Schema.decodeUnknownOption(DrawSettings)
    const refused = (changes: object) => decode({ ...settingsOf(true, 2), ...changes })._tag === "None"
    assert.isFalse(refused({}))
    const faults = [
      { attention: "yes" },
      { readFilters: 0 },
      { writeFilters: 1e9 },
      { glimpses: 0 },
      { windowScale: -1 }
    ]
    for (const changes of faults) assert.isTrue(refused(changes), JSON.stringify(changes))
  })
})
