import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import sharp from "sharp"
import { deepMerge } from "../../../src/domain/experiment/presets.ts"
import { readJsonLines } from "../../../src/layers/log/readJsonLines.ts"
import { OnResultsAreFiles } from "../../../src/layers/process/standardStreams.ts"
import { libraryVersion } from "../../../src/programs/libraryVersion.ts"
import { eventsOf, tinyJson } from "../training/tinyExperiment.ts"
import { bytesBelow, fovea, inFolder, messageOf, trainedRun, usageOf, writeConfig } from "./commandLine.ts"

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

describe("a command whose reader leaves", () => {
  const nowhere = "/nowhere/run"
  const [to, of] = [
    ["--out", "/nowhere/out.png"],
    ["--checkpoint", nowhere]
  ] as const
  it.effect.each([
    ["succeeds when it was asked for files", ["train", "--config", nowhere, ...to], true],
    ["succeeds when it was asked for files", ["sample", ...of, ...to], true],
    ["succeeds when it was asked for files", ["export", ...of, ...to], true],
    ["succeeds when it was asked for files", ["import", "--parameters", nowhere, "--like", nowhere, ...to], true],
    ["succeeds when it was asked for files", ["report", "--plan", nowhere], true],
    ["does not when it was asked for what it prints", ["evaluate", "--samples", nowhere], false],
    ["does not when it was asked for what it prints", ["windows", ...of], false],
    ["does not when it was asked for what it prints", ["replay", nowhere], false],
    ["does not when it was asked for what it prints", ["verify", nowhere], false]
  ] as const)("%s: %j", ([_, args, files]) =>
    Effect.gen(function* () {
      let said = false
      const saying = Effect.sync(() => {
        said = true
      })
      const { stderr } = yield* Effect.provideService(fovea(...args), OnResultsAreFiles, saying)
      assert.include(stderr, nowhere)
      assert.strictEqual(said, files)
    })
  )
})

describe("fovea --help", () => {
  it.effect("lists the commands", () =>
    Effect.gen(function* () {
      for (const args of [["--help"], ["-h"]]) {
        const { code, stdout, stderr } = yield* fovea(...args)
        assert.strictEqual(code, 0)
        assert.strictEqual(stderr, "")
        for (const command of ["reproduce", "report", "train", "sample", "evaluate"])
          assert.match(stdout, new RegExp(`^ +${command} `, "m"))
      }
      assert.include((yield* fovea("--version")).stdout, libraryVersion)
    })
  )

  it.effect.each([
    ["train", ["preset", "config", "dataset", "seed", "epochs", "updates", "out", "figures", "tensorboard", "backend"]],
    ["reproduce", ["quick", "plan", "dataset", "seed", "replicas", "out", "classifier", "only", "list", "tensorboard"]],
    ["report", ["quick", "plan", "dataset", "seed", "replicas", "out", "classifier"]],
    ["sample", ["checkpoint", "count", "seed", "out"]]
  ] as const)("of %s tells its flags", ([command, flags]) =>
    Effect.gen(function* () {
      const { code, stdout, stderr } = yield* fovea(command, "--help")
      assert.strictEqual(code, 0)
      assert.strictEqual(stderr, "")
      assert.include(stdout, `fovea ${command} [flags]`)
      // Each with a description.
      for (const flag of flags) assert.match(stdout, new RegExp(`^ +--${flag} .*[a-z]{3}`, "m"))
    })
  )
})

