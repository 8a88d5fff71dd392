import { readFileSync } from "node:fs"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import { decodeSafetensors } from "../../../src/domain/checkpoint/safetensors.ts"
import { adversarialProgram, adversarialState } from "../../../src/domain/experiment/adversarialTraining.ts"
import { settingsFrom } from "../../../src/domain/experiment/presets.ts"
import { attentionGan } from "../../../src/domain/model/attention-gan/AttentionGan.ts"
import { isParameterSpec, type ParameterSpec } from "../../../src/domain/nn/parameter.ts"
import { standardNormal, uniform } from "../../../src/domain/random/noise.ts"
import { sizeOf } from "../../../src/domain/tensor/Shape.ts"
import type { NamedTensors } from "../../../src/domain/tensor/TensorData.ts"
import { flattenTree } from "../../../src/domain/tensor/Tree.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { unclipped } from "../../support/unclipped.ts"
import { missingFor, type PythonEngine, startPython } from "../contestants/startPython.ts"
import { foveaPaths, peerNoise } from "./sameModel.ts"

// The peer is written for the paper's sizes; a small batch is enough to compare gradients.
const batch = 10
const { model: modelSettings, training } = Result.getOrThrow(settingsFrom("paper", [unclipped]))
if (training.objective !== "adversarial") throw new Error("the paper's training is adversarial")
const { generatorOptimizer } = training
if (!("beta1" in generatorOptimizer)) throw new Error("the paper's optimizer is Adam")
const { beta1 } = generatorOptimizer
if (modelSettings.kind !== "attention-gan") throw new Error("the paper's model is the attention GAN")
const model = attentionGan(modelSettings, { channels: 1, height: 28, width: 28 })
const program = adversarialProgram(model, { ...training, batchSize: batch, shards: 1 })

/** Parameters of no symmetry, small enough that no unit saturates, and Adam's state before any update. */
const initial: NamedTensors = Object.fromEntries(
  Object.entries(flattenTree<ParameterSpec>(adversarialState(model, training), isParameterSpec)).map(
    ([path, { shape }]) => {
      const draws = standardNormal({ seed: 7, stream: path, step: 0 }, sizeOf(shape))
      return [path, { shape, values: draws.map((value) => (path.startsWith("optimizer.") ? 0 : 0.05 * value)) }]
    }
  )
)
const images = uniform({ seed: 8, stream: "images", step: 0 }, batch * 784)
const key = { seed: 9, step: 0 }

const afterOneUpdate = Effect.gen(function* () {
  const executable = yield* (yield* TensorBackend).compile(program, initial)
  yield* executable.step({ inputs: { images: { shape: [batch, 1, 28, 28], values: images } }, noise: key })
  return yield* executable.readState
}).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))

/** Both gradients by the peer at some parameters, by Fovea's paths. */
const peerGradients = Effect.fnUntraced(function* (engine: PythonEngine, parameters: NamedTensors) {
  const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
  const { discriminator, generator } = peerNoise(program)(key)
  const peer = yield* startPython(engine, {
    parameters: Object.fromEntries(Object.entries(parameters).filter(([path]) => !path.startsWith("optimizer."))),
    images: { shape: [1, batch, 28, 28], values: images },
    latents: { shape: [1, 2, 6, batch, 100], values: Float32Array.of(...discriminator, ...generator) }
  })
  yield* peer.gradients(`${folder}/gradients.safetensors`)
  return Result.getOrThrow(decodeSafetensors(readFileSync(`${folder}/gradients.safetensors`))).tensors
}, Effect.scoped)

describe.each(["jax", "torch-eager"] as const)("the peer in Python, %s", (engine) => {
  const missing = missingFor(engine)
  it.effect.skipIf(missing !== undefined)(
    `has Fovea's gradients on the same parameters${missing === undefined ? "" : `: skipped, ${missing}`}`,
    () =>
      Effect.gen(function* () {
        const after = yield* afterOneUpdate
        const updatedD = Object.fromEntries(Object.entries(after).filter(([path]) => path.startsWith("discriminator.")))
        const forD = yield* peerGradients(engine, initial)
        // G's gradient is taken against the updated D, so it is compared there.
        const forG = yield* peerGradients(engine, { ...initial, ...updatedD })
        for (const path of Object.values(foveaPaths)) {
          const [player = "", ...rest] = path.split(".")
          // After the first update Adam's first moment is (1 - beta1) times the gradient.
          const moment = after[`optimizer.${player}.first.${rest.join(".")}`]?.values ?? new Float32Array(0)
          const seen = Array.from(moment, (value) => value / (1 - beta1))
          const expected = Array.from((player === "generator" ? forG : forD)[path]?.values ?? [])
          const largest = Math.max(...expected.map(Math.abs))
          assert.isAbove(largest, 1e-7, path)
          assert.isBelow(
            Math.max(...expected.map((value, i) => Math.abs(value - (seen[i] ?? 0)))) / largest,
            1e-4,
            path
          )
        }
      }).pipe(Effect.provide(NodeServices.layer)),
    120_000
  )
})
