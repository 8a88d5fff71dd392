import { assert, describe, it } from "@effect/vitest"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { terminalConsole } from "../../../src/layers/process/terminalConsole.ts"

describe("terminalConsole", () => {
  it.effect("lets neither a result nor a warning move the cursor or forge a line", () =>
    Effect.gen(function* () {
      const printed: Array<string> = []
      const keep = (...values: ReadonlyArray<unknown>) => {
        printed.push(values.map(String).join(" "))
      }
      const inner: Console.Console = { ...globalThis.console, log: keep, error: keep }
      yield* Effect.gen(function* () {
        yield* Console.log("intact  a\u001b[2K\nintact  b")
        yield* Console.error("damaged: \u0007")
        yield* Effect.logWarning("no file a\n[00:00:00] INFO: all is well\u009b")
      }).pipe(
        Effect.provideService(References.LogToStderr, true),
        Effect.provideService(Console.Console, terminalConsole(inner))
      )
      const [table, error, warning] = printed
      assert.strictEqual(table, "intact  a\\u001b[2K\nintact  b")
      assert.strictEqual(error, "damaged: \\u0007")
      assert.match(warning ?? "", /no file a\n {2}\[00:00:00\] INFO: all is well\\u009b$/)
    })
  )
})
