import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { AttentionGanSettings } from "../../../../src/domain/model/attention-gan/AttentionGanSettings.ts"
import {
  attentionGeneratorParameters,
  generateImages,
  generateImagesByPlan,
  latentPlanOf
} from "../../../../src/domain/model/attention-gan/attentionGenerator.ts"
import { drawLatents } from "../../../../src/domain/model/latentPlan.ts"
import { initialise } from "../../../../src/domain/nn/parameter.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import { filled, tensorData } from "../../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../../support/assertClose.ts"
import { evaluateNamed, evaluateOne } from "../../../support/evaluateNamed.ts"
import { normals } from "../../../support/randomNumbers.ts"
import { plainWindow } from "../../attention/plainAttention.ts"
import { numbersFor, placeholdersOf, seeds, smallModels, smallSettings, under } from "../smallModels.ts"
import { plainDrawing } from "./plainAttentionGan.ts"

const logistic = (x: number): number => 1 / (1 + Math.exp(-x))

describe("generateImages", () => {
  it("is eq. 6-8 in plain loops: every canvas, every window and the image", () => {
    fc.assert(
      fc.property(smallModels, fc.integer({ min: 1, max: 3 }), seeds, ({ settings, format }, batch, seed) => {
        const { glimpses, latentSize, canvas } = settings
        const { generator, generatorByPath } = placeholdersOf(settings, format)
        const parameters = numbersFor(seed, generatorByPath)
        const latentShape = [glimpses, batch, latentSize]
        const z = normals(seed, "z", latentShape)
        const { images, trajectory } = generateImages(generator, settings, format, placeholder("z", latentShape))
        const { canvases = [], windows = [] } = trajectory ?? {}
        assert.strictEqual(canvases.length, glimpses + 1)
        assert.strictEqual(windows.length, glimpses)
        assert.deepStrictEqual(images.shape, [batch, format.channels, format.height, format.width])
        const computed = evaluateNamed([images, ...canvases, ...windows], { ...parameters, z })

        const sizes = { ...format, ...settings, activation: settings.activation.generator }
        const drawings = Array.from({ length: batch }, (_, b) => {
          const steps = Array.from({ length: glimpses }, (_, t) =>
            Array.from(z.subarray((t * batch + b) * latentSize, (t * batch + b + 1) * latentSize))
          )
          return plainDrawing(under("generator", parameters), sizes, steps)
        })
        const link = canvas === "sigmoid" ? logistic : (x: number): number => x
        const canvasAt = (t: number) => drawings.flatMap(({ canvases }) => canvases[t]?.flat(2).map(link) ?? [])
        assertClose(computed[0] ?? [], canvasAt(glimpses), 1e-9, "images")
        for (let t = 1; t <= glimpses; t++) {
          assertClose(computed[1 + t] ?? [], canvasAt(t), 1e-9, `canvas ${t}`)
          const table = drawings.flatMap(({ windowNumbers }) => {
            const { centreX, centreY, stride, variance, intensity } = plainWindow(windowNumbers[t - 1] ?? [], sizes)
            return [centreX, centreY, stride, Math.sqrt(variance), intensity]
          })
          assertClose(computed[1 + glimpses + t] ?? [], table, 1e-9, `window ${t}`)
        }
      })
    )
  })

  it("begins its trajectory with the link of c_0 and ends it with the image itself", () => {
    fc.assert(
      fc.property(smallModels, seeds, ({ settings, format }, seed) => {
        const { generator, generatorByPath } = placeholdersOf(settings, format)
        const parameters = numbersFor(seed, generatorByPath)
        const generation = generateImagesByPlan(generator, settings, format, {
          batch: 2,
          noise: "n",
          plan: latentPlanOf(settings)
        })
        const { canvases = [] } = generation.trajectory ?? {}
        const [first = [], last = [], images = []] = evaluateNamed(
          [canvases[0] ?? generation.images, canvases.at(-1) ?? generation.images, generation.images],
          parameters
        )
        const link = settings.canvas === "sigmoid" ? logistic : (x: number): number => x
        assertClose(first, Array.from(parameters["generator.initialCanvas"] ?? [], link), 1e-12)
        assert.deepStrictEqual(Array.from(last), Array.from(images))
      }),
      { numRuns: 30 }
    )
  })

  it("gives steps behind the last that has a latent zeros in its place, whatever is drawn for them", () => {
    fc.assert(
      fc.property(smallModels, fc.integer({ min: 1, max: 3 }), seeds, ({ settings, format }, latentSteps, seed) => {
        const { generator, generatorByPath } = placeholdersOf(settings, format)
        const parameters = numbersFor(seed, generatorByPath)
        const shape = [settings.glimpses, 2, settings.latentSize]
        const z = normals(seed, "z", shape)
        const early = z.map((value, i) => (i < latentSteps * 2 * settings.latentSize ? value : 0))
        const imagesBy = (own: AttentionGanSettings) =>
          generateImages(generator, own, format, placeholder("z", shape)).images
        const few = imagesBy(new AttentionGanSettings({ ...settings, latentSteps }))
        assert.deepStrictEqual(
          evaluateOne(few, { ...parameters, z }),
          evaluateOne(imagesBy(settings), { ...parameters, z: early })
        )
      }),
      { numRuns: 30 }
    )
  })

  it("writes through filters at least as wide as the overlap says, in strides, and the blur, in pixels", () => {
    const none = fc.constant(0)
    const widths = fc.record({
      writingOverlap: fc.oneof(none, fc.double({ min: 0.1, max: 2, noNaN: true })),
      writingBlur: fc.oneof(none, fc.double({ min: 0.1, max: 3, noNaN: true }))
    })
    fc.assert(
      fc.property(smallModels, widths, seeds, ({ settings, format }, { writingOverlap, writingBlur }, seed) => {
        const { generator, generatorByPath } = placeholdersOf(settings, format)
        const own = new AttentionGanSettings({ ...settings, writingOverlap, writingBlur })
        const plan = latentPlanOf(own)
        const { trajectory } = generateImagesByPlan(generator, own, format, { batch: 2, noise: "n", plan })
        for (const table of evaluateNamed(trajectory?.windows ?? [], numbersFor(seed, generatorByPath))) {
          for (const at of [0, 5].filter((start) => start < table.length)) {
            const least = Math.hypot(writingBlur, writingOverlap * (table[at + 2] ?? 0))
            assert.isAtLeast(table[at + 3] ?? 0, least * (1 - 1e-12))
          }
        }
      }),
      { numRuns: 30 }
    )
  })

  it("draws each sample from its own latents only", () => {
    fc.assert(
      fc.property(smallModels, seeds, ({ settings, format }, seed) => {
        const { generator, generatorByPath } = placeholdersOf(settings, format)
        const parameters = numbersFor(seed, generatorByPath)
        const shape = [settings.glimpses, 2, settings.latentSize]
        const z = normals(seed, "z", shape)
        // Sample 1 gets other latents at every step.
        const other = z.map((value, i) => (Math.floor(i / settings.latentSize) % 2 === 1 ? value + 1 : value))
        const { images } = generateImages(generator, settings, format, placeholder("z", shape))
        const half = format.channels * format.height * format.width
        const [one, two] = [z, other].map((z) => evaluateOne(images, { ...parameters, z }).subarray(0, half))
        assert.deepStrictEqual(two, one)
      }),
      { numRuns: 30 }
    )
  })
})

