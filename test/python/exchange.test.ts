import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { encodeSafetensors } from "../../src/domain/checkpoint/safetensors.ts"
import { samplingStream } from "../../src/domain/experiment/sampling.ts"
import { noiseNumbers } from "../../src/domain/random/noiseSource.ts"
import { normalNoise } from "../../src/domain/tensor/source.ts"
import { type NamedTensors, tensorData } from "../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { CheckpointStore } from "../../src/layers/checkpoint/CheckpointStore.ts"
import { layerFileSystem } from "../../src/layers/checkpoint/fileSystem.ts"
import { ImageWriter } from "../../src/layers/image/ImageWriter.ts"
import { layerSharp } from "../../src/layers/image/sharp.ts"
import { TrainingLog } from "../../src/layers/log/TrainingLog.ts"
import { layerTensorBoard } from "../../src/layers/log/tensorBoard.ts"
import { openCheckpoint } from "../../src/programs/checkpoint/openCheckpoint.ts"
import { sampleImages } from "../../src/programs/sampling/Sampling.ts"
import { sampleGrid } from "../../src/programs/sampling/writeSamples.ts"
import { openOnnx } from "../layers/exchange/runOnnx.ts"
import { progress } from "../layers/log/trainingEvents.ts"
import { fovea, inFolder, writeConfig } from "../programs/cli/commandLine.ts"
import { assertSameBits } from "../programs/training/tinyExperiment.ts"
import { normals } from "../support/randomNumbers.ts"

// Another Python than the one on the path is named by the environment.
const python = process.env["FOVEA_PYTHON"] ?? "python3"
const packages = ["numpy", "onnx", "onnxruntime", "safetensors", "tensorboard"]
const missing = spawnSync(python, [
  "-c",
  `import importlib.util as u; print(*[p for p in ${JSON.stringify(packages)} if u.find_spec(p) is None])`
])
const reason =
  missing.status !== 0 ? `${python} does not run` : `${python} lacks ${missing.stdout.toString().trim() || "nothing"}`
const absent = missing.status !== 0 || missing.stdout.toString().trim() !== ""
const title = absent ? `Python: skipped, since ${reason}; FOVEA_PYTHON names another` : "Python"

const script = fileURLToPath(new URL("exchange.py", import.meta.url))

/** What the script prints, as the schema says. */
const asked = <S extends Schema.ConstraintDecoder<unknown>>(schema: S, ...args: ReadonlyArray<string>): S["Type"] => {
  const { status, stdout, stderr } = spawnSync(python, [script, ...args], { encoding: "utf8" })
  assert.strictEqual(status, 0, stderr)
  return Schema.decodeUnknownSync(schema)(JSON.parse(stdout))
}

const trained = Effect.fnUntraced(function* (folder: string) {
  const config = yield* writeConfig(folder)
  const run = `${folder}/run`
  const { code, stderr } = yield* fovea("train", "--config", config, "--out", run)
  assert.strictEqual(code, 0, stderr)
  return run
})

const Player = Schema.Struct({
  domains: Schema.Array(Schema.String),
  outputs: Schema.Array(Schema.String),
  initialisers: Schema.Number,
  metadata: Schema.Record(Schema.String, Schema.String),
  farthest: Schema.Number
})
const Rows = Schema.Record(Schema.String, Schema.Array(Schema.Array(Schema.Number)))
const Events = Schema.Struct({
  scalars: Rows,
  images: Rows,
  histograms: Rows,
  texts: Schema.Record(Schema.String, Schema.Array(Schema.String))
})

