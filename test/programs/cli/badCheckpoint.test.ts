import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { deepMerge, type SettingsJson } from "../../../src/domain/experiment/presets.ts"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { layerFileSystem } from "../../../src/layers/checkpoint/fileSystem.ts"
import { tinyJson } from "../training/tinyExperiment.ts"
import { bytesBelow, fovea, inFolder, messageOf, trainedRun, writeConfig } from "./commandLine.ts"

const short = deepMerge(tinyJson, { training: { updates: 7 } })
const newest = "run/checkpoints/update-00000007"

const train = (folder: string, config: SettingsJson) =>
  Effect.flatMap(writeConfig(folder, config), (path) => fovea("train", "--config", path, "--out", `${folder}/run`))
const sample = (folder: string) =>
  fovea("sample", "--checkpoint", `${folder}/run`, "--count", "2", "--out", `${folder}/out.npy`)

/** A run of seven updates with checkpoints after 6 and 7; `spoil` does something to it, then both commands are tried. */
const spoilt = (
  spoil: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<unknown, unknown>,
  message: RegExp
) =>
  inFolder((folder, fs) =>
    Effect.gen(function* () {
      yield* trainedRun(folder, short)
      yield* Effect.orDie(spoil(folder, fs))
      const before = yield* bytesBelow(`${folder}/run`)
      for (const ended of [yield* train(folder, tinyJson), yield* sample(folder)]) {
        assert.match(messageOf(ended), message)
        assert.deepStrictEqual(yield* bytesBelow(`${folder}/run`), before)
      }
      assert.isFalse(yield* fs.exists(`${folder}/out.npy`))
    })
  )

const flip = (path: string, at: (length: number) => number) => (folder: string, fs: FileSystem.FileSystem) =>
  Effect.gen(function* () {
    const file = `${folder}/${newest}/${path}`
    const bytes = yield* fs.readFile(file)
    const i = at(bytes.length)
    bytes[i] = (bytes[i] ?? 0) ^ 1
    yield* fs.writeFile(file, bytes)
  })

describe("a damaged checkpoint is refused, and the newest sound one is named", () => {
  const sound =
    "The newest intact checkpoint is that of update 6; to go on from it, repeat the command with --on-damage fallback\\."

  it.effect("a flipped byte in the tensors", () =>
    spoilt(
      flip("tensors.safetensors", (length) => length - 5),
      new RegExp(`update-00000007/tensors\\.safetensors is damaged: expected SHA-256 [0-9a-f]{64}, found .* ${sound}$`)
    )
  )
  it.effect("a flipped byte in the manifest", () =>
    spoilt(
      flip("manifest.json", (length) => length >> 1),
      new RegExp(`update-00000007/manifest\\.json is damaged: .* ${sound}$`)
    )
  )
  it.effect("tensors cut short", () =>
    spoilt(
      (folder, fs) =>
        Effect.flatMap(fs.readFile(`${folder}/${newest}/tensors.safetensors`), (bytes) =>
          fs.writeFile(`${folder}/${newest}/tensors.safetensors`, bytes.subarray(0, bytes.length >> 1))
        ),
      new RegExp(`update-00000007/tensors\\.safetensors is damaged: expected \\d+ bytes, found \\d+\\. ${sound}$`)
    )
  )
  it.effect("a manifest that is missing", () =>
    spoilt(
      (folder, fs) => fs.remove(`${folder}/${newest}/manifest.json`),
      new RegExp(`update-00000007/manifest\\.json is damaged: expected this file, found none\\. ${sound}$`)
    )
  )
  it.effect("a checkpoint that another program made", () =>
    spoilt(
      (folder) =>
        Effect.gen(function* () {
          const store = yield* CheckpointStore
          const { description, tensors } = Option.getOrThrow(yield* store.latest)
          yield* store.save({ description: { ...description, settings: { flavour: "other" } }, tensors })
        }).pipe(
          Effect.provide(layerFileSystem({ directory: `${folder}/run/checkpoints` }), { local: true }),
          Effect.provide(NodeServices.layer)
        ),
      /^checkpoint: (flavour: there is no such setting|settings: is missing|format: is missing)/
    )
  )
})

