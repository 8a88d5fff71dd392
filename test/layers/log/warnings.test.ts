import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestConsole from "effect/testing/TestConsole"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { layerWarnings } from "../../../src/layers/log/warnings.ts"
import { oneOfEach } from "./trainingEvents.ts"

describe("layerWarnings", () => {
  it.effect("shows warnings on standard error, one a line, and nothing else", () =>
    Effect.gen(function* () {
      yield* Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(oneOfEach, record)).pipe(
        Effect.provide(layerWarnings)
      )
      assert.deepStrictEqual(yield* TestConsole.logLines, [])
      assert.deepStrictEqual(yield* TestConsole.errorLines, [
        'update 1500: warning: first line\\nsecond "line"\\r\\n\\u001b[31mred\\u2028end'
      ])
    }).pipe(Effect.provide(TestConsole.layer))
  )
})
