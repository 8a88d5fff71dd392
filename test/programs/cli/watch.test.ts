import { createServer } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readJsonLines } from "../../../src/layers/log/readJsonLines.ts"
import { eventsOf, tinyJson } from "../training/tinyExperiment.ts"
import { fovea, foveaProcess, inFolder, messageOf, usageOf, writeConfig } from "./commandLine.ts"

/** Long enough to be stopped in the middle. */
const longRun = {
  ...tinyJson,
  training: { epochs: 100_000, batchSize: 4 },
  reporting: { logEveryUpdates: 100, checkpointEveryEpochs: 100_000, picturesEveryEpochs: 100_000 }
}

describe("fovea train --watch --allow-commands", () => {
  it.live(
    "serves a page of the run while it goes on, and obeys what is asked there",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const config = yield* writeConfig(folder, longRun)
          const answers: Array<number> = []
          let asked = false
          const ended = yield* foveaProcess(
            ["train", "--config", config, "--out", `${folder}/run`, "--watch", "--allow-commands"],
            (text) => {
              const address = /^Watch it at (http:\/\/127\.0\.0\.1:\d+\/)$/m.exec(text)?.[1]
              if (asked || address === undefined) return
              asked = true
              const stop = { method: "POST", headers: { "content-type": "application/json" }, body: '{"_tag":"Stop"}' }
              const ask = async (): Promise<void> => {
                answers.push((await fetch(address)).status)
                answers.push((await fetch(`${address}api/command?run=.`, stop)).status)
              }
              void ask()
            }
          )
          assert.deepStrictEqual(answers, [200, 200])
          assert.strictEqual(ended.code, 130, ended.stderr)
          const { records } = yield* readJsonLines(`${folder}/run/log.jsonl`)
          const events = records.map(({ event }) => event)
          assert.strictEqual(eventsOf("Warned", events)[0]?.message, "The run stops, as it was told to.")
          assert.strictEqual(
            eventsOf("Interrupted", events)[0]?.update,
            eventsOf("Checkpointed", events).at(-1)?.update
          )
        })
      ),
    120_000
  )
})

describe("fovea watch", () => {
  it.live("says what cannot be watched, or served", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        assert.match(
          messageOf(yield* fovea("watch", `${folder}/nothing`)),
          /nothing is not there: name the folder of a run/
        )
        yield* fs.writeFileString(`${folder}/file`, "")
        assert.match(messageOf(yield* fovea("watch", `${folder}/file`)), /file is no folder/)
        assert.match(
          usageOf(yield* fovea("watch", folder, "--port", "70000")),
          /--port: expected a whole number from 0 to 65535/
        )
        const taken = createServer()
        const port = yield* Effect.callback<number>((resume) => {
          taken.listen(0, "127.0.0.1", () => {
            const address = taken.address()
            resume(Effect.succeed(typeof address === "object" ? (address?.port ?? 0) : 0))
          })
        })
        yield* Effect.addFinalizer(() => Effect.sync(() => taken.close()))
        const refused = messageOf(yield* fovea("watch", folder, "--port", String(port)))
        assert.match(refused, /EADDRINUSE.*choose another --port/)
        assert.match(
          messageOf(yield* fovea("watch", folder, "--host", "no.such.host.invalid")),
          /Nothing can be served at no/
        )
      })
    )
  )
})
