import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import { pixelMarginals } from "../../../src/domain/data/Images.ts"
import { syntheticImages } from "../../../src/domain/data/syntheticImages.ts"
import { type SettingsJson, settingsFrom } from "../../../src/domain/experiment/presets.ts"
import { encodeRunDescription } from "../../../src/domain/experiment/RunDescription.ts"
import { samplingStream } from "../../../src/domain/experiment/sampling.ts"
import { trainingState } from "../../../src/domain/experiment/trainingProgram.ts"
import { modelOf } from "../../../src/domain/model/modelOf.ts"
import { initialise, parameterPlaceholders } from "../../../src/domain/nn/parameter.ts"
import { noiseNumbers } from "../../../src/domain/random/noiseSource.ts"
import { makeProgram } from "../../../src/domain/tensor/Program.ts"
import { sizeOf } from "../../../src/domain/tensor/Shape.ts"
import { noise, placeholder } from "../../../src/domain/tensor/source.ts"
import type { Distribution } from "../../../src/domain/tensor/Tensor.ts"
import { type NamedTensors, type TensorData, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { layerMemory } from "../../../src/layers/checkpoint/memory.ts"
import { exportModel } from "../../../src/programs/exchange/exportModel.ts"
import { sampleImages, sampleTrajectories } from "../../../src/programs/sampling/Sampling.ts"
import { openOnnx } from "../../layers/exchange/runOnnx.ts"
import { assertClose } from "../../support/assertClose.ts"
import { normals } from "../../support/randomNumbers.ts"
import { tinyJson, tinySettings } from "../training/tinyExperiment.ts"

const format = { channels: 2, height: 8, width: 4 }
const images = syntheticImages({ count: 9, ...format, seed: 3, stream: "test" })

const goodfellow = (changes: SettingsJson = {}): SettingsJson => ({
  kind: "goodfellow-gan",
  latentSize: 4,
  generatorUnits: 7,
  discriminatorUnits: 6,
  pieces: 3,
  keepInputs: 0.8,
  keepHidden: 0.5,
  generatorBound: 0.4,
  discriminatorBound: 0.3,
  ...changes
})
const baseline = (changes: SettingsJson = {}) =>
  Result.getOrThrow(settingsFrom("baseline", [{ ...tinyJson, model: goodfellow(changes) }]))

const dcgan = Result.getOrThrow(
  settingsFrom("dcgan", [
    {
      ...tinyJson,
      model: {
        kind: "dcgan",
        latentSize: 5,
        generatorChannels: [4, 3, 2],
        discriminatorChannels: [2, 3],
        kernelSize: 4,
        leak: 0.2,
        weightDeviation: 0.3
      }
    }
  ])
)

/** Settings of every kind of model, and how the latents of each are laid out inside it. */
const models = {
  "the paper's": { settings: tinySettings(), latents: { distribution: { kind: "normal" }, outer: [2], size: 3 } },
  "the paper's with a linear canvas and latents of its own": {
    settings: tinySettings({
      model: {
        canvas: "linear",
        latentPlan: [
          { mean: 0.5, deviation: 2 },
          { mean: -1, deviation: 0.1 }
        ]
      }
    }),
    latents: { distribution: { kind: "normal" }, outer: [2], size: 3 }
  },
  "Goodfellow's": { settings: baseline(), latents: { distribution: { kind: "uniform" }, outer: [], size: 4 } },
  "the DCGAN's": { settings: dcgan, latents: { distribution: { kind: "uniform" }, outer: [], size: 5 } }
} as const

const opened = (settings: (typeof models)[keyof typeof models]["settings"], seed = 4) => {
  const model = modelOf(settings.model, format)
  assert(model.objective === "adversarial")
  const first = initialise(trainingState(model, settings.training), seed, pixelMarginals(images, 4))
  // Running statistics as training leaves them, not 0 and 1.
  const tensors = mapRecord(first, (tensor, path) =>
    path.includes("running")
      ? tensorData(
          tensor.shape,
          Float32Array.from(normals(seed, path, tensor.shape), (n) => Math.exp(n))
        )
      : tensor
  )
  return { model, tensors }
}

const save = (settings: (typeof models)[keyof typeof models]["settings"], tensors: NamedTensors) =>
  Effect.flatMap(CheckpointStore, (store) =>
    store.save({
      description: {
        library: { name: "fovea", version: "0.0.0" },
        model: modelOf(settings.model, format).name,
        update: 12,
        seed: settings.seed,
        settings: encodeRunDescription({ settings, format }),
        backend: "reference",
        dataset: { name: "synthetic", digests: {} },
        metrics: {},
        createdAt: "2026-01-31T12:00:00.000Z"
      },
      tensors
    })
  )

const inFolder = <A, E, R>(use: (folder: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* use(yield* fs.makeTempDirectoryScoped({ prefix: "fovea-export-" }))
  }).pipe(Effect.scoped, Effect.provide([NodeServices.layer, layerMemory, layerOnnxRuntime], { local: true }))

const openFile = (path: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const bytes = yield* fs.readFile(path)
    return yield* Effect.promise(() => openOnnx(bytes))
  })

