import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { readJsonLines } from "../../../src/layers/log/readJsonLines.ts"
import { loggingOf } from "../../../src/programs/cli/loggingFlags.ts"
import { collector } from "../../layers/log/collector.ts"
import { eventsIn, numberIn, textIn, valuesOf } from "../../layers/log/eventFiles.ts"
import { eventsOf } from "../training/tinyExperiment.ts"
import { fovea, inFolder, messageOf, writeConfig } from "./commandLine.ts"

const inEnvironment = (variables: Readonly<Record<string, string>>) =>
  Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(variables)))

/** The event files among what lies in a run's folder. */
const eventFilesIn = (names: ReadonlyArray<string>) => names.filter((name) => name.startsWith("events.out.tfevents."))

describe("fovea train --tensorboard", () => {
  it.live("writes event files beside log.jsonl with what it says, one for each time the run was started", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const run = `${folder}/run`
        const train = ["train", "--config", yield* writeConfig(folder), "--out", run, "--figures", "--tensorboard"]
        assert.strictEqual((yield* fovea(...train, "--updates", "5")).code, 0)
        assert.lengthOf(eventFilesIn(yield* fs.readDirectory(run)), 1)
        assert.strictEqual((yield* fovea(...train)).code, 0)
        const files = eventFilesIn(yield* fs.readDirectory(run))
        assert.lengthOf(files, 2)

        const { records } = yield* readJsonLines(`${run}/log.jsonl`)
        const progress = eventsOf(
          "Progress",
          records.map(({ event }) => event)
        )
        // A folder of nothing but event files, which is what the reader takes.
        yield* fs.makeDirectory(`${folder}/events`)
        for (const name of files) yield* fs.copyFile(`${run}/${name}`, `${folder}/events/${name}`)
        const values = eventsIn(`${folder}/events`).flatMap((event) =>
          valuesOf(event).map((value) => ({ step: numberIn(event, 2), tag: textIn(value, 1), value }))
        )
        assert.deepStrictEqual(
          values
            .filter(({ tag }) => tag === "metrics/generatorLoss")
            .map(({ step, value }) => [step, numberIn(value, 2)]),
          progress.map(({ update, metrics }) => [update, Math.fround(metrics["generatorLoss"] ?? Number.NaN)])
        )
        const tags = new Set(values.map(({ tag }) => tag))
        for (const tag of ["run/settings", "pictures/samples", "generator/patch.bias"])
          assert.isTrue(tags.has(tag), tag)
      })
    )
  )

  it.live("writes none without it", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        assert.strictEqual((yield* fovea("train", "--config", config, "--out", `${folder}/run`)).code, 0)
        assert.deepStrictEqual(eventFilesIn(yield* fs.readDirectory(`${folder}/run`)), [])
      })
    )
  )
})

describe("OTEL_EXPORTER_OTLP_ENDPOINT", () => {
  it.live("sends a training to the collector that it names, and nothing is sent without it", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const { endpoint, received } = yield* collector()
        const config = yield* writeConfig(folder)
        const train = (out: string) => fovea("train", "--config", config, "--out", `${folder}/${out}`)
        assert.strictEqual((yield* inEnvironment({})(train("silent"))).code, 0)
        assert.deepStrictEqual(received, [])
        const variables = {
          OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
          OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20key,x-other=1"
        }
        assert.strictEqual((yield* inEnvironment(variables)(train("told"))).code, 0)
        assert.includeMembers(
          received.map(({ path }) => path),
          ["/v1/traces", "/v1/metrics"]
        )
        for (const { key } of received) assert.strictEqual(key, "a key")
        for (const name of ["Training.run", "Training.epoch"]) assert.include(JSON.stringify(received), `"${name}"`)
      })
    )
  )

  it.live("is refused if it is no address, before anything is done", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const train = fovea("train", "--config", yield* writeConfig(folder), "--out", `${folder}/run`)
        const message = messageOf(yield* inEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4318" })(train))
        assert.include(message, "OTEL_EXPORTER_OTLP_ENDPOINT: expected the http address of a collector")
        assert.deepStrictEqual(yield* fs.readDirectory(folder), ["config.json"])
      })
    )
  )

  it.effect("an empty one asks for nothing; headers that are none are refused without being shown", () =>
    Effect.gen(function* () {
      const asked = (variables: Readonly<Record<string, string>>) =>
        inEnvironment(variables)(loggingOf({ tensorboard: false, quiet: false }))
      const off = { quiet: false, tensorBoard: false, telemetry: {} }
      assert.deepStrictEqual(yield* asked({}), off)
      assert.deepStrictEqual(yield* asked({ OTEL_EXPORTER_OTLP_ENDPOINT: " " }), off)
      const endpoint = "http://localhost:4318"
      for (const headers of ["secret", "=secret", "name=%E0%A4%A"]) {
        const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers }
        const { message } = yield* Effect.flip(asked(variables))
        assert.include(message, "OTEL_EXPORTER_OTLP_HEADERS: expected name=value")
        assert.notInclude(message, "secret")
      }
    })
  )
})
