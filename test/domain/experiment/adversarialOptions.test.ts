import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { adversarialProgram, adversarialState } from "../../../src/domain/experiment/adversarialTraining.ts"
import { goodfellowGan } from "../../../src/domain/model/gan/GoodfellowGan.ts"
import { initialise } from "../../../src/domain/nn/parameter.ts"
import { discriminatorLoss, generatorLoss, gradientPenalty } from "../../../src/domain/objective/adversarial.ts"
import { MomentumSettings } from "../../../src/domain/optim/OptimizerSettings.ts"
import { add, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { inputsFirst } from "../../../src/domain/tensor/order.ts"
import { printProgram } from "../../../src/domain/tensor/print.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { smallGoodfellowGan } from "../../../src/testing/smallTrainings.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed, evaluateOne } from "../../support/evaluateNamed.ts"
import { seeds } from "../model/smallModels.ts"
import { plainUpdate } from "./plainUpdate.ts"
import {
  discriminatorByPath,
  fakesOf,
  format,
  generatorByPath,
  images,
  imagesShape,
  judge,
  model,
  options,
  stateFor,
  step
} from "./smallAdversarial.ts"

const grey = tensorData([1, 4, 5], new Float32Array(20).fill(0.5))
const marginals = { mean: grey, sample: grey }

describe("adversarialProgram with an optimizer for each player", () => {
  const still = { decayFactor: 1, leastLearningRate: 1e-9, initialMomentum: 0.5, finalMomentum: 0.5, rampUpdates: 1 }
  const byMomentum = new MomentumSettings({ kind: "momentum", learningRate: 0.1, ...still })
  const program = adversarialProgram(model, { ...options, generatorOptimizer: byMomentum })

  it("moves G by momentum along its gradient, D by Adam as before, and has a state for the one and the other", () => {
    const before = stateFor(5, program)
    const after = step(program, before)
    const withAdam = adversarialProgram(model, options)
    const beforeWithAdam = { ...stateFor(5, withAdam), ...before }
    const afterWithAdam = step(withAdam, beforeWithAdam)
    for (const path of Object.keys(discriminatorByPath)) {
      assertClose(after[path] ?? [], afterWithAdam[path] ?? [], 1e-12, path)
    }
    const updatedD = Object.fromEntries(Object.keys(discriminatorByPath).map((path) => [path, after[path] ?? []]))
    const lossOfG = generatorLoss(judge(fakesOf("generator")))
    const slopes = evaluateNamed(Object.values(gradient(lossOfG, generatorByPath)), { ...before, ...updatedD })
    Object.keys(generatorByPath).forEach((path, i) => {
      const velocity = `optimizer.generator.velocity.${path.slice("generator.".length)}`
      const expected = Array.from(before[velocity] ?? [], (v, n) => 0.5 * v - 0.1 * (slopes[i]?.[n] ?? Number.NaN))
      assertClose(after[velocity] ?? [], expected, 1e-10, velocity)
      assertClose(
        after[path] ?? [],
        expected.map((v, n) => v + (before[path]?.[n] ?? Number.NaN)),
        1e-10,
        path
      )
    })
    const names = Object.keys(program.state).filter((path) => path.startsWith("optimizer."))
    assert.isTrue(names.every((path) => /^optimizer\.(generator\.(updates|velocity)|discriminator\.)/.test(path)))
  })
})

