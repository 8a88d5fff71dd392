import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { deepMerge } from "../../../src/domain/experiment/presets.ts"
import { checkedLine, openLine } from "../../../src/layers/log/checkedLine.ts"
import { tinyJson } from "../training/tinyExperiment.ts"
import { fovea, inFolder, messageOf, trainedRun, writeConfig } from "./commandLine.ts"

const trained = (folder: string, changes = {}) => trainedRun(folder, deepMerge(tinyJson, changes))

const manifestOf = (run: string, update: number): string =>
  `${run}/checkpoints/update-${String(update).padStart(8, "0")}/manifest.json`

const altered = (fs: FileSystem.FileSystem, path: string, change: (text: string) => string) =>
  Effect.flatMap(fs.readFileString(path), (text) => {
    assert.notStrictEqual(change(text), text)
    return fs.writeFileString(path, change(text))
  })

/** The text of a log with another loss of one update, as a run that had come to it would have written it. */
const withLoss = (text: string, update: number): string =>
  text
    .split("\n")
    .map((line) => {
      if (!line.includes(`"update":${update},`) || !line.includes('"generatorLoss"')) return line
      const record: { metrics: Record<string, number> } = JSON.parse(openLine(line).json)
      const metrics = { ...record.metrics, generatorLoss: (record.metrics.generatorLoss ?? 0) + 1e-7 }
      return checkedLine({ ...record, metrics })
    })
    .join("\n")

describe("fovea replay", () => {
  it.live("finds a run the same to the bit: from the beginning, from a checkpoint, and by a manifest alone", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const run = yield* trained(folder, { reporting: { milestoneEpochs: [1] } })
        const whole = yield* fovea("replay", run, "--updates", "12")
        assert.strictEqual(whole.code, 0, whole.stderr)
        // Checkpoints at 6 and 12, and milestones at the same.
        assert.strictEqual(
          whole.stdout,
          "Updates 1 to 12 of tiny, seed 1: 12 records of metrics and 4 states are the same to the bit."
        )
        const later = yield* fovea("replay", run, "--from", "6", "--updates", "3")
        assert.include(later.stdout, "Updates 7 to 9 of tiny, seed 1: 3 records of metrics and 0 states")
        yield* fs.copyFile(manifestOf(run, 6), `${folder}/alone.json`)
        const alone = yield* fovea("replay", `${folder}/alone.json`)
        assert.include(alone.stdout, "Updates 1 to 6 of tiny, seed 1: 1 records of metrics and 1 states")
      })
    )
  )

  it.live("records what it was computed with", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const run = yield* trained(folder, { training: { shards: 2 } })
        const { environment } = JSON.parse(yield* fs.readFileString(manifestOf(run, 12)))
        assert.deepInclude(environment, { node: process.versions.node, shards: 2, threads: 2 })
        assert.match(environment.engine, /^onnxruntime-node \d+\.\d+\.\d+$/)
        const ended = yield* fovea("replay", run)
        assert.include(ended.stdout, "12 records of metrics and 4 states are the same to the bit")
      })
    )
  )

  it.live("names the first difference: of metrics, of a state", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const run = yield* trained(folder)
        const log = `${run}/log.jsonl`
        const kept = yield* fs.readFileString(log)
        // What is not as it was written is passed over, and told of.
        yield* altered(fs, log, (text) => text.replace(/("update":5,.*?"generatorLoss":)/, "$11"))
        const damaged = yield* fovea("replay", run)
        assert.include(damaged.stdout, "11 records of metrics and 4 states are the same to the bit")
        assert.include(damaged.stdout + damaged.stderr, "log.jsonl: lines passed over (damaged: ")
        yield* fs.writeFileString(log, kept)

        yield* altered(fs, log, (text) => withLoss(text, 5))
        const metric = messageOf(yield* fovea("replay", run))
        assert.match(
          metric,
          /^The run is not what it was: after update 5, generatorLoss is [\d.]+, but [\d.]+ in .*log\.jsonl/
        )
        assert.include(metric, "Versions, engine and processor are the recorded ones.")
        yield* fs.writeFileString(log, kept)

        // Another run's state in this one's place, whole and sealed.
        const other = `${folder}/other`
        const config = yield* writeConfig(folder, deepMerge(tinyJson, { seed: 2 }))
        yield* fovea("train", "--config", config, "--out", other)
        yield* fs.remove(`${run}/checkpoints/update-00000006`, { recursive: true })
        yield* fs.copy(`${other}/checkpoints/update-00000006`, `${run}/checkpoints/update-00000006`)
        const state = messageOf(yield* fovea("replay", run))
        assert.match(state, /after update 6, \S+\[\d+\] is \S+, but \S+ in the state of update 6 in .*checkpoints/)
      })
    )
  )

  it.live("passes over a damaged newest checkpoint only if told to", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const run = yield* trained(folder)
        yield* altered(fs, manifestOf(run, 12), (text) => text.replace('"update": 12', '"update": 13'))
        assert.include(messageOf(yield* fovea("replay", run)), "repeat the command with --on-damage fallback")
        const { code, stdout } = yield* fovea("replay", run, "--on-damage", "fallback")
        assert.strictEqual(code, 0)
        assert.include(stdout, "12 records of metrics and 3 states are the same to the bit")
      })
    )
  )

  it.live("says what it lacks", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const run = yield* trained(folder)
        const message = (...args: ReadonlyArray<string>) => Effect.map(fovea("replay", ...args), messageOf)
        assert.include(yield* message(`${folder}/nowhere`), "there is no file or folder")
        assert.include(yield* message(folder), `${folder} is no run, but holds a run: name ${run}`)
        assert.include(
          yield* message(run, "--from", "5"),
          "holds no checkpoint of update 5, but those of updates 6, 12"
        )
        assert.include(
          yield* message(run, "--from", "12"),
          "no record of updates 13 to 112 to compare with, nor of later"
        )
        assert.include(
          yield* message(manifestOf(run, 12), "--updates", "3"),
          "the next record is of update 12: ask for --updates 12"
        )
        yield* altered(fs, manifestOf(run, 12), (text) => text.replace('"update": 12', '"update": 13'))
        assert.include(yield* message(manifestOf(run, 12)), "manifest.json is damaged")
      })
    )
  )
})
