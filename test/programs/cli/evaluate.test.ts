import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import sharp from "sharp"
import { encodeIdx } from "../../../src/domain/dataset/idx.ts"
import { encodeNpy } from "../../../src/domain/dataset/npy.ts"
import { syntheticImages } from "../../../src/domain/dataset/syntheticImages.ts"
import { Evaluation } from "../../../src/domain/evaluation/Evaluation.ts"
import { overlay } from "../../../src/domain/experiment/presets.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { tinyJson } from "../tinyExperiment.ts"
import { fovea, inFolder, messageOf, writeConfig } from "./commandLine.ts"

/** IDX files of pictures of 6 rows and 5 columns, enough for a batch of the classifier's. */
const writeData = Effect.fnUntraced(function* (folder: string, fs: FileSystem.FileSystem) {
  yield* fs.makeDirectory(`${folder}/data`, { recursive: true })
  for (const [prefix, count] of [
    ["train", 132],
    ["t10k", 24]
  ] as const) {
    const { pixels } = syntheticImages({ count, channels: 1, height: 6, width: 5, seed: 0, stream: prefix })
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10)
    yield* fs.writeFile(
      `${folder}/data/${prefix}-images-idx3-ubyte`,
      encodeIdx({ shape: [count, 6, 5], values: pixels })
    )
    yield* fs.writeFile(`${folder}/data/${prefix}-labels-idx1-ubyte`, encodeIdx({ shape: [count], values: labels }))
  }
}, Effect.orDie)

const evaluate = (folder: string, ...args: ReadonlyArray<string>) =>
  fovea("evaluate", "--dataset", `${folder}/data`, "--classifier", `${folder}/classifier`, ...args)

const pictures = (count: number, value = 0.5) =>
  encodeNpy(tensorData([count, 6, 5], new Float32Array(count * 30).fill(value)))
const train = (folder: string) =>
  Effect.flatMap(writeConfig(folder, overlay(tinyJson, { training: { updates: 2 } })), (config) =>
    fovea("train", "--config", config, "--dataset", `${folder}/data`, "--out", `${folder}/run`)
  )

const parse = Schema.decodeUnknownEffect(Schema.fromJsonString(Evaluation))

