import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { deepMerge } from "../../../src/domain/experiment/presets.ts"
import { tinyJson } from "../training/tinyExperiment.ts"
import { bytesBelow, fovea, inFolder, messageOf, writeConfig } from "./commandLine.ts"

/** Fails, says `message`, and leaves no trace beside the config file but, at most, the log it had opened. */
const refused = (args: (out: string) => ReadonlyArray<string>, message: RegExp | string) =>
  inFolder((folder) =>
    Effect.gen(function* () {
      const said = messageOf(yield* fovea(...args(`${folder}/out`)))
      if (typeof message === "string") assert.strictEqual(said, message)
      else assert.match(said, message)
      assert.isFalse(yield* FileSystem.FileSystem.use((fs) => fs.exists(`${folder}/out/checkpoints`)))
    })
  )

describe("flags", () => {
  it.effect.each<readonly [command: string, classifier: string, said: RegExp]>([
    ["reproduce", "out", /^--classifier: .*out is the reproduction's own folder: give the classifier another$/],
    ["report", "out/../out/", /^--classifier: .* is the reproduction's own folder/],
    ["reproduce", "link", /^--classifier: .*link is the reproduction's own folder/],
    ["reproduce", "out/paper/seed-0/checkpoints", /^--classifier: .* is in the folder of a training, .*out\/paper/]
  ])("keep the classifier apart: %s --classifier %s", ([command, classifier, said]) =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* fs.symlink("out", `${folder}/link`)
        yield* fs.makeDirectory(`${folder}/out`)
        const args = ["--out", `${folder}/out`, "--classifier", `${folder}/${classifier}`]
        assert.match(messageOf(yield* fovea(command, ...args)), said)
        assert.deepStrictEqual(yield* fs.readDirectory(`${folder}/out`), [])
      })
    ).pipe(Effect.orDie)
  )

  it.effect.each<readonly [config: string, said: RegExp]>([
    [
      '{"seed": 9007199254740993}',
      /config\.json: seed: 9007199254740993 cannot be held exactly; whole numbers go to 9007/
    ],
    ['{"training": {"epochs": 1e999}}', /config\.json: training\.epochs: 1e999 is too large for a number/]
  ])("take numbers as they are typed or not at all: %s", ([config, said]) =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = yield* writeConfig(folder, config)
        assert.match(messageOf(yield* fovea("train", "--config", path, "--out", `${folder}/out`)), said)
      })
    )
  )
})

