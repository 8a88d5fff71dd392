import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readJsonLines } from "../../../src/layers/log/readJsonLines.ts"
import { eventsOf, metricsByUpdate, tinyJson } from "../training/tinyExperiment.ts"
import { type Ended, fovea, foveaProcess, inFolder, messageOf, writeConfig } from "./commandLine.ts"

/** Long enough to be stopped three times: 402 updates, logged every 10. */
const longRun = {
  ...tinyJson,
  dataset: { kind: "synthetic", count: 24, height: 12, width: 10 },
  training: { epochs: 67, batchSize: 4 },
  reporting: { logEveryUpdates: 10, checkpointEveryEpochs: 1000, picturesEveryEpochs: 1000 }
}
const end = "checkpoints/update-00000402/tensors.safetensors"

/** Sends a signal once, when a text is shown. */
const onFirst = (expected: string, signal: NodeJS.Signals) => {
  let sent = false
  return (text: string, kill: (signal: NodeJS.Signals) => void): void => {
    if (sent || !text.includes(expected)) return
    sent = true
    kill(signal)
  }
}

const updateOf = ({ stdout }: Ended): number => Number(/^interrupted at update (\d+)$/m.exec(stdout)?.[1])

// That a run is refused which another process is at, and admitted once that was killed: `twoRuns` of the fault tests.
describe("fovea as a process", () => {
  it.live("ends with code 1 and one message on a config file that is not there", () =>
    Effect.gen(function* () {
      const bad = yield* foveaProcess(["train", "--config", "/nowhere/config.json"])
      assert.strictEqual(bad.code, 1)
      assert.match(messageOf(bad), /^\/nowhere\/config\.json: the config file is not there/)
    })
  )

  // Slow: three processes. Its quick sibling, in one process, is in runExperiment.test.ts.
  it.live(
    "checkpoints and exits with 130 on Ctrl-C, with 143 on SIGTERM, at once on a second signal, and goes on to the same end",
    () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          const config = yield* writeConfig(folder, longRun)
          const train = (run: string) => ["train", "--config", config, "--out", `${folder}/${run}`]
          const once = yield* foveaProcess(train("stopped"), onFirst("/402  epoch", "SIGINT"))
          assert.deepStrictEqual([once.code, once.stderr], [130, ""])
          const first = updateOf(once)
          assert.isAtLeast(first, 10)
          assert.isBelow(first, 402)
          assert.deepStrictEqual(yield* fs.readDirectory(`${folder}/stopped/checkpoints`), [
            `update-${String(first).padStart(8, "0")}`
          ])

          const again = yield* foveaProcess(train("stopped"), onFirst("/402  epoch", "SIGTERM"))
          assert.deepStrictEqual([again.code, again.stderr], [143, ""])
          assert.include(again.stdout, `resumed tiny from update ${first}: 402 updates`)
          const second = updateOf(again)
          const twice = yield* foveaProcess(train("stopped"), (text, kill) => {
            if (!text.includes("resumed")) return
            kill("SIGINT")
            // As long after the first as makes it another one, or as short as the process lives.
            setTimeout(() => kill("SIGINT"), 700)
          })
          assert.strictEqual(twice.code, 130, twice.stderr)
          assert.include(twice.stdout, `from update ${second}`)
          assert.notInclude(yield* fs.readDirectory(`${folder}/stopped`), "run.lock.dead")

          const resumed = yield* fovea(...train("stopped"))
          assert.deepStrictEqual([resumed.code, resumed.stderr], [0, ""])
          const whole = yield* fovea(...train("whole"))
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
          assert.deepStrictEqual(interrupted.slice(0, 2), [
            { _tag: "Interrupted", update: first },
            { _tag: "Interrupted", update: second }
          ])
        })
      ),
    60_000
  )
})
