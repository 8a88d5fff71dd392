import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readJsonLines } from "../../../src/layers/log/readJsonLines.ts"
import { eventsOf, metricsByUpdate, tinyJson } from "../training/tinyExperiment.ts"
import { foveaProcess, inFolder, messageOf, writeConfig } from "./commandLine.ts"

/** Long enough to be stopped in the middle: 300 updates, logged every 10. */
const longRun = {
  ...tinyJson,
  dataset: { kind: "synthetic", count: 24, height: 12, width: 10 },
  training: { epochs: 50, batchSize: 4 },
  reporting: { logEveryUpdates: 10, checkpointEveryEpochs: 1000, picturesEveryEpochs: 1000 }
}
const end = "checkpoints/update-00000300/tensors.safetensors"

/** Sends a signal once, when a text is shown. */
const onFirst = (expected: string, signal: NodeJS.Signals) => {
  let sent = false
  return (text: string, kill: (signal: NodeJS.Signals) => void): void => {
    if (sent || !text.includes(expected)) return
    sent = true
    kill(signal)
  }
}

// That a run is refused which another process is at, and admitted once that was killed: `twoRuns` of the fault tests.
describe("fovea as a process", () => {
  it.live("shows help, and ends with code 1 and one message on a bad flag", () =>
    Effect.gen(function* () {
      const help = yield* foveaProcess(["train", "--help"])
      assert.deepStrictEqual([help.code, help.stderr], [0, ""])
      assert.include(help.stdout, "--updates")
      const bad = yield* foveaProcess(["train", "--config", "/nowhere/config.json"])
      assert.match(messageOf(bad), /^\/nowhere\/config\.json: the config file is not there/)
    })
  )

  // Slow: three processes. Its quick sibling, in one process, is in runExperiment.test.ts.
  it.live(
    "checkpoints on Ctrl-C, exits with 130, and the same command goes on to the same end",
    () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          const config = yield* writeConfig(folder, longRun)
          const train = (run: string) => ["train", "--config", config, "--out", `${folder}/${run}`]
          let signalled = false
          const stopped = yield* foveaProcess(train("stopped"), (text, kill) => {
            if (signalled || !text.includes("/300  epoch")) return
            signalled = true
            kill("SIGINT")
          })
          assert.strictEqual(stopped.code, 130, stopped.stderr)
          assert.strictEqual(stopped.stderr, "")
          const update = Number(/^interrupted at update (\d+)$/m.exec(stopped.stdout)?.[1])
          assert.isAtLeast(update, 10)
          assert.isBelow(update, 300)
          assert.deepStrictEqual(yield* fs.readDirectory(`${folder}/stopped/checkpoints`), [
            `update-${String(update).padStart(8, "0")}`
          ])

          const resumed = yield* foveaProcess(train("stopped"))
          assert.deepStrictEqual([resumed.code, resumed.stderr], [0, ""])
          assert.include(resumed.stdout, `resumed tiny from update ${update}: 300 updates`)
          const whole = yield* foveaProcess(train("whole"))
          assert.deepStrictEqual([whole.code, whole.stderr], [0, ""])
          assert.deepStrictEqual(
            yield* fs.readFile(`${folder}/stopped/${end}`),
            yield* fs.readFile(`${folder}/whole/${end}`)
          )
          const metricsOf = (run: string) =>
            Effect.map(readJsonLines(`${folder}/${run}/log.jsonl`), ({ records }) =>
              metricsByUpdate(records.map(({ event }) => event))
            )
          assert.deepStrictEqual(yield* metricsOf("stopped"), yield* metricsOf("whole"))
          const { records } = yield* readJsonLines(`${folder}/stopped/log.jsonl`)
          const interrupted = eventsOf(
            "Interrupted",
            records.map(({ event }) => event)
          )
          assert.deepStrictEqual(interrupted, [{ _tag: "Interrupted", update }])
        })
      ),
    60_000
  )

  // Slow: three processes.
  it.live(
    "exits with 143 on SIGTERM, at once on a second signal, and goes on from either",
    () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          const config = yield* writeConfig(folder, { ...longRun, training: { epochs: 100_000, batchSize: 4 } })
          const train = ["train", "--config", config, "--out", `${folder}/run`]
          const once = yield* foveaProcess(train, onFirst("/600000  epoch", "SIGTERM"))
          assert.deepStrictEqual([once.code, once.stderr], [143, ""])
          const update = Number(/^interrupted at update (\d+)$/m.exec(once.stdout)?.[1])
          const twice = yield* foveaProcess(train, (text, kill) => {
            if (!text.includes("resumed")) return
            kill("SIGINT")
            // As long after the first as makes it another one, or as short as the process lives.
            setTimeout(() => kill("SIGINT"), 700)
          })
          assert.strictEqual(twice.code, 130, twice.stderr)
          assert.include(twice.stdout, `from update ${update}`)
          assert.notInclude(yield* fs.readDirectory(`${folder}/run`), "run.lock.dead")
          const again = yield* foveaProcess(train, onFirst("resumed", "SIGINT"))
          assert.deepStrictEqual([again.code, again.stderr], [130, ""])
        })
      ),
    60_000
  )
})
