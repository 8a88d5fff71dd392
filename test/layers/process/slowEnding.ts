import assert from "node:assert"
import * as Effect from "effect/Effect"
import { runProcess } from "../../../src/layers/process/runProcess.ts"
import { resultsAreFiles } from "../../../src/layers/process/standardStreams.ts"

// Says that it runs, and at its end takes as many milliseconds as its first argument says; its second may ask for a fault.
const [, , millis = "0", fault] = process.argv
const work = Effect.gen(function* () {
  console.log("running")
  if (fault === "rejection") void Promise.reject(new Error("nobody waits for me"))
  if (fault === "failure") return yield* Effect.fail("as it may be")
  if (fault === "exception") setTimeout(() => assert.fail("nobody catches me"))
  if (fault === "exit") setTimeout(() => process.exit(0))
  if (fault === "files") yield* resultsAreFiles
  if (fault === "none" || fault === "files") return
  yield* Effect.never
})
runProcess(
  work.pipe(
    Effect.onExit(() =>
      Effect.andThen(
        Effect.sleep(Number(millis)),
        Effect.sync(() => console.log("closed"))
      )
    )
  )
)
