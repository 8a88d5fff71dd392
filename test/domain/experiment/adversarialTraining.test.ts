import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  type AdversarialOptions,
  adversarialProgram,
  adversarialState
} from "../../../src/domain/experiment/adversarialTraining.ts"
import { attentionGan } from "../../../src/domain/model/AttentionGan.ts"
import { initialise, isParameterSpec } from "../../../src/domain/network/parameter.ts"
import { discriminatorLoss, generatorLoss } from "../../../src/domain/objective/adversarial.ts"
import { gradientPenalty } from "../../../src/domain/objective/gradientPenalty.ts"
import { AdamSettings, adam } from "../../../src/domain/optimizer/adam.ts"
import { MomentumSettings } from "../../../src/domain/optimizer/momentum.ts"
import { add, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { inputsFirst } from "../../../src/domain/tensor/order.ts"
import type { Program } from "../../../src/domain/tensor/Program.ts"
import { printProgram } from "../../../src/domain/tensor/print.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { stagesOf } from "../../../src/domain/tensor/stages.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { flattenTree, mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed, evaluateOne, type NamedNumbers } from "../../support/evaluateNamed.ts"
import { normals } from "../../support/randomNumbers.ts"
import { mnistFormat, numbersFor, paperSettings, placeholdersOf, seeds, smallSettings } from "../model/smallModels.ts"
import { plainUpdate } from "./plainUpdate.ts"

const settings = smallSettings()
const format = { channels: 1, height: 4, width: 5 }
const batch = 2
// The players' optimisers differ, and D takes large steps: what G sees of an updated D is far from the D before.
const options = {
  batchSize: batch,
  generatorOptimizer: new AdamSettings({ learningRate: 0.02, beta1: 0.6, beta2: 0.9, epsilon: 1e-3 }),
  discriminatorOptimizer: new AdamSettings({ learningRate: 0.3, beta1: 0.4, beta2: 0.8, epsilon: 1e-2 }),
  sharedNoise: false
} satisfies AdversarialOptions

const { model, generator, discriminator, generatorByPath, discriminatorByPath } = placeholdersOf(settings, format)
const imagesShape = [batch, format.channels, format.height, format.width]
const images = placeholder("images", imagesShape)

/** The state of a run that has done three updates, and a batch of images: random, with moments that Adam can have. */
const stateFor = (seed: number, program: Program): Record<string, Float64Array> => ({
  ...Object.fromEntries(
    Object.entries(program.state).map(([path, { shape }]) => [
      path,
      path.endsWith(".updates")
        ? Float64Array.of(3)
        : normals(seed, path, shape, 0.1).map((n) => (path.includes(".second.") ? Math.abs(n) : n))
    ])
  ),
  ...numbersFor(seed, { ...generatorByPath, ...discriminatorByPath }),
  images: normals(seed, "images", imagesShape)
})

/** One step of a program: the next state and the outputs, by name. */
const step = (
  program: Program,
  numbers: Readonly<Record<string, Float64Array>>,
  noise?: { readonly seed: number; readonly step: number }
): Readonly<Record<string, Float64Array>> => {
  const roots = { ...program.next, ...program.outputs }
  const values = evaluateNamed(Object.values(roots), numbers, noise)
  return Object.fromEntries(Object.keys(roots).map((name, i) => [name, values[i] ?? new Float64Array(0)]))
}

const picturesOf = (noise: string): Tensor => model.generator.generate(generator, { batch, noise }).images
const judge = (pictures: Tensor): Tensor => model.discriminator.logits(discriminator, pictures, { noise: "any" })

const streamsOf = (program: Program): ReadonlyArray<string> =>
  inputsFirst([...Object.values(program.next), ...Object.values(program.outputs)]).flatMap((node) =>
    node.op === "noise" ? [node.parameters.stream] : []
  )

describe.each([
  { sharedNoise: false, simultaneous: false, offered: "generator" },
  { sharedNoise: true, simultaneous: false, offered: "discriminator" },
  { sharedNoise: true, simultaneous: true, offered: "discriminator" }
])("adversarialProgram with sharedNoise = $sharedNoise, simultaneous = $simultaneous", (order) => {
  const { sharedNoise, simultaneous, offered } = order
  const program = adversarialProgram(model, { ...options, sharedNoise, simultaneous })
  /** The numbers that G's update is computed with. */
  const judgedBy = (before: NamedNumbers, updatedD: NamedNumbers): NamedNumbers =>
    simultaneous ? before : { ...before, ...updatedD }

  it("is Adam on D by eq. 9 and on G by eq. 10, against the updated D or D as it was, worked out without `gradient`", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const before = stateFor(seed, program)
        const after = step(program, before)
        // D's update: the generated pictures are numbers here, so that nothing but D can be differentiated.
        const pictures = evaluateOne(picturesOf("discriminator"), before)
        const lossOfD = discriminatorLoss(judge(images), judge(placeholder("pictures", imagesShape)))
        const updatedD = plainUpdate(
          "discriminator",
          options.discriminatorOptimizer,
          lossOfD,
          { ...before, pictures },
          discriminatorByPath
        )
        // G's update: the updated D is numbers here, so that it is a constant whatever the program does.
        const lossOfG = generatorLoss(judge(picturesOf(offered)))
        const updatedG = plainUpdate(
          "generator",
          options.generatorOptimizer,
          lossOfG,
          judgedBy(before, updatedD),
          generatorByPath
        )
        for (const [path, expected] of Object.entries({ ...updatedD, ...updatedG })) {
          assertClose(after[path] ?? [], expected, 1e-7, path)
        }
        const counted = ["optimizer.generator.updates", "optimizer.discriminator.updates"]
        assert.sameMembers(Object.keys(program.next), [...Object.keys(updatedD), ...Object.keys(updatedG), ...counted])
        for (const path of counted) assert.deepStrictEqual(Array.from(after[path] ?? []), [4])
        assertClose(after["discriminatorLoss"] ?? [], evaluateOne(lossOfD, { ...before, pictures }), 1e-10)
        assertClose(after["generatorLoss"] ?? [], evaluateOne(lossOfG, judgedBy(before, updatedD)), 1e-7)
      }),
      { numRuns: 2 }
    )
  })

  it("takes the updated D as a constant: G's gradient does not flow through D's update", () => {
    const before = mapRecord(stateFor(1, program), (values, path) =>
      path.startsWith("optimizer.generator.first") ? new Float64Array(values.length) : values
    )
    const after = step(program, before)
    const lossOfG = (judge: typeof discriminator): Tensor =>
      generatorLoss(model.discriminator.logits(judge, picturesOf(offered), { noise: "any" }))
    const constant = gradient(lossOfG(discriminator), generatorByPath)
    const updatedD = Object.fromEntries(Object.keys(discriminatorByPath).map((path) => [path, after[path] ?? []]))
    const right = evaluateNamed(Object.values(constant), judgedBy(before, updatedD))
    // What the mistake would give: D's update as a function of G's pictures, and so of G.
    const lossOfD = discriminatorLoss(judge(images), judge(picturesOf("discriminator")))
    const { parameters: moving } = adam(
      options.discriminatorOptimizer,
      discriminator,
      gradient(lossOfD, discriminator),
      optimizerPlaceholders()
    )
    const wrong = evaluateNamed(Object.values(gradient(lossOfG(moving), generatorByPath)), before)
    let farthest = 0
    Object.keys(generatorByPath).forEach((path, i) => {
      const moment = after[`optimizer.generator.first.${path.slice("generator.".length)}`] ?? new Float64Array(0)
      const seen = moment.map((value) => value / (1 - options.generatorOptimizer.beta1))
      assertClose(seen, right[i] ?? [], 1e-10, path)
      seen.forEach((value, n) => {
        farthest = Math.max(farthest, Math.abs(value - (wrong[i]?.[n] ?? Number.NaN)))
      })
    })
    // Otherwise this test could not tell the two apart.
    assert.isAbove(farthest, 1e-3)
  })

  it("draws the same noise for the same seed and step, other noise for any other", () => {
    const before = stateFor(2, program)
    const once = step(program, before, { seed: 5, step: 7 })
    assert.deepStrictEqual(step(program, before, { seed: 5, step: 7 }), once)
    for (const other of [
      { seed: 5, step: 8 },
      { seed: 6, step: 7 }
    ]) {
      const { discriminatorLoss, generatorLoss } = step(program, before, other)
      assert.notDeepEqual(discriminatorLoss, once["discriminatorLoss"])
      assert.notDeepEqual(generatorLoss, once["generatorLoss"])
    }
  })

  it("draws D's and G's latents from these streams", () => {
    assert.sameMembers([...streamsOf(program)], sharedNoise ? ["discriminator/z"] : ["discriminator/z", "generator/z"])
  })

  it("measures what the names say", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const before = stateFor(seed, program)
        const after = step(program, before)
        const [real = new Float64Array(0), generated = new Float64Array(0)] = evaluateNamed(
          [judge(images), judge(picturesOf("discriminator"))],
          before
        )
        const share = (logits: Float64Array, holds: (logit: number) => boolean) =>
          Array.from(logits).filter(holds).length / logits.length
        assertClose(after["realAccuracy"] ?? [], [share(real, (l) => l > 0)], 1e-15)
        assertClose(after["generatedAccuracy"] ?? [], [share(generated, (l) => l < 0)], 1e-15)
        const updatedD = Object.fromEntries(Object.keys(discriminatorByPath).map((path) => [path, after[path] ?? []]))
        const offeredLogits = evaluateOne(judge(picturesOf(offered)), judgedBy(before, updatedD))
        const mean = (logits: Float64Array, f: (logit: number) => number) =>
          logits.reduce((total, logit) => total + f(logit), 0) / logits.length
        const minusLogD = (l: number) => Math.log1p(Math.exp(-l))
        assertClose(after["generatorLoss"] ?? [], [mean(offeredLogits, minusLogD)], 1e-10)
        assertClose(
          after["discriminatorLoss"] ?? [],
          [mean(real, minusLogD) + mean(generated, (l) => minusLogD(-l))],
          1e-10
        )
      }),
      { numRuns: 20 }
    )
  })

  it("teaches: on one batch, D's loss falls when G hardly moves, and G's when D hardly moves", () => {
    const still = new AdamSettings({ ...options.generatorOptimizer, learningRate: 1e-12 })
    const moving = new AdamSettings({ learningRate: 0.02, beta1: 0.5, beta2: 0.99, epsilon: 1e-8 })
    const losses = (generatorOptimizer: AdamSettings, discriminatorOptimizer: AdamSettings) => {
      const program = adversarialProgram(model, {
        ...options,
        ...order,
        generatorOptimizer,
        discriminatorOptimizer
      })
      const start = mapRecord(stateFor(4, program), (values, path) =>
        path.startsWith("optimizer") ? new Float64Array(values.length) : values
      )
      const states = [start]
      for (let update = 0; update < 30; update++) {
        const before = states.at(-1) ?? start
        // The same noise at every step, so that only learning changes the losses.
        states.push({ ...before, ...step(program, before) })
      }
      const number = (state: typeof start | undefined, name: string) => state?.[name]?.[0] ?? Number.NaN
      return (name: "discriminatorLoss" | "generatorLoss") =>
        [number(states[1], name), number(states.at(-1), name)] as const
    }
    const [firstOfD, lastOfD] = losses(still, moving)("discriminatorLoss")
    assert.isBelow(lastOfD, firstOfD - 0.2)
    const [firstOfG, lastOfG] = losses(moving, still)("generatorLoss")
    assert.isBelow(lastOfG, firstOfG - 0.01)
  })
})

