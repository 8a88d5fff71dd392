import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestConsole from "effect/testing/TestConsole"
import { vi } from "vitest"
import { layerSilent, TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { oneOfEach } from "./trainingEvents.ts"

describe("layerSilent", () => {
  it.effect("succeeds for every event, and says nothing anywhere", () =>
    Effect.gen(function* () {
      const ways = [
        vi.spyOn(process.stdout, "write"),
        vi.spyOn(process.stderr, "write"),
        vi.spyOn(console, "log"),
        vi.spyOn(console, "error")
      ]
      yield* Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(oneOfEach, record)).pipe(
        Effect.provide(layerSilent)
      )
      for (const way of ways) {
        assert.strictEqual(way.mock.calls.length, 0)
        way.mockRestore()
      }
      assert.deepStrictEqual([yield* TestConsole.logLines, yield* TestConsole.errorLines], [[], []])
    }).pipe(Effect.provide(TestConsole.layer))
  )
})