describe("fovea evaluate", () => {
  it.effect("measures a run and files alike, with nothing but JSON on standard output if asked to", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* writeData(folder, fs)
        assert.strictEqual((yield* train(folder)).code, 0)
        const run = ["--checkpoint", `${folder}/run`, "--count", "30"]
        const first = yield* evaluate(folder, ...run, "--json")
        assert.strictEqual(first.code, 0, first.stderr)
        assert.match(first.stderr, /There is no classifier in .*classifier yet: one is trained there first/)
        const evaluation = yield* parse(first.stdout)
        assert.strictEqual(evaluation.samples.count, 30)
        assert.match(evaluation.source, /run\/checkpoints, update 2, latents of seed 1/)
        assert.strictEqual(evaluation.dataset, "idx:data")

        // The classifier is there now, and the same pictures from a file have the same measures.
        const out = `${folder}/samples.npy`
        const drawn = yield* fovea("sample", "--checkpoint", `${folder}/run`, "--count", "30", "--out", out)
        assert.strictEqual(drawn.code, 0)
        const own = yield* fovea("evaluate", "--classifier", `${folder}/classifier`, ...run, "--json")
        assert.deepStrictEqual(JSON.parse(own.stdout), JSON.parse(first.stdout), "the run's own data if none is named")
        const again = yield* evaluate(folder, "--samples", out, "--json")
        assert.notInclude(again.stderr, "no classifier")
        assert.deepStrictEqual((yield* parse(again.stdout)).samples, evaluation.samples)

        // A variational model's bound of the 24 test images stands beside the measures; an adversarial one has none.
        assert.notProperty(evaluation, "bound")
        const vae = yield* writeConfig(folder, { ...tinyJson, model: { latentSize: 3, units: [6] } })
        const data = ["--dataset", `${folder}/data`, "--updates", "2", "--out", `${folder}/vae`]
        const trained = yield* fovea("train", "--preset", "vae", "--config", vae, ...data)
        assert.strictEqual(trained.code, 0, trained.stderr)
        const variational = ["--checkpoint", `${folder}/vae`, "--count", "30"]
        const { bound } = yield* parse((yield* evaluate(folder, ...variational, "--json")).stdout)
        assert(bound !== undefined)
        assert.strictEqual(bound.count, 24)
        assert.closeTo(bound.bound.value, bound.logLikelihood.value - bound.divergence.value, 1e-9)
        const { stdout } = yield* evaluate(folder, ...variational)
        assert.match(stdout, /^variational bound of 24 test images, binarised \(seed 1\): −\d+\.\d+ ± \d\.\d+ nats$/m)

        // Of another kind of model, which is not a generator.
        const wrong = yield* evaluate(folder, "--checkpoint", `${folder}/classifier`)
        assert.match(messageOf(wrong), /^--checkpoint: .*classifier is not of a generator that this version knows/)
      })
    )
  )

  it.effect("measures a folder of pictures, as a table", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* writeData(folder, fs)
        yield* fs.makeDirectory(`${folder}/pictures`)
        for (let n = 0; n < 20; n++) {
          const pixels = Uint8Array.from({ length: 30 }, (_, i) => (i * (n + 3)) % 256)
          const png = sharp(pixels, { raw: { width: 5, height: 6, channels: 1 } })
            .png()
            .toBuffer()
          yield* fs.writeFile(`${folder}/pictures/${n}.png`, yield* Effect.promise(() => png))
        }
        const table = (yield* evaluate(folder, "--samples", `${folder}/pictures`)).stdout
        assert.match(table, /^pictures +20 +20 +20 +20$/m)
        assert.match(table, /^ +samples +test images +noise +mean image/m)
        for (const name of ["Precision", "Sharpness", "Memorisation", "Log-likelihood"]) {
          assert.match(table, new RegExp(`^ +${name} +\\S+`, "m"))
        }
        assert.notInclude(table, "undefined")
      })
    )
  )

  it.effect("says what is wrong before it trains a classifier", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* writeData(folder, fs)
        yield* fs.makeDirectory(`${folder}/empty`)
        yield* fs.makeDirectory(`${folder}/texts`)
        yield* fs.writeFileString(`${folder}/texts/notes.txt`, "no picture")
        yield* fs.writeFile(`${folder}/few.npy`, pictures(19))
        yield* fs.writeFile(`${folder}/cut.npy`, pictures(30).subarray(0, 300))
        yield* fs.writeFile(`${folder}/bright.npy`, pictures(30, 1.5))
        yield* fs.writeFile(`${folder}/nan.npy`, pictures(30, Number.NaN))
        yield* fs.writeFile(`${folder}/large.npy`, encodeNpy(tensorData([30, 7, 5], new Float32Array(1050))))
        const run = ["--checkpoint", `${folder}/run`]
        for (const [args, message] of [
          [[], /^--checkpoint: is missing: give --checkpoint RUN, or --samples/],
          [[...run, "--samples", `${folder}/few.npy`], /^--checkpoint: contradicts --samples/],
          [["--samples", `${folder}/few.npy`, "--count", "30"], /^--count: goes with --checkpoint/],
          [["--samples", `${folder}/few.npy`, "--seed", "3"], /^--seed: goes with --checkpoint/],
          [run, /^--checkpoint: there is no folder .*run/],
          [["--checkpoint", `${folder}/empty`], /^There is no checkpoint in .*empty/],
          [[...run, "--count", "19"], /^--count: Inception score: samples: needs at least 20 .*found 19/],
          [["--samples", `${folder}/few.npy`], /^Inception score: samples: needs at least 20 .*found 19/],
          [["--samples", `${folder}/none`], /none: there is no such file or folder/],
          [["--samples", `${folder}/empty`], /empty: the folder holds no pictures/],
          [["--samples", `${folder}/texts`], /notes\.txt: it is not a picture/],
          [["--samples", `${folder}/cut.npy`], /cut\.npy: The NumPy file is cut short: 3600 bytes expected/],
          [
            ["--samples", `${folder}/bright.npy`],
            /bright\.npy: .* holds 1\.5 in picture 0; expected numbers from 0 to 1/
          ],
          [["--samples", `${folder}/nan.npy`], /nan\.npy: .* holds NaN in picture 0/],
          [["--samples", `${folder}/large.npy`], /large\.npy: .* an array \[30, 7, 5\]; expected pictures \[N, 6, 5\]/]
        ] as const) {
          assert.match(messageOf(yield* evaluate(folder, ...args)), message)
        }
        assert.isFalse(yield* fs.exists(`${folder}/classifier`))
      })
    )
  )

  it.effect("refuses a model of other pictures than the data's", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* writeData(folder, fs)
        const config = overlay(tinyJson, { dataset: { height: 7 }, training: { updates: 1 } })
        const trained = yield* fovea("train", "--config", yield* writeConfig(folder, config), "--out", `${folder}/run`)
        assert.strictEqual(trained.code, 0)
        assert.match(
          messageOf(yield* evaluate(folder, "--checkpoint", `${folder}/run`)),
          /^--checkpoint: the model in .* draws pictures of 7 rows, 5 columns and 1 channel, but those of the data set are pictures of 6 rows/
        )
      })
    )
  )
})