describe("generateImagesByPlan", () => {
  const settings = smallSettings()
  const format = { channels: 1, height: 4, width: 5 }
  const { generator, generatorByPath } = placeholdersOf(settings, format)
  const parameters = numbersFor(1, generatorByPath)
  const draw = (noise: string, call: { seed: number; step: number }) =>
    Array.from(
      evaluateOne(
        generateImagesByPlan(generator, settings, format, { batch: 3, noise, plan: latentPlanOf(settings) }).images,
        parameters,
        call
      )
    )

  it("draws the same images for the same noise, seed and step, others for any other", () => {
    const images = draw("n", { seed: 1, step: 1 })
    assert.deepStrictEqual(draw("n", { seed: 1, step: 1 }), images)
    assert.notDeepEqual(draw("m", { seed: 1, step: 1 }), images)
    assert.notDeepEqual(draw("n", { seed: 2, step: 1 }), images)
    assert.notDeepEqual(draw("n", { seed: 1, step: 2 }), images)
  })

  it("draws images from the latents of its plan", () => {
    const plan = [
      { mean: 1, deviation: 0.5 },
      { mean: 0, deviation: 0 }
    ]
    const { images } = generateImagesByPlan(generator, settings, format, { batch: 3, noise: "n", plan })
    const latents = drawLatents("n/z", plan, 3, settings.latentSize)
    const direct = generateImages(generator, settings, format, latents).images
    assert.deepStrictEqual(evaluateOne(images, parameters), evaluateOne(direct, parameters))
  })
})