/** The latents of the first `count` images that the library samples, laid out as the exported model takes them. */
const latentsOf = (
  { distribution, outer, size }: { distribution: Distribution; outer: ReadonlyArray<number>; size: number },
  count: number,
  seed: number
): TensorData => {
  const drawn = noise(`${samplingStream}/z`, distribution, [...outer, 100, size])
  if (drawn.op !== "noise") throw new Error("not noise")
  const numbers = noiseNumbers(drawn, { seed, step: 0 })
  const steps = sizeOf(outer)
  const values = new Float32Array(count * steps * size)
  for (let i = 0; i < count; i++)
    for (let t = 0; t < steps; t++)
      for (let j = 0; j < size; j++)
        values[(i * steps + t) * size + j] = numbers[(t * 100 + i) * size + j] ?? Number.NaN
  return tensorData([count, ...outer, size], values)
}

describe("exportModel", () => {
  it.effect.each(Object.keys(models) as ReadonlyArray<keyof typeof models>)(
    "draws what the library samples of the same latents: %s",
    (name) =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const { settings, latents } = models[name]
          const { model, tensors } = opened(settings)
          yield* save(settings, tensors)
          const paths = yield* exportModel({ directory: `${folder}/new/models`, trajectory: false })
          assert.deepStrictEqual(
            paths,
            ["generator", "discriminator"].map((file) => `${folder}/new/models/${file}.onnx`)
          )
          const generator = yield* openFile(paths[0] ?? "")
          assert.deepStrictEqual(generator.inputs, { z: ["batch", ...latents.outer, latents.size] })
          assert.deepStrictEqual(generator.outputs, { images: ["batch", 2, 8, 4] })
          for (const count of [1, 7, 100]) {
            const expected = yield* sampleImages(model, tensors, { count, seed: 11 })
            const z = latentsOf(latents, count, 11)
            const { images: drawn } = yield* Effect.promise(() => generator.run({ z }))
            assert.deepStrictEqual([...(drawn?.shape ?? [])], [count, 2, 8, 4])
            assertClose(drawn?.values ?? [], expected.values, 1e-5, `${count} images`)
          }
        })
      )
  )

  it.effect("tells a trajectory on request, batch first", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const { settings, latents } = models["the paper's"]
        const { model, tensors } = opened(settings)
        yield* save(settings, tensors)
        yield* exportModel({ directory: folder, trajectory: true })
        const generator = yield* openFile(`${folder}/generator.onnx`)
        assert.deepStrictEqual(generator.outputs, {
          images: ["batch", 2, 8, 4],
          canvases: ["batch", 3, 2, 8, 4],
          windows: ["batch", 2, 5]
        })
        for (const count of [1, 7]) {
          const expected = yield* sampleTrajectories(model, tensors, { count, seed: 2 })
          const drawn = yield* Effect.promise(() => generator.run({ z: latentsOf(latents, count, 2) }))
          const pixels = sizeOf([2, 8, 4])
          for (let i = 0; i < count; i++) {
            for (let t = 0; t < 3; t++) {
              const image = drawn["canvases"]?.values.subarray((i * 3 + t) * pixels, (i * 3 + t + 1) * pixels) ?? []
              const there = expected.canvases[t]?.values.subarray(i * pixels, (i + 1) * pixels) ?? []
              assertClose(image, there, 1e-5, `canvas ${t} of image ${i}`)
            }
            for (let t = 0; t < 2; t++) {
              const [centreX = 0, centreY = 0, stride = 0, sigma = 0] =
                drawn["windows"]?.values.subarray((i * 2 + t) * 5, (i * 2 + t + 1) * 5) ?? []
              const there = expected.windows[t]?.[i]
              assertClose(
                [centreX, centreY, stride, sigma],
                [there?.centreX ?? -1, there?.centreY ?? -1, there?.stride ?? -1, there?.sigma ?? -1],
                1e-5
              )
            }
          }
        }
      })
    )
  )

  it.effect.each(Object.keys(models) as ReadonlyArray<keyof typeof models>)(
    "judges as the discriminator does, without dropout: %s",
    (name) =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const { settings } = models[name]
          const { tensors } = opened(settings)
          yield* save(settings, tensors)
          yield* exportModel({ directory: folder, trajectory: false })
          const discriminator = yield* openFile(`${folder}/discriminator.onnx`)
          assert.deepStrictEqual(discriminator.inputs, { images: ["batch", 2, 8, 4] })
          assert.deepStrictEqual(discriminator.outputs, { logits: ["batch"] })
          // A model that keeps everything draws no masks, and has the same parameters.
          const keeping = name === "Goodfellow's" ? baseline({ keepInputs: 1, keepHidden: 1 }) : settings
          const { model } = opened(keeping)
          const backend = yield* TensorBackend
          const state = parameterPlaceholders(model.discriminator.parameters, "discriminator")
          for (const count of [1, 7, 100]) {
            const shape = [count, 2, 8, 4]
            const images = tensorData(shape, Float32Array.from(normals(count, "images", shape)))
            const shown = placeholder("images", shape)
            const program = makeProgram({
              name: "judging",
              state: { discriminator: state },
              inputs: { images: shown },
              next: { discriminator: state },
              outputs: { logits: model.discriminator.logits(state, shown, { noise: "none" }) }
            })
            const expected = yield* Effect.scoped(
              Effect.gen(function* () {
                const executable = yield* backend.compile(program, tensors)
                yield* executable.step({ inputs: { images: images }, noise: { seed: 0, step: 0 } })
                return (yield* executable.readOutputs).logits
              })
            )
            const { logits } = yield* Effect.promise(() => discriminator.run({ images: images }))
            assert.isAbove(new Set(expected.values).size, count / 2)
            assertClose(logits?.values ?? [], expected.values, 1e-5, `${count} images`)
          }
        })
      )
  )

  it.effect("writes the generator alone of a checkpoint that holds no more", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const { settings } = models["the paper's"]
        const { tensors } = opened(settings)
        const generator = Object.entries(tensors).filter(([path]) => path.startsWith("generator."))
        yield* save(settings, Object.fromEntries(generator))
        assert.deepStrictEqual(yield* exportModel({ directory: folder, trajectory: false }), [
          `${folder}/generator.onnx`
        ])
      })
    )
  )

  it.effect("refuses what it cannot do, and writes nothing", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const out = `${folder}/out`
        const none = yield* Effect.flip(exportModel({ directory: out, trajectory: false }))
        assert.include(none.message, "There is no checkpoint in memory")
        const { settings } = models["Goodfellow's"]
        const { tensors } = opened(settings)
        yield* save(settings, tensors)
        const stepless = yield* Effect.flip(exportModel({ directory: out, trajectory: true }))
        assert.match(stepless.message, /goodfellow-gan cannot be exported: it does not draw step by step/)
        const { "discriminator.hidden1.bias": _, ...others } = tensors
        yield* save(settings, others)
        const lacking = yield* Effect.flip(exportModel({ directory: out, trajectory: false }))
        assert.match(lacking.message, /tensor "discriminator.hidden1.bias": expected \[18\], found nothing/)
        assert.isFalse(yield* fs.exists(out))
      })
    )
  )
})