describe("--on-damage fallback", () => {
  it.effect("goes on from the newest intact checkpoint to the same end, and sets the damaged one aside", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const whole = yield* writeConfig(folder)
        assert.strictEqual((yield* fovea("train", "--config", whole, "--out", `${folder}/whole`)).code, 0)
        yield* trainedRun(folder, short)
        yield* flip("tensors.safetensors", (length) => length - 5)(folder, fs)
        const before = yield* bytesBelow(`${folder}/run`)

        const fallback = ["--on-damage", "fallback"]
        const out = `${folder}/out.npy`
        const sampled = yield* fovea(
          "sample",
          "--checkpoint",
          `${folder}/run`,
          "--count",
          "2",
          "--out",
          out,
          ...fallback
        )
        assert.strictEqual(sampled.code, 0, sampled.stderr)
        assert.deepStrictEqual(yield* bytesBelow(`${folder}/run`), before)

        const config = yield* writeConfig(folder)
        const gone = yield* fovea("train", "--config", config, "--out", `${folder}/run`, ...fallback)
        assert.strictEqual(gone.code, 0, gone.stderr)
        assert.match(
          `${sampled.stdout}${gone.stdout}`,
          /update-00000007\/tensors\.safetensors is damaged: .* Going on from the checkpoint of update 6\./
        )
        const end = "checkpoints/update-00000012/tensors.safetensors"
        assert.deepStrictEqual(yield* fs.readFile(`${folder}/run/${end}`), yield* fs.readFile(`${folder}/whole/${end}`))
        assert.deepStrictEqual((yield* fs.readDirectory(`${folder}/run/checkpoints`)).sort(), [
          "update-00000006",
          "update-00000007.damaged",
          "update-00000012"
        ])
        // The damaged one is no more in the way of commands without the flag.
        assert.strictEqual((yield* sample(folder)).code, 0)
      })
    ).pipe(Effect.orDie)
  )

  it.effect("fails if no checkpoint is intact", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* trainedRun(folder, short)
        for (const update of ["6", "7"]) {
          yield* fs.writeFileString(`${folder}/run/checkpoints/update-0000000${update}/manifest.json`, "{}")
        }
        const config = yield* writeConfig(folder, tinyJson)
        const ended = yield* fovea("train", "--config", config, "--out", `${folder}/run`, "--on-damage", "fallback")
        assert.match(
          messageOf(ended),
          /is damaged: .* No other checkpoint here is intact\. To begin anew, move the folder/
        )
      })
    ).pipe(Effect.orDie)
  )
})

describe("a checkpoint of other settings", () => {
  it.effect("is refused with the field, what it was and what is asked for", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* trainedRun(folder, short)
        const before = yield* bytesBelow(`${folder}/run`)
        const cases: ReadonlyArray<readonly [SettingsJson, RegExp]> = [
          [{ seed: 8 }, /^seed: the checkpoint was made with 1, but 8 is asked for/],
          [{ model: { units: 7 } }, /^model\.units: the checkpoint was made with 6, but 7 is asked for/],
          [{ model: { canvas: "linear" } }, /^model\.canvas: .* "sigmoid", but "linear" is asked for/],
          [{ training: { batchSize: 5 } }, /^training\.batchSize: .* 4, but 5 is asked for/],
          [{ dataset: { width: 6 } }, /^dataset\.width: .* 5, but 6 is asked for/]
        ]
        for (const [change, message] of cases) {
          const said = messageOf(yield* train(folder, deepMerge(short, change)))
          assert.match(said, message)
          assert.include(said, "use the same settings, or another output folder")
          assert.include(said, `${folder}/run/checkpoints`)
          assert.deepStrictEqual(yield* bytesBelow(`${folder}/run`), before)
        }
      })
    )
  )
})

describe("numbers that go wrong", () => {
  it.effect("end the run, or are warned of, as the flag says; the states are kept in the run's folder", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const rate = { learningRate: 1e38 }
        const absurd = deepMerge(tinyJson, { training: { generatorOptimizer: rate, discriminatorOptimizer: rate } })
        const config = yield* writeConfig(folder, absurd)
        const args = ["train", "--config", config]
        const stopped = messageOf(yield* fovea(...args, "--out", `${folder}/stop`))
        assert.match(stopped, /^Training diverged: after update \d+, .* kept in .*\/stop\/diverged\.$/)
        assert.isNotEmpty(yield* fs.readDirectory(`${folder}/stop/diverged`))
        const warned = messageOf(yield* fovea(...args, "--on-not-finite", "warn", "--out", `${folder}/warn`))
        assert.match(warned, /^Training diverged: after update 12/)
        const log = yield* fs.readFileString(`${folder}/warn/log.jsonl`)
        assert.match(log, /"_tag":"Warned".*The run goes on; nothing is saved of it until all is finite/)
        // No run goes on from what is kept there.
        assert.match(messageOf(yield* fovea(...args, "--out", `${folder}/stop`)), /^Training diverged: after update \d/)
      })
    ).pipe(Effect.orDie)
  )
})

describe("sample", () => {
  it.effect("without a checkpoint says so", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* fs.makeDirectory(`${folder}/run/checkpoints`, { recursive: true })
        assert.match(
          messageOf(yield* sample(folder)),
          /^--checkpoint: there is no checkpoint in .*\/run: it holds "checkpoints"\. What is taken: the folder of a run, /
        )
        assert.deepStrictEqual(yield* fs.readDirectory(folder), ["run"])
      })
    )
  )

  it.effect("of a file instead of a folder says so", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* fs.writeFileString(`${folder}/run`, "a file")
        assert.match(messageOf(yield* sample(folder)), /run is no file of a checkpoint\. What is taken: /)
      })
    )
  )
})
