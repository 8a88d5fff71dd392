import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { systemError } from "effect/PlatformError"
import * as TestClock from "effect/testing/TestClock"
import * as fc from "fast-check"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { layerJsonLines } from "../../../src/layers/log/jsonLines.ts"
import { readJsonLines } from "../../../src/layers/log/readJsonLines.ts"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { eventsOf, newPath, withFile, write } from "../../support/jsonLog.ts"
import { logContract } from "./logContract.ts"
import { anyEvent, progress } from "./trainingEvents.ts"

logContract(
  "layerJsonLines",
  Effect.gen(function* () {
    const path = yield* newPath
    const fs = yield* FileSystem.FileSystem
    return {
      layer: Layer.provide(layerJsonLines(path), NodeServices.layer),
      kept: Effect.provideService(eventsOf(path), FileSystem.FileSystem, fs),
      expected: (events: ReadonlyArray<TrainingEvent>) => events
    }
  }).pipe(Effect.provide(NodeServices.layer), Effect.orDie)
)

describe("layerJsonLines", () => {
  it.effect("writes an object a line, its time first, and numbers JSON has not as strings", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      yield* TestClock.setTime(Date.UTC(2026, 0, 2, 3, 4, 5, 6))
      yield* write(path, [
        progress({ metrics: { generatorLoss: Number.NaN, other: -Infinity }, secondsLeft: Infinity }),
        { _tag: "Interrupted", update: 7 }
      ])
      assert.strictEqual(
        (yield* fs.readFileString(path)).replaceAll(/"check":"[0-9a-f]{8}"/g, '"check":"CRC-32"'),
        '{"time":"2026-01-02T03:04:05.006Z","_tag":"Progress","update":1200,"totalUpdates":24500,"epoch":2.4,' +
          '"metrics":{"generatorLoss":"NaN","other":"-Infinity"},"updatesPerSecond":33.14,"secondsLeft":"Infinity","check":"CRC-32"}\n' +
          '{"time":"2026-01-02T03:04:05.006Z","_tag":"Interrupted","update":7,"check":"CRC-32"}\n'
      )
      assert.deepStrictEqual(
        (yield* readJsonLines(path)).records.map(({ time }) => time),
        ["2026-01-02T03:04:05.006Z", "2026-01-02T03:04:05.006Z"]
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("gives back any events as they were recorded", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      const context = yield* Effect.context<FileSystem.FileSystem | NodeServices.NodeServices>()
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(anyEvent, { maxLength: 12 }), async (events) => {
            // Different updates, so that none supersedes another.
            const apart = events.map((event, update) => ({ ...event, update }))
            const back = await Effect.runPromiseWith(context)(
              Effect.gen(function* () {
                yield* fs.remove(path, { force: true })
                yield* write(path, apart)
                return yield* eventsOf(path)
              })
            )
            assert.deepStrictEqual(back, apart)
          }),
          { numRuns: 40 }
        )
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("opened after a crash, begins on a fresh line, wherever the last one was torn", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      const [before, torn, after] = [progress({ update: 1 }), progress({ update: 2 }), progress({ update: 3 })]
      yield* write(path, [before])
      const whole = (yield* fs.readFile(path)).length
      yield* write(path, [torn])
      const bytes = yield* fs.readFile(path)
      // Every place of the second line, from its first byte to the one before its end.
      for (let length = whole + 1; length < bytes.length; length += length < bytes.length - 3 ? 17 : 1) {
        yield* fs.writeFile(path, bytes.subarray(0, length))
        const tornRead = yield* readJsonLines(path)
        yield* write(path, [after])
        const { records, tornLines } = yield* readJsonLines(path)
        // Without its line feed alone the record is whole.
        const complete = length === bytes.length - 1
        assert.deepStrictEqual(
          tornRead.records.map(({ event }) => event),
          complete ? [before, torn] : [before]
        )
        assert.deepStrictEqual(tornRead.tornLines, complete ? [] : [2])
        assert.deepStrictEqual(
          records.map(({ event }) => event),
          complete ? [before, torn, after] : [before, after]
        )
        assert.deepStrictEqual(tornLines, complete ? [] : [2])
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("does not let a line that a full disk cut swallow the next one", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const inner = yield* FileSystem.FileSystem
      let full = false
      const fs = withFile(inner, (file) => ({
        writeAll: (bytes) =>
          full
            ? Effect.andThen(
                file.writeAll(bytes.subarray(0, bytes.length >> 1)),
                Effect.fail(
                  systemError({ _tag: "Unknown", module: "FileSystem", method: "write", description: "ENOSPC" })
                )
              )
            : file.writeAll(bytes)
      }))
      yield* Effect.gen(function* () {
        const { record } = yield* TrainingLog
        yield* record(progress({ update: 1 }))
        full = true
        for (const update of [2, 3]) yield* Effect.flip(record(progress({ update })))
        full = false
        yield* record(progress({ update: 4 }))
        yield* record(progress({ update: 5 }))
      }).pipe(Effect.provide(layerJsonLines(path)), Effect.provideService(FileSystem.FileSystem, fs))
      const { records, tornLines, damagedLines } = yield* readJsonLines(path)
      assert.deepStrictEqual(
        records.map(({ event }) => event.update),
        [1, 4, 5]
      )
      assert.deepStrictEqual([tornLines, damagedLines], [[2, 3], []])
    }).pipe(Effect.provide([NodeServices.layer, Logger.layer([])]))
  )

  it.effect("takes a line that another fiber is writing for no torn one", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      const events = Array.from({ length: 40 }, (_, update) => progress({ update }))
      yield* Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(events, record, { concurrency: 40 })).pipe(
        Effect.provide(layerJsonLines(path))
      )
      assert.notInclude(yield* fs.readFileString(path), "\n\n")
      assert.deepStrictEqual(yield* eventsOf(path), events)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("fails to record what is no event, and goes on", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      yield* Effect.gen(function* () {
        const { record } = yield* TrainingLog
        const error = yield* Effect.flip(record({ _tag: "Interrupted", update: -1 }))
        assert.include(error.message, "record Interrupted of update -1")
        yield* record({ _tag: "Interrupted", update: 1 })
      }).pipe(Effect.provide(layerJsonLines(path)))
      assert.deepStrictEqual(yield* eventsOf(path), [{ _tag: "Interrupted", update: 1 }])
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
