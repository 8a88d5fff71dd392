import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { imagesProgram, samplingStream } from "../../../../src/domain/experiment/sampling.ts"
import { attentionGan } from "../../../../src/domain/model/attention-gan/AttentionGan.ts"
import { generateImages } from "../../../../src/domain/model/attention-gan/attentionGenerator.ts"
import { standardLatents } from "../../../../src/domain/model/latentPlan.ts"
import {
  outOfDistributionDeviation,
  outOfDistributionProbe,
  outOfDistributionProbes,
  outOfDistributionSteps,
  type Probe,
  paperProbes,
  plannedImagesProgram,
  plannedModel,
  singleStepProbes,
  standardProbe,
  zeroProbe
} from "../../../../src/domain/paper/probe/probes.ts"
import { ProgramError } from "../../../../src/domain/tensor/Program.ts"
import { printProgram } from "../../../../src/domain/tensor/print.ts"
import { normalNoise, placeholder } from "../../../../src/domain/tensor/source.ts"
import { assertClose } from "../../../support/assertClose.ts"
import { evaluateOne } from "../../../support/evaluateNamed.ts"
import { mnistFormat, numbersFor, paperSettings, placeholdersOf, seeds, smallModels } from "../../model/smallModels.ts"

const glimpses = fc.integer({ min: 1, max: 12 })

/** Deviations of a probe's steps; all means of the paper are 0. */
const deviationsOf = ({ plan }: Probe): ReadonlyArray<number> =>
  plan.map(({ mean, deviation }) => {
    assert.strictEqual(mean, 0)
    return deviation
  })

describe("the paper's probes", () => {
  it("for T = 6 are those of section 3", () => {
    assert.deepStrictEqual(
      paperProbes(6).map((probe) => [probe.name, probe.step, ...deviationsOf(probe)]),
      [
        ["standard", undefined, 1, 1, 1, 1, 1, 1],
        ["zero", undefined, 0, 0, 0, 0, 0, 0],
        ["only-1", 1, 1, 0, 0, 0, 0, 0],
        ["only-2", 2, 0, 1, 0, 0, 0, 0],
        ["only-3", 3, 0, 0, 1, 0, 0, 0],
        ["only-4", 4, 0, 0, 0, 1, 0, 0],
        ["only-5", 5, 0, 0, 0, 0, 1, 0],
        ["only-6", 6, 0, 0, 0, 0, 0, 1],
        ["wild-1", 1, 10_000, 1, 1, 1, 1, 1],
        ["wild-3", 3, 1, 1, 10_000, 1, 1, 1],
        ["wild-6", 6, 1, 1, 1, 1, 1, 10_000]
      ]
    )
  })

  it("are plans of T steps, unlike each other, for every T", () => {
    fc.assert(
      fc.property(glimpses, (T) => {
        const probes = paperProbes(T)
        for (const { plan } of probes) assert.lengthOf(plan, T)
        assert.lengthOf(new Set(probes.map(({ name }) => name)), probes.length)
        assert.deepStrictEqual(standardProbe(T).plan, standardLatents(T))
        assert.isTrue(deviationsOf(zeroProbe(T)).every((deviation) => deviation === 0))
      })
    )
  })

  it("3 leave one step random and 4 to 6 make one wild: the one that they name", () => {
    fc.assert(
      fc.property(glimpses, (T) => {
        const single = singleStepProbes(T)
        assert.deepStrictEqual(
          single.map(({ step }) => step),
          Array.from({ length: T }, (_, i) => i + 1)
        )
        for (const [probes, usual, other] of [
          [single, 0, 1],
          [outOfDistributionProbes(T), 1, outOfDistributionDeviation]
        ] as const) {
          for (const probe of probes) {
            assert.deepStrictEqual(
              deviationsOf(probe),
              Array.from({ length: T }, (_, i) => (i + 1 === probe.step ? other : usual))
            )
          }
        }
      })
    )
  })

  it("4 to 6 are at the first, a middle and the last step, each once", () => {
    fc.assert(
      fc.property(glimpses, (T) => {
        const steps = outOfDistributionSteps(T)
        assert.strictEqual(steps[0], 1)
        assert.strictEqual(steps.at(-1), T)
        assert.lengthOf(steps, Math.min(T, 3))
        assert.deepStrictEqual(
          [...new Set(steps)].sort((a, b) => a - b),
          [...steps]
        )
        const middle = steps[1]
        if (T >= 3 && middle !== undefined) assert.isAtMost(Math.abs(middle - (T + 1) / 2), 0.5)
      })
    )
  })

  it("have no wild step outside 1..T", () => {
    for (const step of [0, 7, 1.5, Number.NaN]) assert.throws(() => outOfDistributionProbe(6, step), /1\.\.6/)
  })
})

describe("plannedImagesProgram", () => {
  it("draws, by every probe, what the latents of sampling make once the plan has scaled them", () => {
    fc.assert(
      fc.property(smallModels, fc.integer({ min: 1, max: 3 }), seeds, ({ settings, format }, batch, seed) => {
        const noise = { seed, step: 1 }
        const { generator, generatorByPath } = placeholdersOf(settings, format)
        const parameters = numbersFor(seed, generatorByPath)
        const shape = [settings.glimpses, batch, settings.latentSize]
        const shared = evaluateOne(normalNoise(`${samplingStream}/z`, shape), {}, noise)
        const direct = generateImages(generator, settings, format, placeholder("z", shape)).images
        const stepSize = batch * settings.latentSize
        for (const { name, plan } of paperProbes(settings.glimpses)) {
          const z = shared.map((value, i) => value * (plan[Math.floor(i / stepSize)]?.deviation ?? Number.NaN))
          const program = plannedImagesProgram(settings, format, plan, batch)
          assert.deepStrictEqual([...program.outputs.images.shape], [batch, ...Object.values(format)])
          const drawn = evaluateOne(program.outputs.images, parameters, noise)
          const expected = evaluateOne(direct, { ...parameters, z }, noise)
          assertClose(drawn, expected, 1e-7, name)
          assert.isTrue(drawn.every(Number.isFinite), name)
        }
      }),
      { numRuns: 25 }
    )
  })

  it("by the plan of training is the model's own sampling", () => {
    const own = imagesProgram(attentionGan(paperSettings, mnistFormat), 4)
    assert.strictEqual(
      printProgram(plannedImagesProgram(paperSettings, mnistFormat, standardLatents(6), 4)),
      printProgram(own)
    )
  })

  it("by one plan overrides the settings' own", () => {
    const zero = zeroProbe(6).plan
    const moved = plannedModel(paperSettings, mnistFormat, [...zero.slice(1), { mean: 3, deviation: 0 }])
    assert.deepStrictEqual(moved.generator.parameters, attentionGan(paperSettings, mnistFormat).generator.parameters)
    const settings = { ...paperSettings, latentPlan: zero }
    assert.strictEqual(
      printProgram(plannedImagesProgram(settings, mnistFormat, standardLatents(6), 2)),
      printProgram(plannedImagesProgram(paperSettings, mnistFormat, standardLatents(6), 2))
    )
  })

  it("refuses a plan of another number of steps", () => {
    assert.throws(
      () => plannedImagesProgram(paperSettings, mnistFormat, standardLatents(5), 1),
      ProgramError,
      "5 do not fit a model of 6"
    )
  })
})
