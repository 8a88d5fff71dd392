import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { presetNames, settingsFrom, settingsJson } from "../../../src/domain/experiment/presets.ts"
import { fovea, inFolder, usageOf, writeConfig } from "./commandLine.ts"

describe("--print-settings", () => {
  it.effect("of no flags are the paper's settings", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* fovea("train", "--print-settings")
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(JSON.parse(stdout), settingsJson(Result.getOrThrow(settingsFrom("paper", []))))
    })
  )

  it.effect("prints what --config takes back, for every preset", () =>
    inFolder((folder, fs) =>
      Effect.forEach(presetNames, (preset) =>
        Effect.gen(function* () {
          const first = yield* fovea("train", "--preset", preset, "--seed", "7", "--print-settings")
          const file = `${folder}/${preset}.json`
          yield* fs.writeFileString(file, first.stdout)
          const second = yield* fovea("train", "--config", file, "--print-settings")
          assert.strictEqual(second.stdout, first.stdout)
        })
      )
    ).pipe(Effect.orDie)
  )

  it.effect("takes whole settings for whole where null takes some of them away: no preset comes in below", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const modern = ["train", "--preset", "modern"] as const
        const ofD = "training.discriminatorOptimizer.maxGradientNorm=null"
        const { stdout } = yield* fovea(...modern, "--set", ofD, "--print-settings")
        const whole = JSON.parse(stdout)
        whole.training.generatorOptimizer.maxGradientNorm = null
        const file = yield* writeConfig(folder, whole)
        const ofG = "training.generatorOptimizer.maxGradientNorm=null"
        const wanted = yield* fovea(...modern, "--set", ofD, "--set", ofG, "--print-settings")
        const found = yield* fovea("train", "--config", file, "--print-settings")
        assert.strictEqual(found.stdout, wanted.stdout)
      })
    ).pipe(Effect.orDie)
  )
})

describe("--set", () => {
  const printed = (...flags: ReadonlyArray<string>) =>
    Effect.map(fovea("train", ...flags, "--print-settings"), ({ stdout, stderr }) => {
      assert.strictEqual(stderr, "")
      return JSON.parse(stdout)
    })

  it.effect("reaches every field, and wins over the file and the other flags", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder, { model: { filters: 4, glimpses: 9 }, seed: 3 })
        const settings = yield* printed(
          ...["--config", config, "--seed", "4", "--batch-size", "5", "--learning-rate", "0.5"],
          ...["--set", "model.glimpses=8", "--set", "seed=6", "--set", "training.averageDecay=0.9"]
        )
        assert.deepInclude(settings.model, { filters: 4, glimpses: 8 })
        assert.strictEqual(settings.seed, 6)
        assert.deepInclude(settings.training, { batchSize: 5, averageDecay: 0.9 })
        assert.strictEqual(settings.training.generatorOptimizer.learningRate, 0.5)
        assert.strictEqual(settings.training.discriminatorOptimizer.learningRate, 0.5)
      })
    ).pipe(Effect.orDie)
  )

  it.effect.each<readonly [string, RegExp]>([
    ["model.glimpsez=8", /--set model\.glimpsez: there is no such setting; near it are .*model\.glimpses/],
    ["glimpses=8", /there is no such setting; near it are .*model\.glimpses/],
    ["model.glimpses=many", /--set model\.glimpses: .*"many"/],
    ["model.glimpses=0", /--set model\.glimpses: /],
    ["model.glimpses", /expected path=value, such as model\.glimpses=8/],
    ["=8", /expected path=value/],
    ["__proto__.x=1", /there is no such setting/],
    ["constructor.name=x", /there is no such setting/],
    ["seed.deeper=1", /has no "deeper"/],
    ["model={", /the value of model is /]
  ])("refuses %s by its path", ([assignment, message]) =>
    Effect.gen(function* () {
      const ended = yield* fovea("train", "--set", assignment, "--print-settings")
      assert.match(usageOf(ended), message)
    })
  )
})

describe("--dry-run", () => {
  it.effect("says what a training would come to, and writes nothing", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        const before = yield* fs.readDirectory(folder)
        const args = ["train", "--config", config, "--out", `${folder}/run`, "--dry-run"]
        const { code, stdout, stderr } = yield* fovea(...args, "--json")
        assert.deepStrictEqual([code, stderr], [0, ""])
        const run = JSON.parse(stdout)
        assert.deepInclude(run, { name: "tiny", dataset: "synthetic:1x6x5:0", shape: [1, 6, 5], batchSize: 4 })
        assert.deepStrictEqual(run.images.training, 24)
        assert.isAbove(run.parameters, 100)
        // The clock of this test stands still.
        assert.strictEqual(run.milliseconds, 0)
        assert.isAbove(run.gigaflop, 0)
        assert.match((yield* fovea(...args)).stdout, /^experiment +tiny\n.*\bupdates of 4 images\b/s)
        assert.deepStrictEqual(yield* fs.readDirectory(folder), before)
      })
    ).pipe(Effect.orDie)
  )

  it.effect("is what --json goes with", () =>
    Effect.gen(function* () {
      assert.strictEqual(usageOf(yield* fovea("train", "--json")), "--json: goes with --dry-run")
    })
  )
})

describe("what a run records of its flags", () => {
  it.effect("says what is done about a collapse and numbers that are not finite", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        const recorded = Effect.fnUntraced(function* (name: string, ...flags: ReadonlyArray<string>) {
          const out = `${folder}/${name}`
          const ended = yield* fovea("train", "--config", config, "--updates", "1", "--out", out, ...flags)
          assert.strictEqual(ended.code, 0, ended.stderr)
          const [started = ""] = (yield* fs.readFileString(`${out}/log.jsonl`)).split("\n")
          return JSON.parse(started).settings.reporting
        })
        const asked = yield* recorded("asked", "--on-collapse", "stop", "--on-not-finite", "warn")
        assert.deepInclude(asked, { onCollapse: "stop", onNotFinite: "warn" })
        const ignored = yield* recorded("ignored", "--on-collapse", "ignore")
        assert.deepInclude(ignored, { onCollapse: "ignore" })
        assert.notProperty(yield* recorded("plain"), "onCollapse")
      })
    ).pipe(Effect.orDie)
  )
})
