import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import sharp from "sharp"
import { encodeNpy } from "../../../src/domain/data/npy.ts"
import { syntheticImages } from "../../../src/domain/data/syntheticImages.ts"
import { deepMerge } from "../../../src/domain/experiment/presets.ts"
import { EvaluationReport } from "../../../src/domain/metrics/EvaluationReport.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { encodeIdx } from "../../support/encodeIdx.ts"
import { pooling } from "../../support/featureNetwork.ts"
import { tinyJson } from "../training/tinyExperiment.ts"
import { fovea, inFolder, messageOf, writeConfig } from "./commandLine.ts"

/** IDX files of images of 6 rows and 5 columns, enough for a batch of the classifier's. */
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

const images = (count: number, value = 0.5) =>
  encodeNpy(tensorData([count, 6, 5], new Float32Array(count * 30).fill(value)))
const train = (folder: string) =>
  Effect.flatMap(writeConfig(folder, deepMerge(tinyJson, { training: { updates: 2 } })), (config) =>
    fovea("train", "--config", config, "--dataset", `${folder}/data`, "--out", `${folder}/run`)
  )

const parse = Schema.decodeUnknownEffect(Schema.fromJsonString(EvaluationReport))

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
        assert.match(evaluation.source, /run, update 2, latents of seed 1/)
        assert.strictEqual(evaluation.dataset, "idx:data")

        // The classifier is there now, and the same images from a file have the same measures.
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

  it.effect("measures a folder of images, as a table", () =>
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
        assert.match(table, /^images +20 +20 +20 +20$/m)
        assert.match(table, /^ +samples +test images +noise +mean image/m)
        for (const name of ["Precision", "Sharpness", "Memorisation", "Log-likelihood"]) {
          assert.match(table, new RegExp(`^ +${name} +\\S+`, "m"))
        }
        assert.notInclude(table, "undefined")
      })
    )
  )

  it.effect(
    "measures what it can of few images, of images without labels and of a single class, and says what is missing",
    () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          const write = (name: string, count: number) =>
            Effect.forEach(Array.from({ length: count }), (_, n) =>
              Effect.gen(function* () {
                const pixels = Uint8Array.from({ length: 30 }, (_, i) => (i * (n + 3) * 7 + count) % 256)
                const png = sharp(pixels, { raw: { width: 5, height: 6, channels: 1 } })
                  .png()
                  .toBuffer()
                yield* fs.writeFile(`${folder}/${name}/${n}.png`, yield* Effect.promise(() => png))
              })
            )
          for (const name of ["own", "few", "one", "two/a", "two/b", "same/a"]) {
            yield* fs.makeDirectory(`${folder}/${name}`, { recursive: true })
          }
          yield* write("own", 30)
          yield* write("few", 5)
          yield* write("one", 1)
          yield* write("two/a", 9)
          yield* write("two/b", 9)
          yield* write("same/a", 18)
          yield* fs.writeFile(`${folder}/net.onnx`, pooling({ shape: ["n", 3, 8, 8] }))
          const classifier = ["--classifier", `${folder}/classifier`]
          const measured = (...args: ReadonlyArray<string>) =>
            Effect.gen(function* () {
              const ended = yield* fovea("evaluate", ...classifier, ...args, "--json")
              assert.strictEqual(ended.code, 0, ended.stderr)
              const evaluation = yield* parse(ended.stdout)
              return { ...evaluation, missing: evaluation.samples.unmeasured.flatMap(({ measures }) => measures) }
            })

          // Without labels there is no classifier: pixels can be measured.
          const own = ["--dataset", `folder:${folder}/own`]
          const pixels = yield* measured(...own, "--samples", `${folder}/few`)
          assert.notProperty(pixels, "classifier")
          assert.isDefined(pixels.samples.parzen)
          assert.isDefined(pixels.samples.memorisation)
          assert.include(pixels.missing, "frechetDistance")
          assert.match(pixels.samples.unmeasured[0]?.reason ?? "", /they have no labels/)
          assert.isFalse(yield* fs.exists(`${folder}/classifier`))

          // With a network of the user's own there are distances, against a whole folder as well; classes there are not.
          const features = ["--features", `${folder}/net.onnx`]
          const seen = yield* measured(...own, "--samples", `${folder}/few`, ...features)
          assert.deepInclude(seen.features, { name: "net.onnx", width: 3, input: "images [n, 3, 8, 8], values 0..1" })
          assert.isDefined(seen.samples.frechetDistance)
          assert.sameMembers(seen.missing, [
            ...["inceptionScore", "classHistogram", "classEntropy", "classDistance", "confidence", "legible"],
            ...["precision", "recall", "density", "coverage"]
          ])
          const whole = ["--reference", `${folder}/own`, ...features]
          const same = yield* measured(...whole, "--samples", `${folder}/own`)
          assert.closeTo(same.samples.frechetDistance ?? Number.NaN, 0, 1e-6)
          assert.closeTo(same.samples.precision ?? Number.NaN, 1, 1e-12)
          assert.include(same.missing, "memorisation")
          const single = yield* measured(...whole, "--samples", `${folder}/one`)
          assert.isDefined(single.samples.sharpness)
          assert.include(single.missing, "frechetDistance")

          // Twelve training images teach a classifier, which is a poor one; one class teaches none.
          const twelve = yield* measured("--dataset", `folder:${folder}/two`, "--samples", `${folder}/own`)
          assert.strictEqual(twelve.classifier?.testImages, 3)
          assert.isDefined(twelve.samples.inceptionScore)
          assert.match(twelve.warnings.join(" "), /Fréchet distance is far too high for so few images: 12 /)
          const alone = yield* measured("--dataset", `folder:${folder}/same`, "--samples", `${folder}/own`)
          assert.match(alone.samples.unmeasured[0]?.reason ?? "", /all of one class/)

          const table = yield* fovea("evaluate", ...own, "--samples", `${folder}/few`, ...features)
          assert.match(
            table.stdout,
            /^features: net\.onnx \(SHA-256 [0-9a-f]{12}\), 3 numbers of images \[n, 3, 8, 8\], values 0\.\.1$/m
          )
          assert.match(table.stdout, /^Not measured$/m)
          assert.match(
            table.stdout,
            /^ {2}precision, recall, density, coverage: .*needs at least 6 images .* found 5$/m
          )
          assert.notMatch(table.stdout, /undefined|NaN/)
        })
      )
  )

  it.effect("says what is wrong before it trains a classifier", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* writeData(folder, fs)
        yield* fs.makeDirectory(`${folder}/empty`)
        yield* fs.makeDirectory(`${folder}/texts`)
        yield* fs.writeFileString(`${folder}/texts/notes.txt`, "no image")
        yield* fs.writeFile(`${folder}/few.npy`, images(19))
        yield* fs.writeFile(`${folder}/cut.npy`, images(30).subarray(0, 300))
        yield* fs.writeFile(`${folder}/bright.npy`, images(30, 1.5))
        yield* fs.writeFile(`${folder}/nan.npy`, images(30, Number.NaN))
        yield* fs.writeFile(`${folder}/large.npy`, encodeNpy(tensorData([30, 7, 5], new Float32Array(1050))))
        const run = ["--checkpoint", `${folder}/run`]
        for (const [args, message] of [
          [[], /^--checkpoint: is missing: give --checkpoint RUN, or --samples/],
          [[...run, "--samples", `${folder}/few.npy`], /^--checkpoint: contradicts --samples/],
          [["--samples", `${folder}/few.npy`, "--count", "30"], /^--count: goes with --checkpoint/],
          [["--samples", `${folder}/few.npy`, "--seed", "3"], /^--seed: goes with --checkpoint/],
          [run, /^--checkpoint: there is no file or folder .*run/],
          [
            ["--checkpoint", `${folder}/empty`],
            /^--checkpoint: there is no checkpoint in .*empty: it is empty\. Train a model first/
          ],
          [["--samples", `${folder}/few.npy`, "--reference", `${folder}/empty`], /^--reference: contradicts --dataset/],
          [["--samples", `${folder}/few.npy`, "--features-size", "9"], /^--features-size: goes with --features/],
          [["--samples", `${folder}/few.npy`, "--features", `${folder}/few.npy`], /few\.npy: it is not an ONNX model/],
          [["--samples", `${folder}/few.npy`, "--features", `${folder}/no.onnx`], /no\.onnx: it cannot be read/],
          [["--samples", `${folder}/none`], /none: there is no such file or folder/],
          [["--samples", `${folder}/empty`], /empty: the folder holds no images/],
          [["--samples", `${folder}/texts`], /notes\.txt: it is not an image/],
          [["--samples", `${folder}/cut.npy`], /cut\.npy: The NumPy file is cut short: 3600 bytes expected/],
          [
            ["--samples", `${folder}/bright.npy`],
            /bright\.npy: .* holds 1\.5 in image 0; expected numbers from 0 to 1/
          ],
          [["--samples", `${folder}/nan.npy`], /nan\.npy: .* holds NaN in image 0/],
          [["--samples", `${folder}/large.npy`], /large\.npy: .* an array \[30, 7, 5\]; expected images \[N, 6, 5\]/]
        ] as const) {
          assert.match(messageOf(yield* evaluate(folder, ...args)), message)
        }
        assert.isFalse(yield* fs.exists(`${folder}/classifier`))
      })
    )
  )

  it.effect("refuses a model of other images than the data's", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* writeData(folder, fs)
        const config = deepMerge(tinyJson, { dataset: { height: 7 }, training: { updates: 1 } })
        const trained = yield* fovea("train", "--config", yield* writeConfig(folder, config), "--out", `${folder}/run`)
        assert.strictEqual(trained.code, 0)
        assert.match(
          messageOf(yield* evaluate(folder, "--checkpoint", `${folder}/run`)),
          /^--checkpoint: the model in .* draws images of 7 rows, 5 columns and 1 channel, but those of the data set are images of 6 rows/
        )
      })
    )
  )
})