describe("adversarialProgram with a gradient penalty and an average", () => {
  const [weight, decay] = [3, 0.9]
  const withBoth = { ...options, gradientPenalty: weight, averageDecay: decay }
  const program = adversarialProgram(model, withBoth)

  it("updates D by its loss and the penalty, and says what that adds", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const before = stateFor(seed, program)
        const after = step(program, before)
        const fakes = evaluateOne(fakesOf("discriminator"), before)
        const logits = judge(images)
        const lossOfD = discriminatorLoss(logits, judge(placeholder("fakes", imagesShape)))
        const penalty = multiply(gradientPenalty(logits, images), weight)
        const given = { ...before, fakes }
        // By finite differences of first derivatives: those of the second are the penalty's own test.
        const settings = options.discriminatorOptimizer
        const updatedD = plainUpdate("discriminator", settings, add(lossOfD, penalty), given, discriminatorByPath)
        for (const [path, expected] of Object.entries(updatedD)) assertClose(after[path] ?? [], expected, 1e-6, path)
        assertClose(after["discriminatorLoss"] ?? [], evaluateOne(lossOfD, given), 1e-10)
        assertClose(after["gradientPenalty"] ?? [], evaluateOne(penalty, given), 1e-10)
      }),
      { numRuns: 2 }
    )
  })

  it("weighs the penalty by its decay, counted in D's updates", () => {
    const decay = { shape: "linear", least: 1, updates: 10 } as const
    const falling = adversarialProgram(model, { ...withBoth, gradientPenaltyDecay: decay })
    const before = stateFor(6, program)
    // The state's fourth update.
    const expected = ((weight + (1 - weight) * 0.3) / weight) * (step(program, before)["gradientPenalty"]?.[0] ?? 0)
    assert.closeTo(step(falling, before)["gradientPenalty"]?.[0] ?? Number.NaN, expected, 1e-12)
  })

  it("refuses a decay of a weight that follows D's lead", () => {
    const gradientPenaltyDecay = { shape: "linear", least: 1, updates: 10 } as const
    const wrong = { ...withBoth, gradientPenalty: { perNatOfLead: 30 }, gradientPenaltyDecay }
    assert.throws(() => adversarialProgram(model, wrong), RangeError, "leave gradientPenaltyDecay out")
  })

  it("weighs the penalty by D's lead as its average has it, and takes D's loss into the average", () => {
    const perNatOfLead = 30
    const byLead = adversarialProgram(model, { ...withBoth, gradientPenalty: { perNatOfLead } })
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.5, max: 2, noNaN: true }), fc.nat({ max: 500 }), (seed, loss, count) => {
        const before = {
          ...stateFor(seed, byLead),
          "lead.count": Float64Array.of(count),
          "lead.parameters.loss": Float64Array.of(loss)
        }
        const [after, unweighted] = [step(byLead, before), step(program, before)]
        const lead = Math.max(0, 2 * Math.log(2) - loss)
        const penalty = (unweighted["gradientPenalty"]?.[0] ?? Number.NaN) / weight
        assertClose(after["gradientPenalty"] ?? [], [perNatOfLead * lead * penalty], 1e-10)
        const share = 0.01 / (1 - 0.99 ** (count + 1))
        const moved = loss + share * ((after["discriminatorLoss"]?.[0] ?? Number.NaN) - loss)
        assertClose(after["lead.parameters.loss"] ?? [], [moved], 1e-10)
      }),
      { numRuns: 5 }
    )
    const first = initialise(adversarialState(model, { ...withBoth, gradientPenalty: { perNatOfLead } }), 0, marginals)
    assertClose(first["lead.parameters.loss"]?.values ?? [], [2 * Math.log(2)], 1e-7)
  })

  it("gives real and generated images dropout masks of their own, though D judges them one after the other", () => {
    const withDropout = goodfellowGan(smallGoodfellowGan, format)
    const masks = Object.values(adversarialProgram(withDropout, withBoth).next).flatMap((root) =>
      inputsFirst([root]).flatMap((node) => (node.op === "noise" ? [node.parameters.stream] : []))
    )
    const ofD = [...new Set(masks)].filter((stream) => stream.startsWith("discriminator/")).sort()
    const layers = (noise: string) => ofD.filter((stream) => stream.startsWith(`discriminator/${noise}/dropout`))
    assert.isNotEmpty(layers("real"))
    assert.deepStrictEqual(
      layers("generated"),
      layers("real").map((stream) => stream.replace("/real/", "/generated/"))
    )
  })

  it("moves the average towards the updated G, by the share that bias correction gives it", () => {
    const before = stateFor(6, program)
    const after = step(program, before)
    // The state's fourth update.
    const share = (1 - decay) / (1 - decay ** 4)
    for (const path of Object.keys(generatorByPath)) {
      const average = path.replace("generator.", "average.")
      const expected = Array.from(before[average] ?? [], (a, i) => a + share * ((after[path]?.[i] ?? Number.NaN) - a))
      assertClose(after[average] ?? [], expected, 1e-12, average)
    }
  })

  it("begins the average with G's own first numbers, and changes no other's", () => {
    const first = initialise(adversarialState(model, withBoth), 3, marginals)
    const without = initialise(adversarialState(model, options), 3, marginals)
    assert.deepStrictEqual({ ...first, ...without }, first)
    const averages = Object.keys(first).filter((path) => path.startsWith("average."))
    assert.strictEqual(averages.length, Object.keys(generatorByPath).length)
    for (const path of averages) assert.deepStrictEqual(first[path], first[path.replace("average.", "generator.")])
  })

  it("without them is the program that it was", () => {
    const plain = adversarialProgram(model, { ...options, gradientPenalty: undefined, averageDecay: undefined })
    assert.strictEqual(printProgram(plain), printProgram(adversarialProgram(model, options)))
    assert.notProperty(plain.outputs, "gradientPenalty")
  })
})
