import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Logger from "effect/Logger"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { checkedLine } from "../../../src/layers/log/checkedLine.ts"
import { logOf, readJsonLines } from "../../../src/layers/log/readJsonLines.ts"
import { eventsOf, newPath, write } from "../../support/jsonLog.ts"
import { withWarnings } from "../../support/withWarnings.ts"
import { oneOfEach, progress } from "./trainingEvents.ts"

const whole = (update: number): string => checkedLine({ time: "t", _tag: "Interrupted", update })
const bytesOf = (lines: ReadonlyArray<string>): Uint8Array => new TextEncoder().encode(lines.join("\n"))
const torn = '{"time":"t","_tag":"Interr'
const damaged = whole(1).replace("Interrupted", "Interrupteb")

/** What is read of lines, and what is said of those that are passed over. */
const readOf = (bytes: Uint8Array) =>
  Effect.map(withWarnings(logOf("log.jsonl", bytes)), ({ result: { records, ...passedOver }, lines }) => ({
    updates: records.map(({ event }) => event.update),
    ...passedOver,
    lines
  }))

describe("lines of a log that are not what was written", () => {
  it.effect("are passed over and named in one warning, the damaged before the torn ones", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* readOf(bytesOf([whole(1), damaged, whole(2), torn, damaged])), {
        updates: [1, 2],
        tornLines: [4],
        damagedLines: [2, 5],
        lines: ["log.jsonl: lines passed over (damaged: 2, 5; cut short: 4)"]
      })
      const lines = (read: { readonly lines: ReadonlyArray<string> }) => read.lines
      assert.deepStrictEqual(lines(yield* readOf(bytesOf([torn, whole(1)]))), [
        "log.jsonl: lines passed over (cut short: 1)"
      ])
      assert.deepStrictEqual(lines(yield* readOf(bytesOf([damaged, whole(1)]))), [
        "log.jsonl: lines passed over (damaged: 1)"
      ])
      assert.deepStrictEqual(lines(yield* readOf(bytesOf([whole(1), whole(2)]))), [])
    })
  )

  it.effect("are named up to twenty", () =>
    Effect.gen(function* () {
      const [twenty, more] = [
        yield* readOf(bytesOf(Array(20).fill(torn))),
        yield* readOf(bytesOf(Array(23).fill(torn)))
      ]
      const names = Array.from({ length: 20 }, (_, i) => i + 1).join(", ")
      assert.deepStrictEqual(twenty.lines, [`log.jsonl: lines passed over (cut short: ${names})`])
      assert.deepStrictEqual(more.lines, [`log.jsonl: lines passed over (cut short: ${names} and 3 more)`])
    })
  )

  it.effect("are too many for a log beyond ten thousand, of either kind together", () =>
    Effect.gen(function* () {
      const lost = Array.from({ length: 10_000 }, (_, i) => (i % 2 === 0 ? torn : damaged))
      assert.deepStrictEqual((yield* readOf(bytesOf([...lost, whole(7)]))).updates, [7])
      const { message } = yield* Effect.flip(logOf("log.jsonl", bytesOf([...lost, torn, whole(7)])))
      assert.include(message, "it is no log: more than 10000 of its first 10002 lines are not records")
    })
  )

  it.effect("are none where a line is blank", () =>
    Effect.gen(function* () {
      const read = yield* readOf(bytesOf(["", whole(1), "  ", "\t", whole(2), ""]))
      assert.deepStrictEqual(read, { updates: [1, 2], tornLines: [], damagedLines: [], lines: [] })
    })
  )

  it.effect("are damaged by a mark of the encoding in front", () =>
    Effect.gen(function* () {
      const marked = Uint8Array.of(0xef, 0xbb, 0xbf, ...bytesOf([whole(1), whole(2)]))
      assert.deepInclude(yield* readOf(marked), { updates: [2], damagedLines: [1] })
    })
  )

  it.effect("are not those of an older version, which have no check, up to the first that has one", () =>
    Effect.gen(function* () {
      const unchecked = (update: number) => JSON.stringify({ time: "t", _tag: "Interrupted", update })
      const read = yield* readOf(bytesOf([unchecked(1), unchecked(2), whole(3), unchecked(4), whole(5)]))
      assert.deepInclude(read, { updates: [1, 2, 3, 5], damagedLines: [4], tornLines: [] })
    })
  )

  it.effect("are damaged, not wrong, where they are JSON without a check: it may be the check that was hit", () =>
    Effect.gen(function* () {
      const read = yield* readOf(bytesOf(['{"time":"t","_tag":"Nothing"}', "5", "null", whole(3)]))
      assert.deepInclude(read, { updates: [3], damagedLines: [1, 2, 3], tornLines: [] })
      const wrong = checkedLine({ time: "t", _tag: "Nothing" })
      const { message } = yield* Effect.flip(logOf("log.jsonl", bytesOf([whole(1), wrong])))
      assert.include(message, "The training log log.jsonl failed to read line 2: ")
    })
  )
})

