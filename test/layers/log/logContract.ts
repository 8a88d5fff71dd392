import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { TrainingLog, type TrainingLogError } from "../../../src/layers/log/TrainingLog.ts"
import { oneOfEach, progress } from "./trainingEvents.ts"

/** A log of its own for one test. */
export interface LogUnderTest {
  /** Opened again for every `Effect.provide`. */
  readonly layer: Layer.Layer<TrainingLog, TrainingLogError>
  /** What it has kept so far, as far as it can tell: the events, or for a log that only shows them, their lines. */
  readonly kept: Effect.Effect<ReadonlyArray<unknown>, TrainingLogError>
  /** What it should have kept of these events. */
  readonly expected: (events: ReadonlyArray<TrainingEvent>) => ReadonlyArray<unknown>
}

/** What every `TrainingLog` promises. */
export const logContract = (name: string, make: Effect.Effect<LogUnderTest, never, Scope.Scope>): void => {
  const recordAll = (log: LogUnderTest, events: ReadonlyArray<TrainingEvent>, concurrency = 1) =>
    TrainingLog.pipe(
      Effect.flatMap(({ record }) => Effect.forEach(events, record, { concurrency, discard: true })),
      Effect.provide(log.layer, { local: true })
    )

  describe(`${name} keeps the contract of TrainingLog`, () => {
    it.effect("keeps every kind of event, in the order of recording", () =>
      Effect.gen(function* () {
        const log = yield* make
        yield* recordAll(log, oneOfEach)
        assert.deepStrictEqual(yield* log.kept, log.expected(oneOfEach))
      })
    )

    it.effect("has an event when record has succeeded, before the log is closed", () =>
      Effect.gen(function* () {
        const log = yield* make
        yield* Effect.gen(function* () {
          const { record } = yield* TrainingLog
          for (const [index, event] of oneOfEach.entries()) {
            yield* record(event)
            assert.deepStrictEqual(yield* log.kept, log.expected(oneOfEach.slice(0, index + 1)))
          }
        }).pipe(Effect.provide(log.layer, { local: true }))
      })
    )

    it.effect("goes on where it was when opened again", () =>
      Effect.gen(function* () {
        const log = yield* make
        yield* recordAll(log, oneOfEach.slice(0, 4))
        yield* recordAll(log, oneOfEach.slice(4))
        assert.deepStrictEqual(yield* log.kept, log.expected(oneOfEach))
      })
    )

    it.effect("keeps records of many fibers apart, each once", () =>
      Effect.gen(function* () {
        const log = yield* make
        const events = Array.from({ length: 60 }, (_, i) => progress({ update: i, metrics: { [`m${i}`]: i } }))
        yield* recordAll(log, events, 20)
        const inOrder = (records: ReadonlyArray<unknown>) => records.map((record) => JSON.stringify(record)).sort()
        assert.deepStrictEqual(inOrder(yield* log.kept), inOrder(log.expected(events)))
      })
    )

    it.effect("keeps nothing when nothing is recorded", () =>
      Effect.gen(function* () {
        const log = yield* make
        yield* recordAll(log, [])
        assert.deepStrictEqual(yield* log.kept, [])
      })
    )
  })
}
