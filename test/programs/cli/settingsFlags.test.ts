import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { deepMerge } from "../../../src/domain/experiment/presets.ts"
import { tinyJson } from "../training/tinyExperiment.ts"
import { fovea, inFolder, usageOf, writeConfig } from "./commandLine.ts"

describe("settings by flags", () => {
  it.effect("lie over the file, the file over the preset, and --set over all", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder, deepMerge(tinyJson, { training: { updates: 2 } }))
        const out = `${folder}/run`
        const flags = ["--batch-size", "6", "--learning-rate", "0.01", "--size", "7x8", "--seed", "4"]
        const sets = ["--set", "seed=9", "--set", "training.generatorOptimizer.learningRate=0.02"]
        const ended = yield* fovea("train", "--config", config, "--out", out, "--quiet", ...flags, ...sets)
        assert.deepStrictEqual(ended, { code: 0, stdout: "", stderr: "" })
        const [started = ""] = (yield* fs.readFileString(`${out}/log.jsonl`)).split("\n")
        const { settings } = JSON.parse(started)
        assert.strictEqual(settings.seed, 9)
        assert.strictEqual(settings.model.units, 6)
        assert.deepInclude(settings.dataset, { height: 7, width: 8 })
        assert.deepInclude(settings.training, { batchSize: 6, updates: 2 })
        assert.strictEqual(settings.training.generatorOptimizer.learningRate, 0.02)
        assert.strictEqual(settings.training.discriminatorOptimizer.learningRate, 0.01)
      })
    )
  )

  it.effect.each<readonly [string, string]>([
    ["model.glimpse=8", "model.glimpse: there is no such setting; near it are model.glimpses, model.reader.glimpses"],
    ["model.glimpses=eight", 'model.glimpses: expected number, not "eight"'],
    ["model.glimpses=-1", "model.glimpses: expected a value greater than 0, not -1"],
    ["training.batchSize=null", "training.batchSize: is missing"],
    ["seed.x=1", 'seed.x: 1 has no "x"'],
    [
      "model.__proto__=1",
      "model.__proto__: there is no such setting; fovea train --print-settings shows those there are"
    ],
    [
      "model.kind=dcgan",
      "model.latentSize: is missing; model.generatorChannels: is missing; model.discriminatorChannels: is missing; model.kernelSize: is missing; model.leak: is missing; model.weightDeviation: is missing"
    ]
  ])("--set %s is refused with its path", ([assignment, message]) =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        const ended = yield* fovea("train", "--config", config, "--out", `${folder}/run`, "--set", assignment)
        assert.strictEqual(usageOf(ended), `--set ${message}`)
        assert.deepStrictEqual(yield* fs.readDirectory(folder), ["config.json"])
      })
    )
  )
})
