import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { trainingProgram, trainingState } from "../../../src/domain/experiment/trainingProgram.ts"
import {
  elboProgram,
  variationalProgram,
  variationalState
} from "../../../src/domain/experiment/variationalTraining.ts"
import { goodfellowGan } from "../../../src/domain/model/gan/GoodfellowGan.ts"
import { vae } from "../../../src/domain/model/vae/Vae.ts"
import { VaeSettings } from "../../../src/domain/model/vae/VaeSettings.ts"
import { binarised } from "../../../src/domain/nn/binarise.ts"
import { initialise, isParameterSpec, parameterPlaceholders } from "../../../src/domain/nn/parameter.ts"
import { AdamSettings } from "../../../src/domain/optim/OptimizerSettings.ts"
import { subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { inputsFirst } from "../../../src/domain/tensor/order.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { isTensor, type Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { filled, type NamedTensors, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { flattenTree, mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { smallGoodfellowGan } from "../../../src/testing/smallTrainings.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed } from "../../support/evaluateNamed.ts"
import { numericGradient } from "../../support/gradientCheck.ts"
import { optimized } from "../../support/optimizing.ts"
import { normals } from "../../support/randomNumbers.ts"

const format = { channels: 1, height: 3, width: 4 }
const model = vae(new VaeSettings({ kind: "vae", latentSize: 2, units: [4], activation: "tanh" }), format)
const optimizer = new AdamSettings({ learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 })
const options = { batchSize: 4, optimizer, binarise: true }
const pixels = Float64Array.from(normals(1, "pixels", [4, 12]), (value) => 1 / (1 + Math.exp(-value)))
const images = placeholder("images", [4, 1, 3, 4])
const noise = { seed: 5, step: 3 }
const half = filled([1, 3, 4], 0.5)

const streamsOf = (roots: Readonly<Record<string, Tensor>>): ReadonlyArray<string> =>
  inputsFirst(Object.values(roots)).flatMap((node) => (node.op === "noise" ? [node.parameters.stream] : []))