describe("adversarialProgram with simultaneous updates", () => {
  it("refuses noise that is not shared: they are of the same pictures", () => {
    assert.throws(() => adversarialProgram(model, { ...options, simultaneous: true, sharedNoise: false }), RangeError)
  })

  it("takes one pass through D less", () => {
    const size = (simultaneous: boolean) =>
      Object.values(adversarialProgram(model, { ...options, sharedNoise: true, simultaneous }).next).flatMap((root) =>
        inputsFirst([root])
      ).length
    assert.isBelow(size(true), size(false))
  })
})

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
    const lossOfG = generatorLoss(judge(picturesOf("generator")))
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
        const pictures = evaluateOne(picturesOf("discriminator"), before)
        const logits = judge(images)
        const lossOfD = discriminatorLoss(logits, judge(placeholder("pictures", imagesShape)))
        const penalty = multiply(gradientPenalty(logits, images), weight)
        const given = { ...before, pictures }
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
    const none = tensorData([1, 4, 5], new Float32Array(20).fill(0.5))
    const marginals = { mean: none, sample: none }
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

/** D's Adam state as placeholders, by the names of the program's state. */
const optimizerPlaceholders = () => {
  const moments = (which: "first" | "second") =>
    Object.fromEntries(
      Object.entries(discriminatorByPath).map(([path, { shape }]) => {
        const name = path.slice("discriminator.".length)
        return [name, placeholder(`optimizer.discriminator.${which}.${name}`, shape)]
      })
    )
  return {
    updates: placeholder("optimizer.discriminator.updates", []),
    first: moments("first"),
    second: moments("second")
  }
}