describe("fovea train", () => {
  it.effect("trains as far as --updates, goes on as far as the settings say, and is then at its end", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const train = ["train", "--config", yield* writeConfig(folder), "--out", `${folder}/run`]
        const first = yield* fovea(...train, "--updates", "5")
        assert.deepStrictEqual([first.code, first.stderr], [0, ""])
        assert.deepStrictEqual(yield* fs.readDirectory(`${folder}/run/checkpoints`), ["update-00000005"])
        const second = yield* fovea(...train)
        assert.deepStrictEqual([second.code, second.stderr], [0, ""])
        const { records } = yield* readJsonLines(`${folder}/run/log.jsonl`)
        const events = records.map(({ event }) => event)
        assert.deepStrictEqual(
          eventsOf("Progress", events).map(({ update }) => update),
          Array.from({ length: 12 }, (_, i) => i + 1)
        )
        assert.deepStrictEqual(
          eventsOf("Started", events).map(({ update, totalUpdates }) => [update, totalUpdates]),
          [
            [0, 5],
            [5, 12]
          ]
        )
        const checkpoints = yield* bytesBelow(`${folder}/run/checkpoints`)
        assert.strictEqual((yield* fovea(...train)).code, 0)
        assert.deepStrictEqual(yield* bytesBelow(`${folder}/run/checkpoints`), checkpoints)

        // Interrupted and gone on with or not, whatever the folder: the same parameters.
        const whole = yield* fovea(...train.slice(0, 3), "--out", `${folder}/whole`)
        assert.strictEqual(whole.code, 0)
        const tensors = "checkpoints/update-00000012/tensors.safetensors"
        assert.deepStrictEqual(
          yield* fs.readFile(`${folder}/run/${tensors}`),
          yield* fs.readFile(`${folder}/whole/${tensors}`)
        )
      })
    )
  )

  it.effect("lets flags overrule the config file, and the file the preset", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        const out = `${folder}/run`
        const { code } = yield* fovea("train", "--config", config, "--seed", "9", "--epochs", "1", "--out", out)
        assert.strictEqual(code, 0)
        const { records } = yield* readJsonLines(`${out}/log.jsonl`)
        const [started] = eventsOf(
          "Started",
          records.map(({ event }) => event)
        )
        assert.deepNestedInclude(started?.settings, {
          seed: 9,
          "training.epochs": 1,
          "training.batchSize": 4,
          "model.activation.generator": "tanh",
          name: "tiny"
        })
      })
    )
  )

  it.effect("takes a folder for the data although the config file names other data", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        const { code, stderr } = yield* fovea(
          "train",
          "--config",
          config,
          "--dataset",
          `${folder}/none`,
          "--out",
          `${folder}/run`
        )
        assert.strictEqual(code, 1)
        assert.include(stderr, `${folder}/none: there is no such folder`)
      })
    )
  )
})

describe("fovea sample", () => {
  it.effect("writes images as .npy and .png from a run's folder or its checkpoints", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const run = yield* trainedRun(folder, deepMerge(tinyJson, { training: { updates: 2 } }))
        const before = yield* bytesBelow(run)
        const sample = (checkpoint: string, out: string, ...more: ReadonlyArray<string>) =>
          fovea("sample", "--checkpoint", checkpoint, "--out", `${folder}/${out}`, ...more)
        for (const ended of [
          yield* sample(run, "few.npy", "--count", "3"),
          yield* sample(`${run}/checkpoints`, "again.npy", "--count", "3"),
          yield* sample(run, "more.npy", "--count", "7"),
          yield* sample(run, "other.npy", "--count", "3", "--seed", "77"),
          yield* sample(run, "deep/er/sheet.png", "--count", "3"),
          yield* sample(run, "SHEET.PNG")
        ]) {
          assert.strictEqual(ended.code, 0)
          assert.match(ended.stderr, /^Opening .*\/run(\/checkpoints)? to draw (3|7|100) images$/)
        }
        const read = (name: string) => Effect.map(fs.readFile(`${folder}/${name}`), (bytes) => Buffer.from(bytes))
        const few = yield* read("few.npy")
        assert.include(few.toString("latin1", 0, 128), "'shape': (3, 6, 5), ")
        assert.strictEqual(few.length, 128 + 4 * 3 * 6 * 5)
        assert.isTrue(few.equals(yield* read("again.npy")))
        assert.isTrue(few.subarray(128).equals((yield* read("more.npy")).subarray(128, few.length)))
        assert.isFalse(few.equals(yield* read("other.npy")))
        for (const png of ["deep/er/sheet.png", "SHEET.PNG"]) {
          assert.deepStrictEqual([...(yield* read(png)).subarray(0, 8)], pngSignature)
        }
        assert.deepStrictEqual(yield* bytesBelow(run), before)
      })
    )
  )

  it.effect("says what it wrote, in any of its formats, as images or step by step", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const run = yield* trainedRun(folder, deepMerge(tinyJson, { training: { updates: 2 } }))
        const sample = (out: string, ...more: ReadonlyArray<string>) =>
          fovea("sample", "--checkpoint", run, "--out", `${folder}/${out}`, ...more)
        const sheet = yield* sample("sheet.webp", "--count", "3")
        assert.strictEqual(
          sheet.stdout.replace(/[\d,]+ bytes$/, "n bytes"),
          `${folder}/sheet.webp: 3 images of 6 x 5; update 2, latents of seed 1; n bytes`
        )
        const counted = yield* sample("numbers", "--format", "npy", "--count", "1", "--json")
        assert.strictEqual(counted.stderr, "")
        const numbers = JSON.parse(counted.stdout)
        assert.deepInclude(numbers, { format: "npy", count: 1, bytes: 128 + 4 * 6 * 5, update: 2, seed: 1 })
        const size = (name: string) =>
          Effect.map(
            Effect.promise(() => sharp(`${folder}/${name}`).metadata()),
            ({ width, height, pages, pageHeight }) => ({ width, height: pageHeight ?? height, pages })
          )
        assert.deepStrictEqual(yield* size("sheet.webp"), { width: 183, height: 24, pages: undefined })
        assert.match((yield* sample("steps.png", "--steps", "--count", "2")).stdout, /2 images of 6 x 5, step by step;/)
        assert.strictEqual((yield* sample("steps.webp", "--steps")).code, 0)
        // c_0, two steps, and the finished images.
        assert.strictEqual((yield* size("steps.webp")).pages, 4)
        assert.isAbove((yield* size("steps.png")).height, 2 * 100)
        assert.match(usageOf(yield* sample("steps.npy", "--steps")), /^--steps: goes with \.png or \.webp/)
        assert.match(
          usageOf(yield* sample("a.gif")),
          /^--out: .* ending in \.png, \.webp or \.npy, not .*; or say which/
        )
        assert.isFalse(yield* fs.exists(`${folder}/steps.npy`))
      })
    ).pipe(Effect.orDie)
  )
})