describe("readJsonLines", () => {
  const startedAt = (update: number): TrainingEvent => ({
    _tag: "Started",
    name: "n",
    settings: {},
    update,
    totalUpdates: 9,
    backend: "b",
    parameters: 1
  })
  const first = (update: number) => progress({ update, metrics: { run: 1 } })
  const second = (update: number) => progress({ update, metrics: { run: 2 } })

  it.effect("keeps the last record of an update that was logged twice", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      yield* write(path, [first(1), first(2), first(3)])
      yield* write(path, [second(2), second(3), second(4)])
      assert.deepStrictEqual(yield* eventsOf(path), [first(1), second(2), second(3), second(4)])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("drops what lies beyond the checkpoint a run went on from, but not what happened", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const warned: TrainingEvent = { _tag: "Warned", update: 5, message: "m" }
      const saved: TrainingEvent = { _tag: "Checkpointed", update: 4, path: "c4" }
      const image: TrainingEvent = { _tag: "PictureWritten", update: 5, path: "p5" }
      yield* write(path, [startedAt(0), first(2), first(4), saved, first(5), image, warned, first(6)])
      // The second run logs every third update only: 5 is not told again, and yet is not the first run's any more.
      yield* write(path, [startedAt(4), second(7)])
      assert.deepStrictEqual(yield* eventsOf(path), [
        startedAt(0),
        first(2),
        first(4),
        saved,
        warned,
        startedAt(4),
        second(7)
      ])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("names the line that is JSON but no event, and the file that is not there", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      assert.include((yield* Effect.flip(readJsonLines(path))).message, `${path} failed to read: ENOENT`)
      yield* write(path, oneOfEach)
      for (const json of [{ time: "t", _tag: "Interrupted" }, { _tag: "Interrupted", update: 1 }, { "0": 1 }]) {
        const line = checkedLine(json)
        yield* write(path, [])
        const before = yield* fs.readFileString(path)
        yield* fs.writeFileString(path, `${before}${line}\n`)
        assert.include((yield* Effect.flip(readJsonLines(path))).message, `read line ${oneOfEach.length + 1}`)
        yield* fs.writeFileString(path, before)
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("notices every changed byte, and every other line is still there", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      const events = [progress({ update: 1 }), progress({ update: 2 }), progress({ update: 3 })]
      yield* write(path, events)
      const original = yield* fs.readFile(path)
      for (let at = 0; at < original.length; at++) {
        const bytes = Uint8Array.from(original)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
        yield* fs.writeFile(path, bytes)
        const { records, tornLines, damagedLines } = yield* readJsonLines(path)
        assert.isNotEmpty([...tornLines, ...damagedLines], `byte ${at}`)
        // A line feed that is gone joins two lines.
        assert.isAtLeast(records.length, original[at] === 0x0a ? 1 : 2)
        for (const { event } of records) assert.deepInclude(events, event)
      }
      yield* fs.writeFile(path, original)
      const { records, tornLines, damagedLines } = yield* readJsonLines(path)
      assert.deepStrictEqual([records.length, tornLines, damagedLines], [3, [], []])
    }).pipe(Effect.provide([NodeServices.layer, Logger.layer([])]))
  )

  it.effect("reads lines without checks of an older version, but not behind lines that have one", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      yield* write(path, [progress({ update: 1 })])
      const checked = yield* fs.readFileString(path)
      const unchecked = checked.replace(/,"check":"[0-9a-f]{8}"/, "")
      yield* fs.writeFileString(path, unchecked.replace('"update":1,', '"update":0,') + checked + unchecked)
      const { records, damagedLines } = yield* readJsonLines(path)
      assert.deepStrictEqual([records.length, damagedLines], [2, [3]])
    }).pipe(Effect.provide([NodeServices.layer, Logger.layer([])]))
  )

  it.effect("refuses a file of millions of lines that are no records", () =>
    Effect.gen(function* () {
      const path = yield* newPath
      const fs = yield* FileSystem.FileSystem
      yield* write(path, [])
      yield* fs.writeFileString(path, "x\n".repeat(1_000_000))
      const { message } = yield* Effect.flip(readJsonLines(path))
      assert.match(message, /it is no log: more than 10000 of its first 10002 lines are not records$/)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
