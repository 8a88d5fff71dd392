import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { adversarialProgram, adversarialState } from "../../../src/domain/experiment/adversarialTraining.ts"
import { attentionGan } from "../../../src/domain/model/attention-gan/AttentionGan.ts"
import { AttentionGanSettings } from "../../../src/domain/model/attention-gan/AttentionGanSettings.ts"
import { isParameterSpec, type ParameterSpec } from "../../../src/domain/nn/parameter.ts"
import { AdamSettings } from "../../../src/domain/optim/OptimizerSettings.ts"
import { standardNormal, uniform } from "../../../src/domain/random/noise.ts"
import { sizeOf } from "../../../src/domain/tensor/Shape.ts"
import type { NamedTensors } from "../../../src/domain/tensor/TensorData.ts"
import { flattenTree } from "../../../src/domain/tensor/Tree.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { byParameter, foveaPaths, peerNoise, peerParameters } from "./sameModel.ts"
import { makeTfjsEager, type ParameterName, parameterNames } from "./tfjsEager.ts"

const sizes = { batch: 5, T: 3, N: 3, z: 7, units: 12, side: 9 } as const
const { batch, T, N, z, units, side } = sizes

const model = attentionGan(
  new AttentionGanSettings({
    kind: "attention-gan",
    filters: N,
    glimpses: T,
    units,
    latentSize: z,
    activation: { generator: "tanh", discriminator: "tanh" },
    canvas: "sigmoid",
    canvasStart: "zero",
    windowScale: 1,
    initialHiddenDeviation: 0.5
  }),
  { channels: 1, height: side, width: side }
)
const optimizer = new AdamSettings({ learningRate: 3.75e-4, beta1: 0.75, beta2: 0.999, epsilon: 1e-8 })
const optimizers = { generatorOptimizer: optimizer, discriminatorOptimizer: optimizer }
const program = adversarialProgram(model, { ...optimizers, batchSize: batch, sharedNoise: false })
const noise = peerNoise(program)

/** Parameters of no symmetry (no bias is zero, windows differ from sample to sample), and Adam's state before any update. */
const initial: NamedTensors = Object.fromEntries(
  Object.entries(flattenTree<ParameterSpec>(adversarialState(model, optimizers), isParameterSpec)).map(
    ([path, { shape }]) => {
      const draws = standardNormal({ seed: 7, stream: path, step: 0 }, sizeOf(shape))
      return [path, { shape, values: draws.map((value) => (path.startsWith("optimizer.") ? 0 : 0.3 * value)) }]
    }
  )
)
const pixels = (step: number) => uniform({ seed: 8, stream: "pixels", step }, batch * side * side)

/** Fovea's state before and after each of some updates, and the losses of each. */
const train = (updates: number, layer: Layer.Layer<TensorBackend, unknown>) =>
  Effect.gen(function* () {
    const executable = yield* (yield* TensorBackend).compile(program, initial)
    const states: Array<NamedTensors> = [yield* executable.readState]
    const losses: Array<{ readonly discriminatorLoss: number; readonly generatorLoss: number }> = []
    for (let step = 0; step < updates; step++) {
      const images = { shape: [batch, 1, side, side], values: pixels(step) }
      yield* executable.step({ inputs: { images }, noise: { seed: 9, step } })
      const { discriminatorLoss, generatorLoss } = yield* executable.readOutputs
      losses.push({
        discriminatorLoss: discriminatorLoss.values[0] ?? Number.NaN,
        generatorLoss: generatorLoss.values[0] ?? Number.NaN
      })
      states.push(yield* executable.readState)
    }
    return { states, losses }
  }).pipe(Effect.scoped, Effect.provide(layer))

const isOfDiscriminator = (name: ParameterName) => name.startsWith("discriminator.")

/** After the first update Adam's first moment is (1 - beta1) times the gradient, so the program need not be taken apart. */
const gradientsSeen = (state: NamedTensors) =>
  byParameter((path) => {
    const dot = path.indexOf(".")
    const moment = state[`optimizer.${path.slice(0, dot)}.first.${path.slice(dot + 1)}`]
    return moment?.values.map((value) => value / (1 - optimizer.beta1))
  })

/** The largest difference between two arrays, in units of the second's largest number. */
const relativeDifference = (found: ArrayLike<number>, expected: ArrayLike<number>): number => {
  const pairs = Array.from(expected, (value, i) => [found[i] ?? Number.NaN, value] as const)
  const largest = Math.max(...pairs.map(([, value]) => Math.abs(value)))
  return Math.max(...pairs.map(([a, b]) => Math.abs(a - b))) / largest
}

const engines = [
  ["the reference backend (float64)", layerReference],
  ["ONNX Runtime", layerOnnxRuntime]
] as const

describe("the eager tfjs peer and Fovea's training program", () => {
  it("have the same parameters, under other names", () => {
    const known = Object.keys(program.state).filter((path) => !path.startsWith("optimizer."))
    assert.sameMembers(Object.values(foveaPaths), known)
  })

  for (const [name, layer] of engines) {
    it.effect(`have the same losses and gradients to float32's accuracy, on ${name}`, () =>
      Effect.gen(function* () {
        const { states, losses } = yield* train(1, layer)
        const [before = {}, after = {}] = states
        const peer = yield* Effect.promise(() => makeTfjsEager("cpu", sizes))
        const [images, latents] = [pixels(0), noise({ seed: 9, step: 0 })]
        // G's gradient is taken against the updated D, so it is compared there.
        const start = peerParameters(before)
        const updatedD = peerParameters({ ...before, ...discriminatorOf(after) })
        const forD = yield* Effect.promise(() => peer.gradients(start, images, latents))
        const forG = yield* Effect.promise(() => peer.gradients(updatedD, images, latents))
        assert.closeTo(losses[0]?.discriminatorLoss ?? Number.NaN, forD.discriminatorLoss, 2e-6)
        assert.closeTo(losses[0]?.generatorLoss ?? Number.NaN, forG.generatorLoss, 2e-6)
        const seen = gradientsSeen(after)
        for (const parameter of parameterNames) {
          const { gradients } = isOfDiscriminator(parameter) ? forD : forG
          assert.isAbove(Math.max(...gradients[parameter].map(Math.abs)), 1e-5, parameter)
          assert.isBelow(relativeDifference(seen[parameter], gradients[parameter]), 1e-5, parameter)
        }
        peer.dispose()
      })
    )
  }

  it.effect("take the same path over ten updates", () =>
    Effect.gen(function* () {
      const { states, losses } = yield* train(10, layerOnnxRuntime)
      const peer = yield* Effect.promise(() =>
        makeTfjsEager("cpu", { ...sizes, parameters: peerParameters(states[0] ?? {}) })
      )
      for (const [step, { discriminatorLoss, generatorLoss }] of losses.entries()) {
        const found = yield* Effect.promise(() => peer.update(pixels(step), noise({ seed: 9, step })))
        assert.closeTo(discriminatorLoss, found.discriminatorLoss, 1e-5, `update ${step}`)
        assert.closeTo(generatorLoss, found.generatorLoss, 1e-5, `update ${step}`)
      }
      const spread = new Set(losses.map(({ discriminatorLoss }) => discriminatorLoss.toFixed(4)))
      assert.isAbove(spread.size, 5, "the losses must move, or agreeing means nothing")
      peer.dispose()
    })
  )
})

const discriminatorOf = (state: NamedTensors): NamedTensors =>
  Object.fromEntries(Object.entries(state).filter(([path]) => path.startsWith("discriminator.")))