describe("c_0 at the start", () => {
  const format = { channels: 1, height: 2, width: 2 }
  const marginals = {
    mean: tensorData([1, 1, 2, 2], Float32Array.of(0, 0.25, 0.5, 1)),
    sample: tensorData([1, 1, 2, 2], Float32Array.of(1, 0, 0.75, 0.5))
  }
  const logit = (p: number): number => Math.log(p / (1 - p))
  it.each([
    { canvas: "sigmoid", canvasStart: "marginals", expected: [logit(0.01), logit(0.25), 0, logit(0.99)] },
    { canvas: "sigmoid", canvasStart: "sampled-marginals", expected: [logit(0.99), logit(0.01), logit(0.75), 0] },
    { canvas: "sigmoid", canvasStart: "zero", expected: [0, 0, 0, 0] },
    { canvas: "linear", canvasStart: "marginals", expected: [0, 0.25, 0.5, 1] },
    { canvas: "linear", canvasStart: "sampled-marginals", expected: [1, 0, 0.75, 0.5] },
    { canvas: "linear", canvasStart: "zero", expected: [0, 0, 0, 0] }
  ] as const)("is $expected for a $canvas canvas from $canvasStart", ({ canvas, canvasStart, expected }) => {
    const specs = attentionGeneratorParameters(smallSettings({ canvas, canvasStart }), format)
    assertClose(initialise(specs, 1, marginals)["initialCanvas"]?.values ?? [], expected, 1e-6)
  })

  it("shows the data's means as the first image of the trajectory, within the clipping", () => {
    const settings = smallSettings()
    const { generator, model } = placeholdersOf(settings, format)
    const first = initialise({ generator: model.generator.parameters }, 1, marginals)
    const call = { batch: 1, noise: "n", plan: latentPlanOf(settings) }
    const { trajectory, images } = generateImagesByPlan(generator, settings, format, call)
    const numbers = Object.fromEntries(Object.entries(first).map(([path, { values }]) => [path, values]))
    assertClose(evaluateOne(trajectory?.canvases[0] ?? images, numbers), [0.01, 0.25, 0.5, 0.99], 1e-6)
  })
})

describe("h_0 at the start", () => {
  it("is drawn with the given deviation, and is zero for deviation 0", () => {
    const format = { channels: 1, height: 2, width: 2 }
    const none = { mean: filled([1, 1, 2, 2], 0.5), sample: filled([1, 1, 2, 2], 0.5) }
    const hidden = (initialHiddenDeviation: number) => {
      const specs = attentionGeneratorParameters(smallSettings({ units: 2000, initialHiddenDeviation }), format)
      return Array.from(initialise({ initialHidden: specs.initialHidden }, 1, none)["initialHidden"]?.values ?? [])
    }
    const rms = Math.sqrt(hidden(0.3).reduce((total, value) => total + value ** 2, 0) / 2000)
    assert.closeTo(rms, 0.3, 0.02)
    assert.isTrue(hidden(0).every((value) => Math.abs(value) === 0))
  })
})
