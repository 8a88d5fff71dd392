import * as Effect from "effect/Effect"
import { runProcess } from "../../../src/layers/process/runProcess.ts"

// Says that it runs, and at its end takes as many milliseconds as its first argument says; its second may ask for a fault.
const [, , millis = "0", fault] = process.argv
const work = Effect.gen(function* () {
  console.log("running")
  if (fault === "rejection") void Promise.reject(new Error("nobody waits for me"))
  if (fault === "failure") return yield* Effect.fail("as it may be")
  if (fault === "none") return
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
