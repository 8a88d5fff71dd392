import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Ref from "effect/Ref"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { layerMemory, standardOutput, TrainingLog, TrainingLogError } from "../../../src/layers/log/TrainingLog.ts"
import { logContract } from "./logContract.ts"
import { oneOfEach, progress } from "./trainingEvents.ts"

const newEvents = Ref.make<ReadonlyArray<TrainingEvent>>([])
const refusing = (reason: string) =>
  Layer.succeed(TrainingLog, {
    record: (event) => Effect.fail(new TrainingLogError({ log: "full", action: `record ${event._tag}`, reason }))
  })

logContract(
  "TrainingLog.all",
  Effect.gen(function* () {
    const [first, second] = [yield* newEvents, yield* newEvents]
    return {
      layer: TrainingLog.all([layerMemory(first), layerMemory(second)]),
      kept: Effect.zipWith(Ref.get(first), Ref.get(second), (left, right) => {
        assert.deepStrictEqual(left, right)
        return left
      }),
      expected: (recorded) => recorded
    }
  })
)

describe("TrainingLog.all", () => {
  it.effect("records with the others when one fails, and then tells the first failure", () =>
    Effect.gen(function* () {
      const events = yield* newEvents
      const all = TrainingLog.all([refusing("no space"), layerMemory(events), refusing("gone")])
      const error = yield* Effect.flip(
        Effect.provide(
          Effect.flatMap(TrainingLog, ({ record }) => record(progress())),
          all
        )
      )
      assert.strictEqual(error.message, "The training log full failed to record Progress: no space")
      assert.deepStrictEqual(yield* Ref.get(events), [progress()])
    })
  )

  it.effect("keeps its logs open until it is closed itself", () =>
    Effect.gen(function* () {
      const closed = yield* Ref.make(0)
      const closing = Layer.effect(
        TrainingLog,
        Effect.as(
          Effect.addFinalizer(() => Ref.update(closed, (count) => count + 1)),
          { record: () => Effect.void }
        )
      )
      yield* Effect.gen(function* () {
        const { record } = yield* TrainingLog
        yield* record(progress())
        assert.strictEqual(yield* Ref.get(closed), 0)
      }).pipe(Effect.provide(TrainingLog.all([closing, Layer.fresh(closing)])))
      assert.strictEqual(yield* Ref.get(closed), 2)
    })
  )

  it.effect("of no logs is silent", () =>
    Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(oneOfEach, record)).pipe(
      Effect.provide(TrainingLog.all([]))
    )
  )
})

describe("the message of a TrainingLogError", () => {
  const messageOf = (log: string, reason: string) => new TrainingLogError({ log, action: "open", reason }).message

  it("gives a remedy for what the system said of a file, and for nothing else", () => {
    assert.match(messageOf("log.jsonl", "ENOSPC: no space left on device"), /on device\. Free some space there/)
    assert.strictEqual(
      messageOf(standardOutput, "EPIPE: broken pipe"),
      "The training log standard output failed to open: EPIPE: broken pipe"
    )
    assert.match(messageOf("log.jsonl", "the key LOSSES: is no event"), /LOSSES: is no event$/)
  })
})

describe("TrainingLog.warning", () => {
  it.effect("turns a failure into a warning that tells it", () =>
    Effect.gen(function* () {
      const told: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => {
        told.push(`${logLevel}: ${message}`)
      })
      yield* Effect.flatMap(TrainingLog, ({ record }) => record(progress())).pipe(
        Effect.provide([TrainingLog.warning(refusing("no space")), Logger.layer([logger])])
      )
      assert.deepStrictEqual(told, [
        "Warn: The training log full failed to record Progress: no space. The run goes on without it."
      ])
    })
  )
})

describe("TrainingLog.withSpare", () => {
  it.effect("goes on without a log that fails, says so once in the one that is needed, and again after it worked", () =>
    Effect.gen(function* () {
      const events = yield* newEvents
      let works = [true, false, false, true, false]
      const flaky = Layer.succeed(TrainingLog, {
        record: () => {
          const [next = true, ...rest] = works
          works = rest
          return next
            ? Effect.void
            : new TrainingLogError({ log: "spare", action: "record it", reason: "b.jsonl is gone." })
        }
      })
      const steps = [1, 2, 3, 4, 5].map((update) => progress({ update }))
      yield* Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(steps, record)).pipe(
        Effect.provide([TrainingLog.withSpare(layerMemory(events), [flaky]), Logger.layer([])])
      )
      const told = (yield* Ref.get(events)).map((event) => (event._tag === "Warned" ? event : event.update))
      const message = "The training log spare failed to record it: b.jsonl is gone. The run goes on without it."
      const warned = (update: number): TrainingEvent => ({ _tag: "Warned", update, message })
      assert.deepStrictEqual(told, [1, 2, warned(2), 3, 4, 5, warned(5)])
    })
  )

  it.effect("says nothing of another in one that does not work itself", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const needed = Layer.succeed(TrainingLog, {
        record: (event) => {
          asked.push(event._tag)
          return new TrainingLogError({ log: "needed", action: "record it", reason: "no space" })
        }
      })
      const error = yield* Effect.flatMap(TrainingLog, ({ record }) => record(progress())).pipe(
        Effect.provide([TrainingLog.withSpare(needed, [refusing("gone")]), Logger.layer([])]),
        Effect.flip
      )
      assert.include(error.message, "needed")
      assert.deepStrictEqual(asked, ["Progress"])
    })
  )

  it.effect("fails as the needed one does, and the others have the event all the same", () =>
    Effect.gen(function* () {
      const events = yield* newEvents
      const error = yield* Effect.flatMap(TrainingLog, ({ record }) => record(progress())).pipe(
        Effect.provide(TrainingLog.withSpare(refusing("no space"), [layerMemory(events)])),
        Effect.flip
      )
      assert.include(error.message, "no space")
      assert.deepStrictEqual(yield* Ref.get(events), [progress()])
    })
  )
})