describe("config files", () => {
  const cases: ReadonlyArray<readonly [name: string, config: unknown, message: RegExp]> = [
    ["not JSON", '{ "seed": 1, ', /config\.json: the config file is not JSON: /],
    ["empty", "", /config\.json: the config file is not JSON: the file is empty$/],
    ["not an object", [1, 2], /config\.json: the config file must hold a JSON object of settings$/],
    ["null", null, /config\.json: the config file must hold a JSON object of settings$/],
    ["a misspelt field", { model: { filterz: 3 } }, /config\.json: model\.filterz: there is no such setting$/],
    ["a misspelt group", { traning: {} }, /config\.json: traning: there is no such setting$/],
    [
      "wrong types",
      { seed: "one", training: { batchSize: "4" }, model: 7 },
      /config\.json: seed: expected .*, not "one"; model: expected settings of a model of kind .*, not 7; training\.batchSize: expected number, not "4"$/
    ],
    ["T = 0", { model: { glimpses: 0 } }, /model\.glimpses: expected a value greater than 0, not 0$/],
    ["N = 0", { model: { filters: 0 } }, /model\.filters: expected a value greater than 0, not 0$/],
    [
      "a hundred million glimpses",
      { model: { glimpses: 1e8 } },
      /model\.glimpses: .* less than or equal to 1000, not 100000000$/
    ],
    [
      "a model that fits no machine",
      { model: { units: 65_536 } },
      /model: a model of \d+ numbers is asked for; at most 268435456 are trained$/
    ],
    [
      "a data set that fits no machine",
      { dataset: { count: 1e9 } },
      /dataset\.count: makes more than 268435456 pixels/
    ],
    ["no epochs", { training: { epochs: 0 } }, /training\.epochs: expected a value greater than 0, not 0$/],
    ["negative epochs", { training: { epochs: -3 } }, /training\.epochs: expected a value greater than 0, not -3$/],
    [
      "N beyond the rows",
      { model: { filters: 6 } },
      /model\.filters: 6 x 6 filters do not fit images of 6 x 5 pixels$/
    ],
    [
      "a batch beyond the split",
      { training: { batchSize: 25 } },
      /training\.batchSize: a batch of 25 cannot be taken from 24 training images$/
    ],
    [
      "an unknown data set",
      { dataset: { kind: "cifar" } },
      /dataset: expected a data set of kind "mnist", "several-digits", "idx", "fashion-mnist", "cifar10", "folder" or "synthetic", not an object$/
    ],
    ["a data set without its folder", { dataset: { kind: "idx" } }, /dataset\.directory: is missing$/],
    ["a name that leaves the folder", { name: "../../etc" }, /name: expected letters, .*, not "\.\.\/\.\.\/etc"$/],
    [
      "a latent plan of another length",
      { model: { latentPlan: [{ mean: 0, deviation: 1 }] } },
      /model\.latentPlan: must have one entry a glimpse: 2, not 1$/
    ],
    [
      "a decay of one",
      { training: { generatorOptimizer: { beta1: 1 } } },
      /training\.generatorOptimizer\.beta1: must lie in \[0, 1\), not 1$/
    ],
    [
      "the prototype's name",
      `{ "__proto__": { "seed": 5 }, "model": { "__proto__": { "filters": 2 }, "constructor": { "prototype": 1 } } }`,
      /the config file is not JSON that can be read: __proto__ must not be a key$/
    ],
    ["a key twice", `{ "seed": 1, "model": {}, "seed": 2 }`, /the key "seed" stands twice in one object$/],
    ["a hundred thousand brackets", "[".repeat(1e5) + "]".repeat(1e5), /is nested more than 64 deep$/],
    [
      "two megabytes",
      `{ "seed": 1${" ".repeat(2e6)} }`,
      /cannot be read: it has 20000\d\d bytes; at most 1000000 are read$/
    ],
    [
      "a hundred wrong settings",
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`setting${i}`, i])),
      /setting20: there is no such setting; and 79 more$/
    ],
    ["a prototype's other name", { constructor: { prototype: { seed: 5 } } }, /constructor: there is no such setting$/]
  ]

  it.effect.each(cases)("%s", ([, config, message]) =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const isPart = typeof config === "object" && config !== null && !Array.isArray(config)
        const path = yield* writeConfig(folder, isPart ? deepMerge(tinyJson, { ...config }) : config)
        assert.match(messageOf(yield* fovea("train", "--config", path, "--out", `${folder}/out`)), message)
        // No prototype was touched.
        assert.isUndefined(Reflect.get({}, "seed"))
        assert.isUndefined(Reflect.get({}, "filters"))
        assert.isNotTrue(yield* FileSystem.FileSystem.use((fs) => fs.exists(`${folder}/out/checkpoints`)))
      })
    )
  )

  it.effect("that cannot be read", () =>
    Effect.andThen(
      refused(
        (out) => ["train", "--config", "/nowhere.json", "--out", out],
        /^\/nowhere\.json: the config file is not there$/
      ),
      refused(
        (out) => ["train", "--config", "/", "--out", out],
        /^\/: the config file cannot be read: it is a folder, not a file/
      )
    )
  )
})

describe("an output folder that cannot be written", () => {
  it.effect("below a regular file: says so, and leaves the file as it is", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        const before = yield* bytesBelow(folder)
        for (const more of [[], ["--figures"]]) {
          const said = messageOf(yield* fovea("train", ...more, "--config", config, "--out", `${config}/run`))
          assert.match(said, /config\.json\/run.*ENOTDIR: not a directory/)
          assert.deepStrictEqual(yield* bytesBelow(folder), before)
        }
      })
    )
  )

  it.effect("an existing run survives every refusal", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const out = `${folder}/run`
        const train = (config: unknown) =>
          Effect.flatMap(writeConfig(folder, config), (path) => fovea("train", "--config", path, "--out", out))
        assert.strictEqual((yield* train(tinyJson)).code, 0)
        const before = yield* bytesBelow(out)
        for (const change of [
          { model: { filters: 6 } },
          { training: { batchSize: 25 } },
          { model: { filterz: 1 } },
          { seed: 2 },
          { dataset: { kind: "idx", directory: "/nowhere" } }
        ]) {
          messageOf(yield* train(deepMerge(tinyJson, change)))
          assert.deepStrictEqual(yield* bytesBelow(out), before, JSON.stringify(change))
        }
      })
    )
  )

  it.effect("samples below a regular file: says so, and leaves the file as it is", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        yield* fovea("train", "--config", config, "--updates", "1", "--out", `${folder}/run`)
        const before = yield* bytesBelow(folder)
        for (const file of ["a.png", "a.npy"]) {
          const ended = yield* fovea("sample", "--checkpoint", `${folder}/run`, "--out", `${config}/${file}`)
          assert.match(messageOf(ended), /config\.json\/a\.(png|npy).*(ENOTDIR|EEXIST)/)
          assert.deepStrictEqual(yield* bytesBelow(folder), before)
        }
      })
    )
  )
})