describe.skipIf(absent)(title, { timeout: 120_000 }, () => {
  it.effect("runs the exported models with the numbers that the library samples", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const run = yield* trained(folder)
        const out = `${folder}/onnx`
        assert.strictEqual((yield* fovea("export", "--checkpoint", run, "--out", out, "--trajectory")).code, 0)
        const bytes = yield* fs.readFile(`${out}/discriminator.onnx`)
        const discriminator = yield* Effect.promise(() => openOnnx(bytes))
        const { model, tensors } = yield* openCheckpoint.pipe(
          Effect.provide(layerFileSystem({ directory: `${run}/checkpoints` }))
        )
        const latents = normalNoise(`${samplingStream}/z`, [2, 100, 3])
        assert.strictEqual(latents.op, "noise")
        if (latents.op !== "noise") return
        const numbers = noiseNumbers(latents, { seed: 5, step: 0 })
        const expected: Record<string, NamedTensors[string]> = {}
        for (const count of [1, 7, 100]) {
          const z = Float32Array.from({ length: count * 6 }, (_, i) => {
            const [image, step, entry] = [Math.floor(i / 6), Math.floor(i / 3) % 2, i % 3]
            return numbers[(step * 100 + image) * 3 + entry] ?? Number.NaN
          })
          const images = yield* sampleImages(model, tensors, { count, seed: 5 })
          const shown = tensorData(images.shape, Float32Array.from(normals(count, "shown", images.shape)))
          const judged = yield* Effect.promise(() => discriminator.run({ images: shown }))
          expected[`generator.z.${count}`] = tensorData([count, 2, 3], z)
          expected[`generator.images.${count}`] = images
          expected[`discriminator.images.${count}`] = shown
          expected[`discriminator.logits.${count}`] = judged["logits"] ?? tensorData([1], Float32Array.of(Number.NaN))
        }
        writeFileSync(`${out}/expected.safetensors`, encodeSafetensors(expected))
        const { generator, discriminator: judge } = asked(
          Schema.Struct({ generator: Player, discriminator: Player }),
          "onnx",
          out
        )
        assert.deepStrictEqual(generator.outputs, ["images", "canvases", "windows"])
        assert.deepStrictEqual(judge.outputs, ["logits"])
        for (const { domains, farthest, metadata, initialisers } of [generator, judge]) {
          assert.deepStrictEqual(domains, [""])
          assert.isAbove(initialisers, 8)
          assert.deepInclude(metadata, { model: "attention-gan", update: "12", seed: "1" })
          assert.isAtMost(farthest, 1e-5)
        }
      }).pipe(Effect.provide(layerOnnxRuntime))
    )
  )

  it.effect("takes a checkpoint's tensors through NumPy and back without changing a bit", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const run = yield* trained(folder)
        const passed = `${folder}/passed.safetensors`
        const seen = asked(
          Schema.Record(Schema.String, Schema.Tuple([Schema.String, Schema.Array(Schema.Number)])),
          "round-trip",
          `${run}/checkpoints/update-00000012/tensors.safetensors`,
          passed
        )
        const out = `${folder}/imported`
        const ended = yield* fovea("import", "--parameters", passed, "--like", run, "--out", out)
        assert.strictEqual(ended.code, 0, ended.stderr)
        const load = (directory: string) =>
          Effect.flatMap(CheckpointStore, ({ latest }) => latest).pipe(
            Effect.map((found) => Option.getOrThrow(found).tensors),
            Effect.provide(layerFileSystem({ directory: `${directory}/checkpoints` }), { local: true })
          )
        const original = yield* load(run)
        assertSameBits(yield* load(out), original)
        assert.deepStrictEqual(
          seen,
          Object.fromEntries(Object.entries(original).map(([name, { shape }]) => [name, ["float32", [...shape]]]))
        )
      })
    )
  )

  it.effect("reads the event files with TensorBoard's own reader while the log is open, and after it went on", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const run = yield* trained(folder)
        const log = `${folder}/events`
        const layer = Layer.provide(layerTensorBoard({ directory: log }), NodeServices.layer)
        const image = `${folder}/samples.png`
        const { writePng } = yield* ImageWriter
        const sheet = sampleGrid(tensorData([2, 1, 6, 5], new Float32Array(60).fill(0.5)))
        yield* writePng(image, sheet)
        const { size } = yield* fs.stat(image)
        const started = (update: number) =>
          ({
            _tag: "Started",
            name: "tiny",
            settings: { seed: 1 },
            update,
            totalUpdates: 12,
            backend: "reference",
            parameters: 400
          }) as const
        const loss = (update: number, value: number) => progress({ update, metrics: { loss: value } })

        yield* Effect.gen(function* () {
          const { record } = yield* TrainingLog
          yield* record(started(0))
          yield* record(loss(4, 0.5))
          yield* record({ _tag: "PictureWritten", update: 4, path: image })
          yield* record({ _tag: "Checkpointed", update: 4, path: `${run}/checkpoints/update-00000012` })
          yield* record(loss(6, 0.25))
          const now = asked(Events, "events", log)
          assert.deepStrictEqual(now.scalars["metrics/loss"], [
            [4, 0.5],
            [6, 0.25]
          ])
          assert.deepStrictEqual(now.images, { "pictures/samples": [[4, sheet.width, sheet.height, Number(size)]] })
          assert.deepStrictEqual(now.histograms["generator/patch.bias"], [[4, 9, 9]])
          assert.strictEqual(now.texts["run/settings"]?.[0], '```\n{\n  "seed": 1\n}\n```')
        }).pipe(Effect.provide(layer, { local: true }))

        yield* Effect.gen(function* () {
          const { record } = yield* TrainingLog
          yield* record(started(4))
          yield* record(loss(5, 0.75))
        }).pipe(Effect.provide(layer, { local: true }))
        const after = asked(Events, "events", log)
        assert.deepStrictEqual(after.scalars["metrics/loss"], [
          [4, 0.5],
          [5, 0.75]
        ])
        assert.strictEqual(after.images["pictures/samples"]?.length, 1)
      }).pipe(Effect.provide(layerSharp))
    )
  )
})
