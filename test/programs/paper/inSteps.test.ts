import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as TestConsole from "effect/testing/TestConsole"
import { heard, inSteps } from "../../../src/programs/paper/inSteps.ts"

const lines = Effect.map(TestConsole.logLines, (logged) => logged.map(String).join("\n").split("\n"))

describe("inSteps", () => {
  it.effect(
    "lists all steps and their times before the first, and says after each what was done and what is left",
    () =>
      Effect.gen(function* () {
        const step = (title: string, seconds: number, took: number) => ({
          title,
          seconds,
          act: Effect.gen(function* () {
            yield* TestClock.adjust(took * 1000)
            // Nothing is done before all is listed.
            assert.include(yield* lines, "2 steps, about 50 s in all on two idle cores:")
            return `${title} it did`
          })
        })
        yield* inSteps([step("train", 20, 60), step("measure", 30, 10)])
        assert.deepStrictEqual(yield* lines, [
          "2 steps, about 50 s in all on two idle cores:",
          "  1  train    about 20 s",
          "  2  measure  about 30 s",
          "",
          "Step 1 of 2: train (about 20 s)",
          "Step 1 of 2 done in 0:01:00: train it did; about 2 minutes to go",
          "",
          "Step 2 of 2: measure (about 30 s)",
          "Step 2 of 2 done in 0:00:10: measure it did"
        ])
      })
  )

  it.effect("promises no time where none is known", () =>
    Effect.gen(function* () {
      yield* inSteps([{ title: "train", seconds: undefined, act: Effect.succeed("trained") }])
      assert.deepStrictEqual(yield* lines, [
        "1 step:",
        "  1  train",
        "",
        "Step 1 of 1: train",
        "Step 1 of 1 done in 0:00:00: trained"
      ])
    })
  )
})

describe("heard", () => {
  it.effect("says every few seconds that work which says nothing itself goes on, and stops with it", () =>
    Effect.gen(function* () {
      const work = Effect.as(Effect.sleep("12 seconds"), "done")
      const fiber = yield* Effect.forkChild(heard("Measuring")(work))
      yield* TestClock.adjust("60 seconds")
      assert.strictEqual(fiber.pollUnsafe()?._tag, "Success")
      assert.deepStrictEqual(yield* lines, ["Measuring", "Measuring: 5 s so far", "Measuring: 10 s so far"])
    })
  )
})
