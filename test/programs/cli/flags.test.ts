import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { settingsFrom } from "../../../src/domain/experiment/presets.ts"
import { type SettingsFlags, settingsOfFlags } from "../../../src/programs/cli/settingsOfFlags.ts"
import { fovea, inFolder, writeConfig } from "./commandLine.ts"

const none: SettingsFlags = {
  preset: Option.none(),
  config: Option.none(),
  set: [],
  dataset: Option.none(),
  seed: Option.none(),
  epochs: Option.none(),
  updates: Option.none(),
  batchSize: Option.none(),
  learningRate: Option.none(),
  size: Option.none(),
  crop: Option.none(),
  shards: Option.none(),
  keepLast: Option.none(),
  keepEvery: Option.none(),
  keepBest: Option.none(),
  onNotFinite: Option.none(),
  onCollapse: Option.none(),
  out: Option.none()
}

describe("the settings of a run without flags", () => {
  it.effect("are the paper's", () =>
    Effect.gen(function* () {
      const paper = Result.getOrThrow(settingsFrom("paper", []))
      assert.deepStrictEqual(yield* settingsOfFlags(none), {
        settings: paper,
        said: { training: {}, reporting: {} }
      })
      const { settings } = yield* settingsOfFlags({ ...none, preset: Option.some("modern") })
      assert.notDeepEqual(settings, paper)
    }).pipe(Effect.provide(NodeServices.layer))
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