describe("a training that is refused", () => {
  it.effect("leaves no folder that was not there, and no other one changed", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const train = (out: string, ...more: ReadonlyArray<string>) => fovea("train", "--out", out, ...more)
        yield* fs.makeDirectory(`${folder}/mine`)
        const config = yield* writeConfig(folder)
        for (const out of ["mine", "new"].map((name) => `${folder}/${name}`)) {
          messageOf(yield* train(out, "--dataset", `folder:${folder}/nowhere`))
          messageOf(yield* train(out, "--config", config, "--batch-size", "500"))
          messageOf(yield* train(out, "--config", config, "--batch-size", "500", "--tensorboard", "--figures"))
        }
        messageOf(yield* train(`${folder}/deep/er/new`, "--config", config, "--batch-size", "500"))
        assert.sameMembers(yield* fs.readDirectory(folder), ["mine", "config.json"])
        assert.deepStrictEqual(yield* fs.readDirectory(`${folder}/mine`), [])
      })
    ).pipe(Effect.orDie)
  )
})

describe("fovea train --figures", () => {
  it.effect(
    "draws samples and steps as training runs, and latents and the animation at the end, each file named for what it is",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const out = `${folder}/run`
          const { code, stderr } = yield* fovea(
            "train",
            "--figures",
            "--config",
            yield* writeConfig(folder),
            "--out",
            out
          )
          assert.deepStrictEqual([code, stderr], [0, ""])
          const figures = Object.entries(yield* bytesBelow(`${out}/figures`))
          assert.deepStrictEqual(
            figures.map(([name]) => name),
            [
              "epoch-001",
              "epoch-001/samples.png",
              "epoch-001/steps.png",
              "learning-curves.png",
              "learning-curves.svg",
              "random-and-fixed-latents.png",
              "samples.png",
              "single-latents.png",
              "steps.png",
              "steps.webp",
              "training-images.png",
              "wild-latents.png"
            ]
          )
          for (const [name, content] of figures.filter(([file]) => file.endsWith(".png"))) {
            const bytes = Buffer.from(content, "base64")
            assert.deepStrictEqual([...bytes.subarray(0, 8)], pngSignature, name)
            assert.isAbove(bytes.readUInt32BE(16), 20, `width of ${name}`)
          }
        })
      )
  )
})