describe("adversarialState", () => {
  it("has a program's state for its paths: parameters, and Adam's counter and moments for each player", () => {
    const state = flattenTree(adversarialState(attentionGan(settings, format), options), isParameterSpec)
    const names = (player: "generator" | "discriminator") =>
      Object.keys(flattenTree(model[player].parameters, isParameterSpec))
    const optimizer = (player: "generator" | "discriminator") => [
      `optimizer.${player}.updates`,
      ...names(player).map((name) => `optimizer.${player}.first.${name}`),
      ...names(player).map((name) => `optimizer.${player}.second.${name}`)
    ]
    const expected = [
      ...names("generator").map((name) => `generator.${name}`),
      ...names("discriminator").map((name) => `discriminator.${name}`),
      ...optimizer("generator"),
      ...optimizer("discriminator")
    ]
    assert.deepStrictEqual(Object.keys(state), expected)
    const program = adversarialProgram(model, options)
    assert.deepStrictEqual(
      mapRecord(program.state, ({ shape }) => shape),
      mapRecord(state, ({ shape }) => shape)
    )
    assert.deepStrictEqual(Object.keys(program.next), expected)
  })
})

describe("adversarialProgram on shards", () => {
  it("is the program of one shard if there is one, and of a part of the batch if there are more", () => {
    const alone = adversarialProgram(model, options)
    assert.strictEqual(printProgram(adversarialProgram(model, { ...options, shards: 1 })), printProgram(alone))
    assert.isUndefined(alone.shards)
    const two = adversarialProgram(model, { ...options, shards: 2 })
    assert.deepStrictEqual(two.shards, { count: 2, examples: 1, inputs: ["images"] })
    assert.deepStrictEqual(two.inputs.images.shape, [1, 1, 4, 5])
    assert.deepStrictEqual(
      mapRecord(two.state, ({ shape }) => shape),
      mapRecord(alone.state, ({ shape }) => shape)
    )
  })

  it("meets twice in an update: for D's gradients, and for G's", () => {
    const count = (expressions: Readonly<Record<string, unknown>> = {}) => Object.keys(expressions).length
    const [forD, forG, end, ...others] = stagesOf(adversarialProgram(model, { ...options, shards: 2 }))
    assert.isEmpty(others)
    // D's loss and the two accuracies besides, and then G's loss. Two parameters that are only ever added have one gradient.
    const between = (found: number, most: number) =>
      assert.isTrue(found <= most && found > most - 3, `${found} of ${most}`)
    between(count(forD?.means), count(discriminatorByPath) + 3)
    between(count(forG?.means), count(generatorByPath) + 1)
    assert.isEmpty(end?.means)
  })

  it("refuses a number that does not divide the batch", () => {
    assert.throws(
      () => adversarialProgram(model, { ...options, shards: 3 }),
      RangeError,
      "a batch of 2 cannot be divided among 3 shards"
    )
  })
})

describe("the program of the paper's settings", () => {
  const optimizer = new AdamSettings({ learningRate: 3.75e-4, beta1: 0.75, beta2: 0.999, epsilon: 1e-8 })
  const program = adversarialProgram(attentionGan(paperSettings, mnistFormat), {
    batchSize: 100,
    generatorOptimizer: optimizer,
    discriminatorOptimizer: optimizer,
    sharedNoise: false
  })

  // About 2,500 when this was written. Each primitive costs time on every engine: find out why before raising it.
  it("stays under 3,000 lines", () => {
    assert.isBelow(printProgram(program).split("\n").length, 3000)
  })
})