describe("variationalProgram", () => {
  it("measures the norm of the gradients before clipping, where they are clipped", () => {
    const program = variationalProgram(model, options)
    const clipping = variationalProgram(model, {
      ...options,
      optimizer: new AdamSettings({ ...optimizer, maxGradientNorm: 1e-3 })
    })
    assert.sameMembers(Object.keys(clipping.outputs), [...Object.keys(program.outputs), "gradientNorm"])
    const before = mapRecord(program.state, ({ shape }, path) => normals(2, path, shape, 0.3))
    const parameters = Object.keys(program.state).filter((path) => !path.startsWith("optimizer"))
    const numbers = { ...before, images: pixels }
    const slopes = parameters.flatMap((path) => Array.from(numericGradient(program.outputs.bound, numbers, path)))
    const { gradientNorm }: Readonly<Record<string, Tensor>> = clipping.outputs
    assert.isDefined(gradientNorm)
    assertClose(evaluateNamed([gradientNorm], numbers)[0] ?? [], [Math.hypot(...slopes)], 1e-7)
  })

  it("is one step of the optimizer up the mean bound of binarised images, for both trees together", () => {
    const program = variationalProgram(model, options)
    const before = Object.fromEntries(
      Object.entries(program.state).map(([path, { shape }]) => [
        path,
        // Second moments are not negative.
        normals(2, path, shape, 0.3).map((value) => (path.startsWith("optimizer") ? Math.abs(value) + 1 : value))
      ])
    )
    const parameters = {
      generator: parameterPlaceholders(model.generator.parameters, "generator"),
      encoder: parameterPlaceholders(model.encoder.parameters, "encoder")
    }
    const { logLikelihood, divergence } = model.infer(parameters, binarised(images, "binarise"), { noise: "infer" })
    const loss = subtract(mean(divergence), mean(logLikelihood))
    const moments = parameterPlaceholders(variationalState(model, options).optimizer, "optimizer")
    const expected = optimized(optimizer, parameters, gradient(loss, parameters), moments)
    const flat = flattenTree<Tensor>({ ...expected.parameters, optimizer: expected.state }, isTensor)
    assert.sameMembers(Object.keys(program.next), Object.keys(flat))
    const numbers = { ...before, images: pixels }
    const paths = Object.keys(flat)
    const wanted = evaluateNamed(Object.values(flat), numbers, noise)
    const found = evaluateNamed(
      paths.flatMap((path) => program.next[path] ?? []),
      numbers,
      noise
    )
    paths.forEach((path, i) => {
      assertClose(found[i] ?? [], wanted[i] ?? [], 1e-10, path)
    })
    const [bound = [], likelihood = [], apart = [], negative = []] = evaluateNamed(
      [program.outputs.bound, program.outputs.logLikelihood, program.outputs.divergence, loss],
      numbers,
      noise
    )
    assertClose(bound, [(likelihood[0] ?? 0) - (apart[0] ?? 0)], 1e-12)
    assertClose(bound, [-(negative[0] ?? 0)], 1e-12)
  })

  it("learns from the images as they are unless they are to be binarised", () => {
    assert.sameMembers([...streamsOf(variationalProgram(model, options).outputs)], ["binarise", "infer/z"])
    const real = variationalProgram(model, { ...options, binarise: false })
    assert.sameMembers([...streamsOf(real.outputs)], ["infer/z"])
  })

  it("keeps generator, encoder, and one optimizer's state of both", () => {
    const paths = Object.keys(flattenTree(variationalState(model, options), isParameterSpec))
    assert.includeMembers(paths, [
      "generator.output.weight",
      "encoder.hidden.layer1.bias",
      "optimizer.updates",
      "optimizer.first.generator.output.weight",
      "optimizer.second.encoder.mean.bias"
    ])
  })

  it.effect("on two shards computes what it does on one", () =>
    Effect.gen(function* () {
      const backend = yield* TensorBackend
      const first = initialise(variationalState(model, options), 3, { mean: half, sample: half })
      const trainedOn = (shards: number) =>
        Effect.scoped(
          Effect.gen(function* () {
            const executable = yield* backend.compile(variationalProgram(model, { ...options, shards }), first)
            for (let step = 0; step < 3; step++) {
              const inputs = { images: tensorData([4, 1, 3, 4], pixels) }
              yield* executable.step({ inputs, noise: { seed: 5, step } })
            }
            const all: NamedTensors = { ...(yield* executable.readState), ...(yield* executable.readOutputs) }
            return all
          })
        )
      const [one, two] = [yield* trainedOn(1), yield* trainedOn(2)]
      for (const [path, { values }] of Object.entries(one)) assertClose(two[path]?.values ?? [], values, 1e-6, path)
    }).pipe(Effect.provide(layerReference))
  )

  it("refuses shards that do not divide the batch", () => {
    assert.throws(() => variationalProgram(model, { ...options, shards: 3 }), RangeError, "4 cannot be divided among 3")
  })
})

it("elboProgram gives the parts of each image's own bound, and changes nothing", () => {
  const program = elboProgram(model, 4)
  assert.deepStrictEqual(program.outputs.logLikelihood.shape, [4])
  assert.deepStrictEqual(program.next, program.state)
  const numbers = {
    ...Object.fromEntries(
      Object.entries(program.state).map(([path, { shape }]) => [path, normals(4, path, shape, 0.3)])
    ),
    images: pixels
  }
  const update = variationalProgram(model, options)
  const state = Object.fromEntries(
    Object.entries(update.state).map(([path, { shape }]) => [path, normals(4, path, shape, 0.3)])
  )
  const [likelihoods = new Float64Array(0)] = evaluateNamed([program.outputs.logLikelihood], numbers, noise)
  const [training = []] = evaluateNamed([update.outputs.logLikelihood], { ...state, ...numbers }, noise)
  assertClose([likelihoods.reduce((total, value) => total + value / 4, 0)], training, 1e-12)
})

describe("trainingProgram and trainingState", () => {
  const gan = goodfellowGan(smallGoodfellowGan, format)
  const players = { generatorOptimizer: optimizer, discriminatorOptimizer: optimizer, batchSize: 4, sharedNoise: true }

  it("go by the model's objective", () => {
    assert.strictEqual(trainingProgram(model, options).name, "vae training")
    assert.strictEqual(trainingProgram(gan, players).name, "goodfellow-gan training")
    assert.deepStrictEqual(trainingState(model, options), variationalState(model, options))
  })

  it("refuse options of another objective, and name the model's", () => {
    for (const make of [trainingProgram, trainingState]) {
      assert.throws(() => make(model, players), RangeError, 'vae has the objective "variational"')
      assert.throws(() => make(gan, options), RangeError, 'goodfellow-gan has the objective "adversarial"')
    }
  })
})
